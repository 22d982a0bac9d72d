import type { DataSource } from 'typeorm';
import { RETAINED_KINDS, type RetainedKind } from '../../../lib/retention/retained-rows.js';
import { deleteBatchSql } from '../../../lib/retention/retention.sql.js';
import { testDataSource } from '../../support/postgres.js';
import { planOf, type PlanStep } from '../../support/query-plan.js';
import { deadLetters, executions, statistics } from './retention.fixture.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

const INDEXES = {
  completedExecutions: 'script_executions_retention_idx',
  failedExecutions: 'script_executions_retention_idx',
  resolvedDeadLetters: 'dead_letter_queue_retention_idx',
  discardedDeadLetters: 'dead_letter_queue_retention_idx',
  exhaustedDeadLetters: 'dead_letter_queue_retention_idx',
  statistics: 'script_statistics_pkey',
  expiredKeys: 'script_store_expiry_idx',
} as const;

/** Rows of each kind. They are so many that the planner could prefer another plan by its cost. */
const ROWS = 20_000;

describe('deleting a batch from a table with rows', () => {
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await testDataSource();
    await executions(dataSource, 'completed', 40, ROWS);
    await executions(dataSource, 'failed', 40, ROWS);
    for (const status of ['resolved', 'discarded', 'pending'])
      await deadLetters(dataSource, status, 40, { count: ROWS });
    await deadLetters(dataSource, 'exhausted', 40, { count: ROWS, alerted: true });
    await statistics(dataSource, 40, ROWS);
    await dataSource.query('ANALYZE script_executions, dead_letter_queue, script_statistics');
  });

  /** The plan of one batch. */
  const planOfBatch = (kind: RetainedKind, limit: number): Promise<PlanStep[]> => {
    const tables = {
      executions: '"script_executions"',
      deadLetters: '"dead_letter_queue"',
      statistics: '"script_statistics"',
      store: '"script_store"',
      storeUsage: '"script_store_usage"',
    };
    return planOf(dataSource, deleteBatchSql(kind, tables), [86_400_000, limit, null]);
  };

  it.each(RETAINED_KINDS.filter((kind) => kind !== 'expiredKeys'))(
    'finds the oldest rows through an index and reads no other rows of the table (%s)',
    async (kind) => {
      const plan = await planOfBatch(kind, 1_000);
      const seen = plan.map((node) => node['Node Type']);
      expect(seen).not.toContain('Seq Scan');
      expect(seen).not.toContain('Sort');
      const scan = plan.find((node) => node['Index Name'] === INDEXES[kind]);
      expect(scan).toMatchObject({ 'Node Type': 'Index Scan' });
      expect(scan?.['Actual Rows']).toBe(1_000);
    },
  );

  it('finds the oldest expired keys of stores through an index, and locks the tenant first', async () => {
    await dataSource.query(`INSERT INTO script_store (tenant_id, scope, key, value, bytes, revision, expires_at)
      SELECT 'acme', 'tenant', 'k' || n, '1', 10, n, now() - interval '40 days' FROM generate_series(1, ${ROWS}) n`);
    await dataSource.query(
      `INSERT INTO script_store_usage (tenant_id, keys, bytes) VALUES ('acme', ${ROWS}, ${10 * ROWS})`,
    );
    await dataSource.query('ANALYZE script_store, script_store_usage');
    const plan = await planOfBatch('expiredKeys', 1_000);
    expect(plan.find((node) => node['Index Name'] === INDEXES.expiredKeys)).toMatchObject({
      'Node Type': 'Index Scan',
      'Actual Rows': 1_000,
    });
    const read = plan.filter(
      (node) => node['Relation Name'] === 'script_store' && node['Node Type'] === 'Seq Scan',
    );
    expect(read).toEqual([]);
  });

  it('reads the whole table without the index, so the tests above can fail', async () => {
    await dataSource.query('DROP INDEX script_executions_retention_idx');
    const plan = await planOfBatch('completedExecutions', 1_000);
    expect(plan.map((node) => node['Node Type'])).toContain('Seq Scan');
  });
});
