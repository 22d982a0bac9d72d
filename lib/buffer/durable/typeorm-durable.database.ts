import type { Pool, PoolClient, PoolConfig, QueryConfig } from 'pg';
import type { DataSource } from 'typeorm';
import { withoutValues } from '../../common/database-error.js';
import { isCollision, MOST_COLLISIONS } from '../../common/database-failure.js';
import { inOwnContext } from '../../common/own-context.js';
import { OWN_TYPES, OWN_TYPES_OR_TEXT, type SqlTypes } from '../../common/sql-types.js';
import { DeadLetterEntity } from '../../entities/index.js';
import { FENCE_SEQUENCE } from '../../entities/fence-sequence.js';
import { ownTablePath, tablePath } from '../../entities/table-path.js';
import type {
  DatabaseClient,
  DatabasePool,
  DurableDatabase,
  DurableTables,
  PoolSettings,
} from './durable-database.js';

/** The tables that the migrations make for the durable buffer, under the host's `schema` and `entityPrefix`. */
const NAMES = {
  nodes: 'scripts_event_nodes',
  waiting: 'scripts_event_waiting',
  slots: 'scripts_event_slots',
  rates: 'scripts_event_rates',
  ordered: 'scripts_event_ordered',
  keys: 'scripts_event_keys',
};

/** The names as a list. */
export const DURABLE_TABLES: readonly string[] = Object.values(NAMES);

/** The database of an initialised TypeORM DataSource of type `postgres`. */
export class TypeOrmDurableDatabase implements DurableDatabase {
  readonly tables: DurableTables;

  constructor(private readonly dataSource: DataSource) {
    const tables = Object.entries(NAMES).map(([key, name]) => [key, ownTablePath(dataSource, name)]);
    this.tables = {
      ...(Object.fromEntries(tables) as typeof NAMES),
      deadLetters: tablePath(dataSource, DeadLetterEntity),
      fence: ownTablePath(dataSource, FENCE_SEQUENCE),
    };
  }

  openPool(settings: PoolSettings): DatabasePool {
    const { master } = this.dataSource.driver as unknown as { master: Pool };
    const { options } = master as unknown as { options: PoolConfig };
    // The host's own settings (address, TLS, search_path), and the password, which pg keeps out of enumeration.
    const config: PoolConfig & { types: SqlTypes } = {
      ...options,
      password: options.password,
      max: settings.max,
      min: 0,
      connectionTimeoutMillis: settings.connectTimeoutMs,
      query_timeout: settings.queryTimeoutMs,
      keepAlive: true,
      application_name: 'scripts-event',
      // The host's parsers must not read results of the engine's statements either.
      types: OWN_TYPES_OR_TEXT,
    };
    return new PgDatabasePool(new (master.constructor as new (config: PoolConfig) => Pool)(config));
  }
}

/**
 * A pool whose connections don't belong to the async context in which they are opened, because each later serves
 * others.
 */
class PgDatabasePool implements DatabasePool {
  private readonly clients = new Set<PoolClient>();
  private destroyed = false;

  constructor(private readonly pool: Pool) {
    // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => {
      this.clients.add(client);
      client.on('error', () => undefined);
      if (this.destroyed) cut(client);
    });
    pool.on('remove', (client) => this.clients.delete(client));
  }

  async query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    for (let collisions = 0; ; collisions++) {
      try {
        // pg accepts `types` in each query, although its type declares them for connections only.
        const statement = { text, values, types: OWN_TYPES } as QueryConfig;
        return (await inOwnContext(() => this.pool.query<Row & object>(statement))).rows;
      } catch (error) {
        if (collisions === MOST_COLLISIONS || !isCollision(error)) throw withoutValues(error);
      }
    }
  }

  async connect(): Promise<DatabaseClient> {
    return withSafeErrors((await inOwnContext(() => this.pool.connect())) as unknown as DatabaseClient);
  }

  async end(): Promise<void> {
    if (!this.pool.ending) await this.pool.end();
  }

  destroy(): void {
    this.destroyed = true;
    for (const client of this.clients) cut(client);
    this.end().catch(() => undefined);
  }
}

/** The errors of the engine's statements must not quote the values of a job. */
const withSafeErrors = (client: DatabaseClient): DatabaseClient => ({
  query: async (...query) => {
    try {
      return await client.query(...query);
    } catch (error) {
      throw withoutValues(error);
    }
  },
  release: (error) => client.release(error),
  on: (name, listener) => client.on(name, listener),
  removeListener: (name, listener) => client.removeListener(name, listener),
});

/** Cuts a connection. `end()` would wait for the answer to the current query, which a cut network never delivers. */
function cut(client: PoolClient): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
