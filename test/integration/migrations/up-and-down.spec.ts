import { createTestSchema, testDataSource } from '../../support/postgres.js';
import type { DataSource } from 'typeorm';

const OBJECTS = `
  SELECT 'relation ' || relname AS object FROM pg_class WHERE relnamespace = current_schema()::regnamespace
  UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
  UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typnamespace = current_schema()::regnamespace
  ORDER BY 1`;

const objects = async (dataSource: DataSource): Promise<string[]> =>
  (await dataSource.query<{ object: string }[]>(OBJECTS)).map((row) => row.object);

/** All objects except TypeORM's own table of migrations, its sequence, types and key, which stay. */
const withoutMigrationsTable = (names: string[]): string[] =>
  names.filter((name) => !/ _?migrations| PK_/.test(name));

describe('the migrations', () => {
  it('leave nothing behind when they are reverted, and can be run again', async () => {
    const dataSource = await testDataSource({ migrated: 'here' });
    const after = await objects(dataSource);
    for (const _ of dataSource.migrations) await dataSource.undoLastMigration();
    expect(withoutMigrationsTable(await objects(dataSource))).toEqual([]);
    await dataSource.runMigrations();
    expect(await objects(dataSource)).toEqual(after);
  });

  it('put every object under the prefix and the schema of the DataSource, so that two sets fit into one schema', async () => {
    const { options, dataSource } = await createTestSchema({ entityPrefix: 'crm_' });
    const found = withoutMigrationsTable(await objects(dataSource));
    expect(found).toContain('relation crm_scripts');
    // PostgreSQL itself names the array type of a row, with an underscore before the name.
    expect(found.filter((name) => !/ _?crm_/.test(name))).toEqual([]);
    expect(options.schema).toBe((await dataSource.query('SELECT current_schema()'))[0].current_schema);
  });
});
