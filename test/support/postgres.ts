import { addEventHandler } from 'jest-circus';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { SCRIPTS_EVENT_ENTITIES } from '../../lib/entities/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../../migrations/index.js';
import {
  COPIED_SCHEMA,
  copyMigrated,
  databaseUrl,
  engineSchemaOf,
  testDatabaseUrl,
} from './template-database.js';

export { engineSchemaOf, testDatabaseUrl };

/** Options of a DataSource that a test may change. */
export interface TestDatabaseOptions {
  /**
   * `copied`: a database of its own, copied from one that was migrated once. `here`: the migrations run for this test, in
   * a schema of the database that all such tests share; for tests about migrations and installing, and whenever another
   * option changes what they do. `no`: the same without the migrations. Default `copied`.
   */
  migrated?: 'copied' | 'here' | 'no';
  /** In a copied database: graphile-worker is installed already, in {@link engineSchemaOf}. Default false. */
  engine?: boolean;
  /** The DataSource's option of the same name. */
  entityPrefix?: string;
  entities?: DataSourceOptions['entities'];
  migrations?: DataSourceOptions['migrations'];
}

type Options = DataSourceOptions & { type: 'postgres'; url: string; schema: string };

/** A schema that belongs to one test file, or to one test, in a database of its own or in the shared one. */
export interface TestSchema {
  name: string;
  /** Options for a DataSource of one's own on the schema, for example for `TypeOrmModule.forRoot`. */
  options: Options;
  /** An open DataSource on the schema, closed at the end of the file. A second call opens another one. */
  connect(): Promise<DataSource>;
  /** Connected and migrated, unless `migrated: 'no'`. */
  dataSource: DataSource;
}

let failed = false;
let made = 0;
addEventHandler((event) => {
  const broken = event.name === 'test_done' && event.test.errors.length > 0;
  if (broken || event.name === 'hook_failure') failed = true;
});

const open: DataSource[] = [];
const databases: string[] = [];
const schemas: string[] = [];
let administration: Promise<DataSource> | undefined;

/** A connection to the server of this run, for the whole file. */
const admin = (): Promise<DataSource> =>
  (administration ??= new DataSource({ type: 'postgres', url: testDatabaseUrl() }).initialize());

/**
 * Makes a schema of its own with the migrations run. `search_path` points to it, so raw SQL needs no schema name.
 * At the end of the test file its DataSources are closed, and it is dropped if all tests passed; a failed file keeps it
 * and says its name. Call it in a hook or a test.
 */
export async function createTestSchema(options: TestDatabaseOptions = {}): Promise<TestSchema> {
  const own = `test_${process.pid}_${Date.now().toString(36)}_${(made += 1)}`;
  const { migrated = 'copied', engine = false, ...changes } = options;
  const copied = migrated === 'copied' && !changes.entityPrefix && !changes.migrations;
  const name = copied ? COPIED_SCHEMA : own;
  if (copied) {
    await copyMigrated(await admin(), own, engine);
    databases.push(own);
  } else {
    await (await admin()).query(`CREATE SCHEMA "${name}"`);
    schemas.push(name);
  }
  const settings: Options = {
    type: 'postgres',
    url: copied ? databaseUrl(own) : testDatabaseUrl(),
    schema: name,
    entities: SCRIPTS_EVENT_ENTITIES,
    migrations: SCRIPTS_EVENT_MIGRATIONS,
    extra: { options: `-c search_path=${name}`, max: 10 },
    ...(changes as Partial<Options>),
  };
  const connect = async (): Promise<DataSource> => {
    const dataSource = await new DataSource(settings).initialize();
    open.push(dataSource);
    return dataSource;
  };
  const dataSource = await connect();
  if (!copied && migrated !== 'no') await dataSource.runMigrations();
  return { name, options: settings, connect, dataSource };
}

/** The DataSource of a new schema, for tests that need nothing else. */
export async function testDataSource(options?: TestDatabaseOptions): Promise<DataSource> {
  return (await createTestSchema(options)).dataSource;
}

afterAll(async () => {
  const connected = open.splice(0).filter((dataSource) => dataSource.isInitialized);
  await Promise.all(connected.map((dataSource) => dataSource.destroy()));
  if (!administration) return;
  const server = await administration;
  if (failed) {
    // The embedded server and its rows are gone after the run.
    const advice = process.env.TEST_DATABASE_EMBEDDED
      ? '; set TEST_DATABASE_URL to look at them after the run'
      : '';
    const places = [
      ...databases.map((name) => `database ${name}, schema ${COPIED_SCHEMA}`),
      ...schemas.map((name) => `schema ${name}`),
    ];
    process.stderr.write(`Tests failed: their rows are kept in ${places.join('; ')}${advice}\n`);
  } else {
    for (const name of databases) await server.query(`DROP DATABASE "${name}" WITH (FORCE)`);
    for (const name of schemas) {
      await server.query(`DROP SCHEMA "${name}" CASCADE`);
      await server.query(`DROP SCHEMA IF EXISTS "${engineSchemaOf({ name })}" CASCADE`);
    }
  }
  await server.destroy();
});
