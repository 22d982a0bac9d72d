/** Sends one statement and gives its rows. */
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

/** A pool of connections that belongs to the buffer alone, so that a busy host cannot starve its lease. */
export interface DatabasePool extends Sql {
  connect(): Promise<DatabaseClient>;
  /** Closes the connections once they are given back. */
  end(): Promise<void>;
  /** Cuts the connections, also those that hang: what waits on them fails at once. */
  destroy(): void;
}

/** What a pool is opened for. */
export interface PoolSettings {
  /** Most connections. */
  max: number;
  /** Longest wait for a new connection, in milliseconds. */
  connectTimeoutMs: number;
  /** Longest wait for an answer, in milliseconds; none when left out. */
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

/** The host's database, as the durable buffer sees it. */
export interface DurableDatabase {
  readonly tables: DurableTables;
  openPool(settings: PoolSettings): DatabasePool;
}
