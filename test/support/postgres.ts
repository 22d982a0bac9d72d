import { addEventHandler } from 'jest-circus';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { SCRIPTS_EVENT_ENTITIES } from '../../lib/entities/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../../migrations/index.js';

/** Options of a DataSource that a test may change. */
export interface TestDatabaseOptions {
  /** Run the migrations. Default true. */
  migrate?: boolean;
  /** The DataSource's option of the same name. */
  entityPrefix?: string;
  entities?: DataSourceOptions['entities'];
  migrations?: DataSourceOptions['migrations'];
}

type Options = DataSourceOptions & { type: 'postgres'; url: string; schema: string };

/** A schema that belongs to one test file, or to one test. */
export interface TestSchema {
  name: string;
  /** Options for a DataSource of one's own on the schema, for example for `TypeOrmModule.forRoot`. */
  options: Options;
  /** An open DataSource on the schema, closed at the end of the file. A second call opens another one. */
  connect(): Promise<DataSource>;
  /** Connected and migrated, unless `migrate: false`. */
  dataSource: DataSource;
}

let failed = false;
let made = 0;
addEventHandler((event) => {
  const broken = event.name === 'test_done' && event.test.errors.length > 0;
  if (broken || event.name === 'hook_failure') failed = true;
});

const open: DataSource[] = [];
const schemas: string[] = [];

/**
 * Makes a schema of its own with the migrations run. `search_path` points to it, so raw SQL needs no schema name.
 * At the end of the test file its DataSources are closed, and the schema is dropped if all tests passed; a failed file
 * keeps it and says its name. Call it in a hook or a test.
 */
export async function createTestSchema(options: TestDatabaseOptions = {}): Promise<TestSchema> {
  const name = `test_${process.pid}_${Date.now().toString(36)}_${(made += 1)}`;
  const { migrate = true, ...changes } = options;
  const settings: Options = {
    type: 'postgres',
    url: testDatabaseUrl(),
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
  await dataSource.query(`CREATE SCHEMA "${name}"`);
  schemas.push(name);
  if (migrate) await dataSource.runMigrations();
  return { name, options: settings, connect, dataSource };
}

/** The schema of the durable engine that belongs to a test schema; dropped with it. */
export const engineSchemaOf = ({ name }: Pick<TestSchema, 'name'>): string => `${name}_w`;

/** The DataSource of a new schema, for tests that need nothing else. */
export async function testDataSource(options?: TestDatabaseOptions): Promise<DataSource> {
  return (await createTestSchema(options)).dataSource;
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

afterAll(async () => {
  await Promise.all(open.splice(0).map((dataSource) => dataSource.isInitialized && dataSource.destroy()));
  if (schemas.length === 0) return;
  if (failed) {
    // The embedded server goes with the run, and its rows with it.
    const advice = process.env.TEST_DATABASE_EMBEDDED
      ? '; set TEST_DATABASE_URL to look at them after the run'
      : '';
    process.stderr.write(`Tests failed: their rows are kept in schema ${schemas.join(', ')}${advice}\n`);
    return;
  }
  const admin = await new DataSource({ type: 'postgres', url: testDatabaseUrl() }).initialize();
  for (const name of schemas.splice(0)) {
    await admin.query(`DROP SCHEMA "${name}" CASCADE`);
    await admin.query(`DROP SCHEMA IF EXISTS "${engineSchemaOf({ name })}" CASCADE`);
  }
  await admin.destroy();
});
