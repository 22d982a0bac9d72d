import { DataSource } from 'typeorm';
import { SCRIPTS_EVENT_ENTITIES } from '../../lib/entities/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../../migrations/index.js';
import { noteStart } from './starts/note-start.js';

/** Schema of our tables in a copied database. Functions name their schema, so it is the same in each copy. */
export const COPIED_SCHEMA = 'test';

/**
 * Makes a database in which the migrations have run, and with `engine` also the installation of graphile-worker in the
 * schema {@link engineSchemaOf} of it: a copy of one that is made once in a run, by whoever needs it first.
 *
 * @param admin a connection to the server of this run
 */
export async function copyMigrated(admin: DataSource, name: string, engine: boolean): Promise<void> {
  noteStart('database');
  await admin.query(
    `CREATE DATABASE "${name}" TEMPLATE "${await template(admin, engine)}" ${await strategy(admin)}`,
  );
}

/** The schema of the durable engine that belongs to a test schema. */
export const engineSchemaOf = ({ name }: { name: string }): string => `${name}_w`;

const known = new Set<string>();

/** The name of the database that is copied, which exists from then on. */
async function template(admin: DataSource, engine: boolean): Promise<string> {
  const base = process.env.TEST_DATABASE_TEMPLATE;
  if (!base) throw new Error('No name for the template: run jest with its configuration, which sets one.');
  const name = engine ? `${base}_engine` : base;
  if (known.has(name)) return name;
  const runner = admin.createQueryRunner();
  try {
    // Another worker of the run may be making it.
    await runner.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
    const found: unknown[] = await runner.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (found.length === 0) await make(admin, name, engine ? await template(admin, false) : 'template0');
    await runner.query('SELECT pg_advisory_unlock(hashtext($1))', [name]);
  } finally {
    await runner.release();
  }
  known.add(name);
  return name;
}

async function make(admin: DataSource, name: string, from: string): Promise<void> {
  const unfinished = `${name}_unfinished`;
  await admin.query(`CREATE DATABASE "${unfinished}" TEMPLATE "${from}"`);
  const dataSource = await new DataSource({
    type: 'postgres',
    url: databaseUrl(unfinished),
    schema: COPIED_SCHEMA,
    entities: SCRIPTS_EVENT_ENTITIES,
    migrations: SCRIPTS_EVENT_MIGRATIONS,
    extra: { options: `-c search_path=${COPIED_SCHEMA}` },
  }).initialize();
  try {
    await dataSource.query(`CREATE SCHEMA IF NOT EXISTS "${COPIED_SCHEMA}"`);
    await dataSource.runMigrations();
    if (from !== 'template0') {
      const { installDurableBuffer } = await import('../../lib/buffer/durable/install-durable-buffer.js');
      await installDurableBuffer(dataSource, { schema: engineSchemaOf({ name: COPIED_SCHEMA }) });
    }
  } finally {
    await dataSource.destroy();
  }
  await admin.query(`ALTER DATABASE "${unfinished}" RENAME TO "${name}"`);
}

/**
 * Copying files takes the server half of the time of copying pages through its log; PostgreSQL 14 has no such choice.
 */
async function strategy(admin: DataSource): Promise<string> {
  const [{ release }] = await admin.query<[{ release: number }]>(
    `SELECT current_setting('server_version_num')::int AS release`,
  );
  return release >= 150_000 ? 'STRATEGY file_copy' : '';
}

/** The server that the global setup started, or the one of `TEST_DATABASE_URL`. */
export function testDatabaseUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url)
    throw new Error(
      'No test database: run jest with its configuration, which starts one, or set TEST_DATABASE_URL.',
    );
  return url;
}

/** Another database of that server. */
export const databaseUrl = (name: string): string =>
  Object.assign(new URL(testDatabaseUrl()), { pathname: `/${name}` }).href;
