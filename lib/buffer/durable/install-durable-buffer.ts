import type { DataSource } from 'typeorm';
import { PrintableLogger } from '../../common/printable-logger.js';
import { engineLogger } from './engine/engine-logger.js';
import { installEngineSchema, prepareEngineSchema } from './engine/engine-schema.js';
import { loadEngine } from './engine/engine.js';
import { DEFAULT_SCHEMA } from './graphile-worker.options.js';
import { TypeOrmDurableDatabase } from './typeorm-durable.database.js';

/**
 * Installs or updates graphile-worker's tables for the durable buffer. Call it in a migration, with
 * `buffer.installSchema: false`, if the application's database user may not create a schema. You can call it again
 * safely.
 *
 * It uses its own connections, not that of a running migration.
 *
 * @param dataSource an initialised DataSource whose user may create the schema, with this package's entities
 * @param options.schema as `buffer.schema`; default `scripts_event_worker`
 * @throws EngineMissingError if graphile-worker is not installed
 * @publicApi
 */
export async function installDurableBuffer(
  dataSource: DataSource,
  { schema = DEFAULT_SCHEMA }: { schema?: string } = {},
): Promise<void> {
  const engine = await loadEngine((line) => new PrintableLogger('DurableBuffer').warn(line));
  const database = new TypeOrmDurableDatabase(dataSource);
  const pool = database.openPool({ max: 2, connectTimeoutMs: 10_000 });
  try {
    await installEngineSchema(engine, pool, schema, engineLogger(engine));
    await prepareEngineSchema(pool, schema, database.tables);
  } finally {
    await pool.end();
  }
}
