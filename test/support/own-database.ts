import { DataSource, type DataSourceOptions } from 'typeorm';
import { SCRIPTS_EVENT_ENTITIES } from '../../lib/entities/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../../migrations/index.js';
import { testDatabaseUrl } from './postgres.js';
import { noteStart } from './starts/note-start.js';

type Options = DataSourceOptions & { type: 'postgres'; url: string };

/** A database of a test's own, for what belongs to a whole database: settings, rights, extensions. */
export interface OwnDatabase {
  name: string;
  url: string;
  /** Options for a DataSource of one's own on it. */
  options: Options;
}

let made = 0;
const databases: string[] = [];

/** Makes a database, dropped at the end of the test file. */
export async function ownDatabase(): Promise<OwnDatabase> {
  const name = `own_${process.pid}_${Date.now().toString(36)}_${(made += 1)}`;
  noteStart('database');
  await asAdmin(`CREATE DATABASE "${name}" TEMPLATE template0`);
  databases.push(name);
  const url = new URL(testDatabaseUrl());
  url.pathname = `/${name}`;
  const options: Options = {
    type: 'postgres',
    url: url.toString(),
    entities: SCRIPTS_EVENT_ENTITIES,
    migrations: SCRIPTS_EVENT_MIGRATIONS,
  };
  return { name, url: url.toString(), options };
}

/** Sends statements to a database over a connection that is closed afterwards; returns the rows of the last one. */
export async function asAdmin(sql: string | readonly string[], url = testDatabaseUrl()): Promise<unknown[]> {
  const admin = await new DataSource({ type: 'postgres', url }).initialize();
  try {
    let rows: unknown[] = [];
    for (const statement of [sql].flat()) rows = await admin.query(statement);
    return rows;
  } finally {
    await admin.destroy();
  }
}

/** Runs the migrations, as a deployment does before the application starts. */
export async function migrate(options: DataSourceOptions): Promise<void> {
  const admin = await new DataSource(options).initialize();
  try {
    await admin.runMigrations();
  } finally {
    await admin.destroy();
  }
}

afterAll(async () => {
  for (const name of databases.splice(0)) await asAdmin(`DROP DATABASE "${name}" WITH (FORCE)`);
});
