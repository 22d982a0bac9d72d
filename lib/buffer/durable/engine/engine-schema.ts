import type { DatabaseClient, DatabasePool, DurableTables, Sql } from '../durable-database.js';
import { EngineSchemaError } from './engine.errors.js';
import type { EngineModule } from './engine.js';
import { quotedSchema } from './engine-sql.js';
import { TESTED_ENGINES } from './engine-version.js';
import { TASK } from '../queue/job-envelope.js';
import { sqlStateOf } from '../../../common/database-failure.js';
import { ALL, checkRights, type NeededRights } from '../../../entities/database-rights.js';

/** The channel on which the engine announces changed tables. */
export const ENGINE_TABLES_CHANGED = 'worker:migrate';

/**
 * Installs or updates the engine's tables in a schema of their own. Several nodes may do this at once. Needs the right
 * to create a schema, or an existing schema that belongs to the database user.
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
    // A database user without CREATE rights is fine if there is nothing to create.
    if (sqlStateOf(error) !== '42501') throw error;
    throw new EngineSchemaError(
      `The database user isn't allowed to create or change the schema "${schema}" of the durable buffer. Call installDurableBuffer() as a user who is, and set buffer.installSchema to false.`,
    );
  }
}

/** The rights that the engine's statements and ours need on its tables. */
function engineRights(schema: string): NeededRights {
  const table = (name: string): string => `${quotedSchema(schema)}.${name}`;
  return {
    schemas: [schema],
    tables: {
      [table('_private_jobs')]: ALL,
      [table('_private_job_queues')]: ALL,
      [table('_private_tasks')]: ['SELECT', 'INSERT'],
      [table('_private_known_crontabs')]: ['SELECT'],
      [table('migrations')]: ['SELECT'],
    },
    sequences: ['_private_jobs_id_seq1', '_private_tasks_id_seq', '_private_job_queues_id_seq'].map(table),
  };
}

/**
 * Prepares the engine's tables and registers our kind of job. Throws if the tables are missing or hold the queue of
 * another application.
 */
export async function prepareEngineSchema(sql: Sql, schema: string, tables: DurableTables): Promise<void> {
  await checkRights(sql, engineRights(schema));
  const [row] = await sql.query<{ found: string | null }>('SELECT to_regclass($1)::text AS found', [
    `${quotedSchema(schema)}._private_jobs`,
  ]);
  if (!row?.found) {
    throw new EngineSchemaError(
      `The schema "${schema}" has no tables of the durable buffer. Call installDurableBuffer() in a migration, or set buffer.installSchema to true.`,
    );
  }
  await checkColumns(sql, schema);
  // Otherwise the first publisher's transaction would register it, and all others would wait for its commit.
  await sql.query(
    `INSERT INTO ${quotedSchema(schema)}._private_tasks (identifier) VALUES ($1) ON CONFLICT DO NOTHING`,
    [TASK],
  );
  await refuseForeignQueue(sql, schema, tables);
}

/** Columns of the engine's private tables that our statements use. */
const COLUMNS: Record<string, readonly string[]> = {
  _private_jobs: [
    'id',
    'task_id',
    'payload',
    'priority',
    'attempts',
    'max_attempts',
    'run_at',
    'locked_at',
    'locked_by',
    'is_available',
  ],
  _private_tasks: ['id', 'identifier'],
};

/**
 * Checks these columns at the start. If the tables differed from those of the tested engines, statements would fail one
 * by one at run time.
 */
async function checkColumns(sql: Sql, schema: string): Promise<void> {
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const missing = await sql.query<{ name: string }>(
      `SELECT name FROM unnest($2::text[]) AS name WHERE NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = name AND NOT attisdropped)`,
      [`${quotedSchema(schema)}.${table}`, columns],
    );
    if (missing.length === 0) continue;
    const names = missing.map(({ name }) => name).join(', ');
    throw new EngineSchemaError(
      `The table ${table} in the schema "${schema}" has no column ${names}: another version of graphile-worker made it. This release is tested with ${TESTED_ENGINES.join(' and ')}.`,
    );
  }
}

/** The beginning of the entry that says whose queue it is. The name of the application's own table follows. */
const QUEUE_OF = 'queue of ';

/**
 * Refuses the queue of another application. Two applications with tables of their own and one queue would run each
 * other's events, whose scripts they don't know. The engine's list of tasks is the only place that both see.
 */
async function refuseForeignQueue(sql: Sql, schema: string, { nodes }: DurableTables): Promise<void> {
  const tasks = `${quotedSchema(schema)}._private_tasks`;
  const owner = `FROM ${tasks} WHERE starts_with(identifier, '${QUEUE_OF}')`;
  await sql.query(
    `INSERT INTO ${tasks} (identifier) SELECT left('${QUEUE_OF}' || n.nspname || '.' || c.relname, 128)
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.oid = to_regclass($1) AND NOT EXISTS (SELECT ${owner}) ON CONFLICT DO NOTHING`,
    [nodes],
  );
  // Two nodes may have inserted an entry at the same moment; the first one counts.
  const [row] = await sql.query<{ identifier: string; ours: boolean }>(
    `SELECT identifier, to_regclass($1) IS NULL OR identifier = (
        SELECT left('${QUEUE_OF}' || n.nspname || '.' || c.relname, 128)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)) AS ours
      ${owner} ORDER BY id LIMIT 1`,
    [nodes],
  );
  if (!row || row.ours) return;
  throw new EngineSchemaError(
    `The schema "${schema}" already holds the ${row.identifier}, which is not a table of this application. Set buffer.schema to another name. If the table was renamed, delete that entry from ${tasks}.`,
  );
}

/** The engine's last change to its tables that older engines can't work with. */
export async function lastBreakingChange(sql: Sql, schema: string): Promise<number> {
  const [row] = await sql.query<{ id: number }>(
    `SELECT coalesce(max(id), 0) AS id FROM ${quotedSchema(schema)}.migrations WHERE breaking`,
  );
  return row?.id ?? 0;
}

/**
 * The channel on which our nodes learn that the engine's tables have changed. The engine's own channel,
 * `worker:migrate`, reaches every application in the database and doesn't name the schema, so a graphile-worker of the
 * host, whose tables have not changed, would stop.
 */
export const TABLES_CHANGED = 'scripts-event:engine-tables';

/** Pretends to have a listener for errors, which the engine asks for: the pool handles its errors itself. */
const forEngine = (pool: DatabasePool): unknown => ({
  connect: async () => withOwnNews(await pool.connect()),
  listeners: () => [() => undefined],
  on: () => undefined,
  removeListener: () => undefined,
});

/** A connection on which notifications about changed tables go to our channel. */
function withOwnNews(client: DatabaseClient): DatabaseClient {
  return {
    query: (statement, ...rest) => {
      const [values] = rest;
      if (!Array.isArray(values) || values[0] !== ENGINE_TABLES_CHANGED)
        return client.query(statement, ...rest);
      return client.query(statement, [TABLES_CHANGED, ...values.slice(1)]);
    },
    release: (error) => client.release(error),
    on: (name, listener) => client.on(name, listener),
    removeListener: (name, listener) => client.removeListener(name, listener),
  };
}
