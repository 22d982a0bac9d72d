import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { codeBlocks, readPage } from '../../unit/docs/pages.js';
import { METRICS } from '../../../lib/metrics/metric.definitions.js';
import { DEAD_LETTER_REASONS } from '../../../lib/entities/index.js';

const page = readPage('docs/at-night.md');
const statements = codeBlocks(page, 'sql').map(({ code }) => code);
/** The page's statement that reads a table. */
const statementOn = (table: string): string => {
  const found = statements.filter((code) => code.includes(`FROM ${table} `));
  if (found.length !== 1) throw new Error(`${found.length} statements read ${table}`);
  return found[0]!;
};

describe('docs/at-night.md', () => {
  let schema: TestSchema;
  beforeAll(async () => {
    schema = await createTestSchema();
    await schema.dataSource.query(
      `INSERT INTO dead_letter_queue (id, tenant_id, script_id, event_id, event_type, event_data, occurred_at, cause,
         reason, error, error_kind, status)
       SELECT gen_random_uuid(), 'acme', '0198c0de-0000-7000-8000-000000000001', n::text, 'user.created', '{}', now(), '{}',
         'failed', 'x is not a function', 'runtime', 'exhausted' FROM generate_series(1, 3) AS n`,
    );
    await schema.dataSource.query(
      `INSERT INTO script_executions (id, tenant_id, script_id, script_version, event_id, event_type, attempt, trigger,
         status, duration_ms, cpu_ms, queue_ms, idempotency_key, started_at, finished_at)
       SELECT gen_random_uuid(), 'acme', '0198c0de-0000-7000-8000-000000000001', 1, n::text, 'user.created', 1, 'event',
         'completed', n * 100, n, 1, n::text, now(), now() FROM generate_series(1, 3) AS n`,
    );
  });

  it('has a query that finds the scripts with the most dead letters', async () => {
    const [first] = await schema.dataSource.query<object[]>(statementOn('dead_letter_queue'));
    expect(first).toMatchObject({
      tenant_id: 'acme',
      reason: 'failed',
      error_kind: 'runtime',
      count: '3',
      error: 'x is not a function',
    });
  });

  it('has a query that finds the scripts that take the most time', async () => {
    const [first] = await schema.dataSource.query<object[]>(statementOn('script_executions'));
    expect(first).toMatchObject({
      tenant_id: 'acme',
      runs: '3',
      mean_ms: 200,
      longest_ms: 300,
      mean_cpu_ms: 2,
    });
  });

  it('has a query that finds the schedules whose times are due', async () => {
    // The script doesn't exist, because only the row of the schedule matters here.
    await schema.dataSource.query(
      `BEGIN; SET LOCAL session_replication_role = replica;
       INSERT INTO script_schedules (script_id, cron, timezone, tenant_id, definition, from_at, due_at)
       SELECT gen_random_uuid(), cron, 'UTC', 'acme', '{}', now(), now() + due FROM
         (VALUES ('0 8 * * *', interval '-1 hour'), ('0 9 * * *', interval '1 hour')) AS s (cron, due);
       COMMIT`,
    );
    const due = await schema.dataSource.query<object[]>(statementOn('script_schedules'));
    expect(due).toMatchObject([{ tenant_id: 'acme', cron: '0 8 * * *', open_event: null }]);
  });

  it('explains every reason that leaves a dead letter open', () => {
    const open = DEAD_LETTER_REASONS.filter((reason) => reason !== 'deleted');
    for (const reason of open) expect(page.text).toMatch(new RegExp(`^\\|.*\`${reason}\``, 'm'));
  });

  it('lists every recommended alert, and every part of the health', () => {
    const cells = (text: string, heading: string): string[] => {
      const part = text.split(`\n${heading}\n`)[1]?.split(/\n##/)[0] ?? '';
      return [...part.matchAll(/^\| (.+?) +\|/gm)].map(([, cell]) => cell as string).slice(1);
    };
    const withoutRule = (names: string[]): string[] => names.filter((name) => !/^-+$/.test(name));
    const alerts = withoutRule(cells(readPage('docs/metrics.md').text, '### What to alert on'));
    expect(alerts.length).toBeGreaterThan(10);
    const [, fromAlerts = ''] = page.text.split('\n## From an alert\n');
    const parted = [...(fromAlerts.split(/\n## /)[0] ?? '').matchAll(/^### (\w+)$/gm)];
    expect(parted.map(([, name]) => `[\`${name}\`](at-night.md#${name?.toLowerCase()})`)).toEqual(alerts);
    const parts = withoutRule(cells(readPage('docs/health.md').text, '## The parts'));
    expect(parts.length).toBeGreaterThan(9);
    expect(withoutRule(cells(page.text, '## From the health'))).toEqual(parts);
  });

  it('names only metrics that exist', () => {
    const known: string[] = Object.values(METRICS).map(({ name }) => name);
    const named = [...page.text.matchAll(/`(scripts_\w+)/g)].map(([, name]) => name as string);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});
