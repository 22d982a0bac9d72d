import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../common/errors.js';
import type { DatabaseClient, DatabasePool } from '../durable-database.js';
import { ENGINE_TABLES_CHANGED, TABLES_CHANGED } from './engine-schema.js';
import { GivenJobs } from './given-jobs.js';
import type { GuardedFetch, Statement } from './guarded-fetch.js';
import { PatientClient } from './patient-client.js';

type ConnectCallback = (error: unknown, client?: DatabaseClient, release?: () => void) => void;
type Notification = { channel: string };

/** Pause between attempts to reach an unavailable database, in milliseconds. */
const RETRY_MS = 250;

/** What the engine's connections report. */
export interface EngineConnectionsEvents {
  /** An engine in this database has changed its tables. The owner must look up whether they are ours. */
  tablesChanged(): void;
  /** The installed engine's fetch can't be restricted to the lease. */
  unsupported(why: string): void;
  /** A pooler doesn't keep prepared statements; the engine continues without them. Reported once. */
  namesLost(): void;
}

/**
 * The pool that the engine uses. It restricts the engine in five ways:
 *
 * - No connection before the node has its lease, and no error while the database is unavailable: statements wait and
 *   are sent again; see {@link PatientClient}.
 * - No notification that tables of an engine have changed. It doesn't name the schema, so the engine, with everything
 *   that runs, would stop because another application in the same database installs its own.
 * - No new job once the node finishes ({@link fetchNoMore}): the engine would fetch until its last worker has ended.
 * - No job without a lease, by a condition in the fetch itself: {@link GuardedFetch}.
 * - Nothing is written once the lease is gone ({@link cutOff}): the engine's rows belong to others by then, and its
 *   retries must not keep a stopping process alive.
 */
export class EngineConnections {
  private cut = false;
  private readonly cutting = new AbortController();
  private fetching = true;
  /** Whether the engine may use named statements. */
  named = true;
  readonly given: GivenJobs;

  /** @param engine the engine's schema, quoted */
  constructor(
    private readonly pool: DatabasePool,
    private readonly mayConnect: Promise<void>,
    engine: string,
    private readonly guard: GuardedFetch,
    private readonly events: EngineConnectionsEvents,
  ) {
    this.given = new GivenJobs(`${engine}._private_jobs`);
  }

  /** Called by the engine, with a callback for its listening connection and without one for the rest. */
  readonly connect = (callback?: ConnectCallback): Promise<DatabaseClient> | void => {
    if (!callback) return this.open().then((client) => new PatientClient(client, this));
    void this.listen(callback);
  };

  /** Does nothing. The engine would listen for errors of idle connections, but the pool handles them itself. */
  readonly on = (): this => this;
  readonly removeListener = (): this => this;

  /** From now on, the engine finds no jobs; running ones continue. */
  fetchNoMore(): void {
    this.fetching = false;
  }

  namesLost(): void {
    if (!this.named) return;
    this.named = false;
    this.events.namesLost();
  }

  guarded(fetch: Statement): Statement | undefined {
    if (!this.fetching) return undefined;
    try {
      return this.guard.apply(fetch);
    } catch (error) {
      this.fetchNoMore();
      this.events.unsupported(messageOf(error));
      return undefined;
    }
  }

  /** Another connection for a statement that failed. Pauses first, because the server may refuse statements. */
  async reconnect(): Promise<DatabaseClient> {
    await this.pause();
    return this.open();
  }

  /** Cuts all connections immediately. */
  cutOff(): void {
    this.cut = true;
    this.cutting.abort();
    this.pool.destroy();
  }

  /** Closes the connections after the engine has returned them. */
  end(): Promise<void> {
    return this.pool.end();
  }

  /** Never fails, but waits until there is a connection. */
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
        if (!this.cut) return client;
        client.release();
      } catch {
        await this.pause();
      }
    }
  }

  private async pause(): Promise<void> {
    await sleep(RETRY_MS, undefined, { signal: this.cutting.signal }).catch(() => undefined);
  }
}

/** Channels with notifications about changed tables: ours, and that of other engines. */
const NEWS = new Set([TABLES_CHANGED, ENGINE_TABLES_CHANGED]);

/** A connection on which notifications about changed tables don't reach the engine. */
function withoutMigrations(client: DatabaseClient, events: EngineConnectionsEvents): DatabaseClient {
  const filtered = new Map<unknown, (message: Notification) => void>();
  return {
    query: (statement, ...rest) => client.query(alsoTo(TABLES_CHANGED, statement), ...rest),
    release: (error) => client.release(error),
    on: (name, listener) => {
      if (name !== 'notification') return client.on(name, listener);
      const filter = (message: Notification) => {
        if (NEWS.has(message.channel)) events.tablesChanged();
        else (listener as (message: Notification) => void)(message);
      };
      filtered.set(listener, filter);
      return client.on(name, filter);
    },
    removeListener: (name, listener) => client.removeListener(name, filtered.get(listener) ?? listener),
  };
}

/** The engine's statement that starts or stops listening, extended by our channel. */
function alsoTo(channel: string, statement: unknown): unknown {
  if (typeof statement !== 'string') return statement;
  const [verb] = /^(UN)?LISTEN\b/.exec(statement) ?? [];
  return verb === undefined ? statement : `${statement} ${verb} "${channel}";`;
}

const NOWHERE: DatabaseClient = {
  query: async () => ({ rows: [] }),
  release: () => undefined,
  on: () => undefined,
  removeListener: () => undefined,
};
