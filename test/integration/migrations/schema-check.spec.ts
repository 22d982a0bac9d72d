import { DataSource } from 'typeorm';
import {
  MigrationsMissingError,
  MissingEntitiesError,
  UnsupportedDatabaseError,
} from '../../../lib/entities/schema-check.errors.js';
import { SchemaCheck } from '../../../lib/entities/typeorm-schema-check.js';
import { ScriptEntity, ScriptVersionEntity } from '../../../lib/entities/index.js';
import { createTestSchema, testDataSource } from '../../support/postgres.js';

const check = (dataSource: DataSource): Promise<void> => new SchemaCheck(dataSource).run();

describe('the schema check at the start', () => {
  it('passes after the migrations, also with a prefix', async () => {
    await expect(check(await testDataSource({ migrated: 'here' }))).resolves.toBeUndefined();
    await expect(check(await testDataSource({ entityPrefix: 'crm_' }))).resolves.toBeUndefined();
  });

  it('names every missing table and says how to create them when no migration has run', async () => {
    const { name, dataSource } = await createTestSchema({ migrated: 'no' });
    const error = await check(dataSource).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MigrationsMissingError);
    expect((error as MigrationsMissingError).missing).toEqual([
      `table ${name}.scripts`,
      `table ${name}.script_versions`,
      `table ${name}.script_executions`,
      `table ${name}.dead_letter_queue`,
      `table ${name}.script_health`,
      `table ${name}.script_secrets`,
      `table ${name}.script_variables`,
      `table ${name}.script_variable_versions`,
      `table ${name}.script_store`,
    ]);
    expect((error as Error).message).toContain('SCRIPTS_EVENT_MIGRATIONS');
  });

  it('names a missing column and a missing trigger', async () => {
    const { name, dataSource } = await createTestSchema({ migrated: 'here' });
    await dataSource.query('ALTER TABLE dead_letter_queue DROP COLUMN note');
    await dataSource.query('DROP TRIGGER scripts_notify_change ON scripts');
    await expect(check(dataSource)).rejects.toMatchObject({
      missing: [`trigger scripts_notify_change of ${name}.scripts`, `column ${name}.dead_letter_queue.note`],
    });
  });

  it('names the entities that the DataSource does not know', async () => {
    const dataSource = await testDataSource({ entities: [ScriptEntity, ScriptVersionEntity] });
    const error = await check(dataSource).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MissingEntitiesError);
    expect((error as MissingEntitiesError).entities).toEqual([
      'ExecutionEntity',
      'DeadLetterEntity',
      'ScriptHealthEntity',
      'SecretEntity',
      'VariableEntity',
      'VariableVersionEntity',
      'StoreEntryEntity',
    ]);
  });

  it('refuses a DataSource that is not PostgreSQL before it sends a statement', async () => {
    const sqlite = { options: { type: 'better-sqlite3' } } as unknown as DataSource;
    await expect(check(sqlite)).rejects.toBeInstanceOf(UnsupportedDatabaseError);
  });
});
