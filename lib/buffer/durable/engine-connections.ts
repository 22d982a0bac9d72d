import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseClient, DatabasePool } from './durable-database.js';

type ConnectCallback = (error: unknown, client?: DatabaseClient, release?: () => void) => void;

/** Pause between attempts to reach a database that is away, in milliseconds. */
const RETRY_MS = 250;

/**
 * The pool that the engine is given. It keeps three things from it:
 *
 * - No connection before the node has its lease, and no error while the database is away: the caller waits instead. The
 *   engine's own answers to such errors are back-offs of minutes and the end of its worker pool.
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
  ) {}

  /** Called by the engine, with a callback for its listening connection and without one for the rest. */
  readonly connect = (callback?: ConnectCallback): Promise<DatabaseClient> | void => {
    if (!callback) return this.open();
    // Opening never fails: it waits.
    void this.open().then((client) => callback(undefined, client, () => client.release()));
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

const NOWHERE: DatabaseClient = {
  query: async () => ({ rows: [] }),
  release: () => undefined,
  on: () => undefined,
  removeListener: () => undefined,
};
