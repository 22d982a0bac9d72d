import type { DataSource } from 'typeorm';
import { createTestSchema, testDataSource } from '../../support/postgres.js';

/** The changes that TypeORM would make to columns. The snapshot tests indexes, checks and keys without decorators. */
async function pendingColumnChanges(dataSource: DataSource): Promise<string[]> {
  for (const metadata of dataSource.entityMetadatas) metadata.synchronize = true;
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  return upQueries
    .map((change) => change.query)
    .filter((query) => !/^(DROP|CREATE) (UNIQUE )?INDEX|CONSTRAINT/.test(query));
}

describe('the entities', () => {
  it('have the columns of the tables: names, types, nullability and defaults', async () => {
    expect(await pendingColumnChanges(await testDataSource({ migrated: 'here' }))).toEqual([]);
  });

  it('are reported by this test if a column differs', async () => {
    const dataSource = await testDataSource({ migrated: 'here' });
    await dataSource.query('ALTER TABLE script_executions ALTER COLUMN error_line SET NOT NULL');
    await dataSource.query('ALTER TABLE dead_letter_queue DROP COLUMN note');
    const changes = await pendingColumnChanges(dataSource);
    expect(changes).toContainEqual(expect.stringContaining('"error_line" DROP NOT NULL'));
    expect(changes).toContainEqual(expect.stringContaining('"note"'));
  });

  it("make a host's synchronize change nothing, although they declare neither triggers nor partial indexes", async () => {
    const { dataSource } = await createTestSchema({ migrated: 'here' });
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map((change) => change.query)).toEqual([]);
  });
});
