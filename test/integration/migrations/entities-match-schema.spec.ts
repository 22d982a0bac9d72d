import type { DataSource, QueryRunner } from 'typeorm';
import { createTestSchema, testDataSource } from '../../support/postgres.js';

/** The statements that TypeORM's `synchronize` would run. */
async function pendingChanges(dataSource: DataSource): Promise<string[]> {
  const create = dataSource.createQueryRunner.bind(dataSource);
  const creating = jest
    .spyOn(dataSource, 'createQueryRunner')
    .mockImplementation((mode) => oneAtATime(create(mode)));
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  creating.mockRestore();
  return upQueries.map((change) => change.query);
}

/** TypeORM reads the tables with many statements at once on one connection, about which pg prints a deprecation. */
function oneAtATime(runner: QueryRunner): QueryRunner {
  const query = runner.query.bind(runner);
  let last: Promise<unknown> = Promise.resolve();
  runner.query = (...statement: Parameters<typeof query>) => {
    const answer = last.then(() => query(...statement));
    last = answer.catch(() => undefined);
    return answer;
  };
  return runner;
}

/** The changes that TypeORM would make to columns. The snapshot tests indexes, checks and keys without decorators. */
async function pendingColumnChanges(dataSource: DataSource): Promise<string[]> {
  for (const metadata of dataSource.entityMetadatas) metadata.synchronize = true;
  const changes = await pendingChanges(dataSource);
  return changes.filter((query) => !/^(DROP|CREATE) (UNIQUE )?INDEX|CONSTRAINT/.test(query));
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
    expect(await pendingChanges(dataSource)).toEqual([]);
  });
});
