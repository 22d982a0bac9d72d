import type { DatabasePool, Sql } from './durable-database.js';
import { EngineSchemaError } from './engine.errors.js';
import type { EngineModule } from './engine.js';
import { sqlStateOf } from '../../common/database-failure.js';

/** `"schema"`, for use in SQL text. */
export const quotedSchema = (schema: string): string => `"${schema.replaceAll('"', '""')}"`;

/**
 * Installs or updates the engine's tables in a schema of their own. Several nodes may do it at once.
 * Needs the right to create a schema, or one that exists and belongs to the database user.
 */
export async function installEngineSchema(
  engine: EngineModule,
  pool: DatabasePool,
  schema: string,
  logger: unknown,
): Promise<void> {
  try {
    await engine.runMigrations({ pgPool: forEngine(pool), schema, logger });
  } catch (error) {
    // A database user who may create nothing is fine when there is nothing to create.
    if (sqlStateOf(error) !== '42501') throw error;
    throw new EngineSchemaError(
      `The database user may not create or change the schema "${schema}" of the durable buffer: let a user who may call installDurableBuffer(), and set buffer.installSchema to false.`,
    );
  }
}

/** Throws when the engine's tables are missing. */
export async function checkEngineSchema(sql: Sql, schema: string): Promise<void> {
  const [row] = await sql.query<{ found: string | null }>('SELECT to_regclass($1)::text AS found', [
    `${quotedSchema(schema)}._private_jobs`,
  ]);
  if (row?.found) return;
  throw new EngineSchemaError(
    `The durable buffer's tables are not in schema "${schema}": call installDurableBuffer() in a migration, or set buffer.installSchema to true.`,
  );
}

/** The engine looks whether somebody listens for errors of the pool; the pool does so itself. */
const forEngine = (pool: DatabasePool): unknown => ({
  connect: () => pool.connect(),
  listeners: () => [() => undefined],
  on: () => undefined,
  removeListener: () => undefined,
});
