/** Sends one statement and returns its rows. */
export interface Sql {
  query<Row = unknown>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** A connection checked out of a {@link DatabasePool}, as the engine uses it. */
export interface DatabaseClient {
  query(...query: unknown[]): Promise<{ rows: unknown[] }>;
  release(error?: unknown): void;
  on(name: string, listener: (message: never) => void): unknown;
  removeListener(name: string, listener: (message: never) => void): unknown;
}

/** A pool of connections for the buffer alone, so that a busy host can't starve its lease. */
export interface DatabasePool extends Sql {
  connect(): Promise<DatabaseClient>;
  /** Closes the connections when they are returned. */
  end(): Promise<void>;
  /** Cuts all connections, including hanging ones: what waits on them fails immediately. */
  destroy(): void;
}

/** Settings of a pool. */
export interface PoolSettings {
  /** Maximum number of connections. */
  max: number;
  /** Longest wait for a new connection, in milliseconds. */
  connectTimeoutMs: number;
  /** Longest wait for an answer, in milliseconds. Left out: no limit. */
  queryTimeoutMs?: number;
}

/** The tables of the durable buffer, quoted, with schema and prefix. */
export interface DurableTables {
  nodes: string;
  waiting: string;
  slots: string;
  rates: string;
  ordered: string;
  keys: string;
  deadLetters: string;
  /** The sequence of fencing tokens. */
  fence: string;
}

/** The host's database, as the durable buffer uses it. */
export interface DurableDatabase {
  readonly tables: DurableTables;
  openPool(settings: PoolSettings): DatabasePool;
}
