import type {
  DatabasePool,
  DurableDatabase,
  DurableTables,
  PoolSettings,
} from '../../lib/buffer/durable/durable-database.js';

/** Decides what happens to a statement, or to a request for a connection (its text is empty). */
export type Tamper = <T>(send: () => Promise<T>, text: string) => Promise<T>;

/** A durable buffer's database, every statement of which goes through the test. */
export class TamperedDatabase implements DurableDatabase {
  readonly tables: DurableTables;

  constructor(
    private readonly inner: DurableDatabase,
    private readonly tamper: Tamper,
  ) {
    this.tables = inner.tables;
  }

  openPool(settings: PoolSettings): DatabasePool {
    const pool = this.inner.openPool(settings);
    const { tamper } = this;
    return {
      query: (text, values) => tamper(() => pool.query(text, values), text),
      connect: () =>
        tamper(async () => {
          const client = await pool.connect();
          return {
            query: (...query) => tamper(() => client.query(...query), textOf(query[0])),
            release: (error) => client.release(error),
            on: (name, listener) => client.on(name, listener),
            removeListener: (name, listener) => client.removeListener(name, listener),
          };
        }, ''),
      end: () => pool.end(),
      destroy: () => pool.destroy(),
    };
  }
}

const textOf = (query: unknown): string =>
  typeof query === 'string' ? query : String((query as { text?: unknown }).text);
