import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseClient, DatabasePool } from './durable-database.js';

type ConnectCallback = (error: unknown, client?: DatabaseClient, release?: () => void) => void;
type Notification = { channel: string };

/** Pause between attempts to reach a database that is away, in milliseconds. */
const RETRY_MS = 250;

/** What the engine's connections tell. */
export interface EngineConnectionsEvents {
  /** Some engine in this database has changed its tables; whether they are ours has to be looked up. */
  tablesChanged(): void;
}

/**
 * The pool that the engine is given. It keeps four things from it:
 *
 * - No connection before the node has its lease, and no error while the database is away: the caller waits instead. The
 *   engine's own answers to such errors are back-offs of minutes and the end of its worker pool.
 * - The news that tables of an engine have changed. They do not say in which schema; the engine would stop, with all that
 *   runs, because another application in the same database installs its own.
 * - No new job once the node finishes ({@link fetchNoMore}): the engine would fetch until its last worker has ended.
 * - Once the lease is gone ({@link cutOff}), everything the engine still wants to write goes nowhere: its rows belong to
 *   others by then, and its retries must not keep a stopping process alive.
 */
export class EngineConnections {
  private cut = false;
  private fetching = true;
  private readonly cutting = new AbortController();

  constructor(
    private readonly pool: DatabasePool,
    private readonly mayConnect: Promise<void>,
    private readonly events: EngineConnectionsEvents,
  ) {}

  /** Called by the engine, with a callback for its listening connection and without one for the rest. */
  readonly connect = (callback?: ConnectCallback): Promise<DatabaseClient> | void => {
    if (!callback) return this.open();
    void this.listen(callback);
  };

  /** The engine listens for errors of idle connections; the pool deals with them itself. */
  readonly on = (): this => this;
  readonly removeListener = (): this => this;

  /** From now on the engine finds no jobs; what it has goes on. */
  fetchNoMore(): void {
    this.fetching = false;
  }

  /** Ends all connections at once. */
  cutOff(): void {
    this.cut = true;
    this.cutting.abort();
    this.pool.destroy();
  }

  /** Ends the connections after the engine has given them back. */
  end(): Promise<void> {
    return this.pool.end();
  }

  /** Never fails: it waits. */
  private async listen(callback: ConnectCallback): Promise<void> {
    const client = withoutMigrations(await this.open(), this.events);
    callback(undefined, client, () => client.release());
  }

  private async open(): Promise<DatabaseClient> {
    await this.mayConnect;
    for (;;) {
      if (this.cut) return NOWHERE;
      try {
        const client = await this.pool.connect();
        if (!this.cut) return this.fetching ? client : withoutJobs(client);
        client.release();
      } catch {
        await sleep(RETRY_MS, undefined, { signal: this.cutting.signal }).catch(() => undefined);
      }
    }
  }
}

/** The engine's fetch is its only statement that skips locked rows. */
const isFetch = (query: unknown): boolean =>
  typeof query === 'object' &&
  query !== null &&
  /skip\s+locked/i.test(String((query as { text?: unknown }).text));

/** A connection over which nothing is fetched. */
const withoutJobs = (client: DatabaseClient): DatabaseClient => ({
  query: async (...query) => (isFetch(query[0]) ? { rows: [] } : client.query(...query)),
  release: (error) => client.release(error),
  on: (name, listener) => client.on(name, listener),
  removeListener: (name, listener) => client.removeListener(name, listener),
});

/** A connection on which news of changed tables do not reach the engine. */
function withoutMigrations(client: DatabaseClient, events: EngineConnectionsEvents): DatabaseClient {
  const filtered = new Map<unknown, (message: Notification) => void>();
  return {
    query: (...query) => client.query(...query),
    release: (error) => client.release(error),
    on: (name, listener) => {
      if (name !== 'notification') return client.on(name, listener);
      const filter = (message: Notification) => {
        if (message.channel === 'worker:migrate') events.tablesChanged();
        else (listener as (message: Notification) => void)(message);
      };
      filtered.set(listener, filter);
      return client.on(name, filter);
    },
    removeListener: (name, listener) => client.removeListener(name, filtered.get(listener) ?? listener),
  };
}

const NOWHERE: DatabaseClient = {
  query: async () => ({ rows: [] }),
  release: () => undefined,
  on: () => undefined,
  removeListener: () => undefined,
};
