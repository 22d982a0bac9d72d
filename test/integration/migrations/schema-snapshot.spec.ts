import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeSchema } from '../../support/schema-description.js';
import { inShortOneIn } from '../../support/test-form.js';
import { testDataSource } from '../../support/postgres.js';

const FILE = join(__dirname, '..', '..', '..', 'migrations', 'schema.sql');
const HEADER = `-- The schema after all migrations, for reading and for review. Checked by a test; written anew by
--   UPDATE_SCHEMA=true npx jest test/integration/migrations/schema-snapshot.spec.ts

`;

describe('migrations/schema.sql', () => {
  it('is the schema that the migrations create', async () => {
    const made = HEADER + (await describeSchema(await testDataSource({ migrated: 'here' })));
    if (process.env.UPDATE_SCHEMA === 'true') writeFileSync(FILE, made);
    expect(made).toBe(readFileSync(FILE, 'utf8'));
  });

  it('differs if a column, a check, an index or a trigger changes', async () => {
    const changes = [
      'ALTER TABLE scripts ALTER COLUMN description SET NOT NULL',
      'ALTER TABLE scripts DROP CONSTRAINT scripts_status_check',
      'ALTER TABLE scripts ALTER COLUMN tenant_id TYPE text',
      'DROP INDEX scripts_active_idx',
      'DROP TRIGGER script_versions_refuse_update ON script_versions',
    ];
    const dataSource = await testDataSource({ migrated: 'here' });
    let before = await describeSchema(dataSource);
    for (const change of inShortOneIn(3, changes)) {
      await dataSource.query(change);
      const after = await describeSchema(dataSource);
      expect(after).not.toBe(before);
      before = after;
    }
  });

  it('has no index whose text is in the order of the database, which an update of its system may change', async () => {
    const dataSource = await testDataSource({ migrated: 'here' });
    const ordered = (): Promise<{ index: string }[]> =>
      dataSource.query(
        `SELECT i.indexrelid::regclass::text AS index FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
           CROSS JOIN unnest(i.indcollation) AS used
          WHERE c.relnamespace = current_schema()::regnamespace AND c.relname NOT LIKE 'migrations%'
            AND used NOT IN (0, '"C"'::regcollation)`,
      );
    expect(await ordered()).toEqual([]);
    await dataSource.query('CREATE INDEX by_note ON dead_letter_queue (note)');
    expect(await ordered()).toEqual([{ index: 'by_note' }]);
  });
});
