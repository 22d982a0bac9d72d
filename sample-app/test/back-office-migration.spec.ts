import { createTestSchema } from '../../test/support/postgres.js';
import { backOfficeMigrations } from '../src/database/migrations/index.js';

it('the migration creates the tables of the back office in the schema of the data source, and drops them again', async () => {
  const { name, dataSource } = await createTestSchema({ migrations: backOfficeMigrations, entities: [] });
  const tables = async (): Promise<string[]> => {
    const rows: { table_name: string }[] = await dataSource.query(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = $1 AND table_name <> 'migrations' ORDER BY 1",
      [name],
    );
    return rows.map((row) => row.table_name);
  };
  expect(await tables()).toEqual([
    'chats',
    'clients',
    'debts',
    'expenses',
    'messages',
    'payments',
    'sessions',
    'transactions',
    'users',
  ]);
  await dataSource.undoLastMigration();
  expect(await tables()).toEqual([]);
});
