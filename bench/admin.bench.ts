import { writeFileSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { eventHistory } from '../lib/activity/event-history.js';
import { TypeOrmActivityRepository } from '../lib/activity/typeorm-activity.repository.js';
import { TypeOrmScriptHealthRepository } from '../lib/breaker/typeorm-script-health.repository.js';
import { TypeOrmDeadLetterQueueRepository } from '../lib/dead-letter/store/typeorm-dead-letter-queue.repository.js';
import { PrimaryDatabase } from '../lib/entities/primary-database.js';
import { TypeOrmExecutionRepository } from '../lib/execution/typeorm-execution.repository.js';
import { TypeOrmScriptRepository } from '../lib/scripts/typeorm-script.repository.js';
import { startEmbeddedPostgres } from '../sample-app/src/database/embedded-postgres.js';
import { EXECUTIONS, fillTables, indexSizes, LARGEST, logOfRecord, scriptId } from './admin-rows.js';
import { drop, OURS, percentiles, prepare } from './durable-setup.js';

/**
 * Measures each list, group and statistic of the admin API on a table with a million executions, half of which belong to one
 * tenant: the median and the 95th percentile of a hundred calls. A file named after `--` gets the plan of each statement as
 * Markdown.
 */
const CALLS = Number(process.env.BENCH_CALLS ?? 100);
const DAY_MS = 86_400_000;
const ago = (days: number): Date => new Date(Date.now() - days * DAY_MS);

interface Sent {
  /** The statement that opens the transaction and sets its time limits. */
  begin: string;
  sql: string;
  parameters: readonly unknown[];
}

type LookAfter = (begin: string, sql: string, parameters: readonly unknown[]) => Promise<unknown[]>;

/** Records the statements that the admin API sends for a list, group or statistic. */
function recordLooks(): Sent[] {
  const sent: Sent[] = [];
  const prototype = PrimaryDatabase.prototype as unknown as { lookAfter: LookAfter };
  const { lookAfter } = prototype;
  prototype.lookAfter = function (begin, sql, parameters) {
    sent.push({ begin, sql, parameters });
    return lookAfter.call(this, begin, sql, parameters);
  };
  return sent;
}

async function questions(dataSource: DataSource): Promise<[string, () => Promise<unknown>][]> {
  const executions = new TypeOrmExecutionRepository(dataSource);
  const activity = new TypeOrmActivityRepository(dataSource);
  const letters = new TypeOrmDeadLetterQueueRepository(dataSource);
  const scripts = new TypeOrmScriptRepository(dataSource, 10_000);
  const health = new TypeOrmScriptHealthRepository(dataSource, 10_000);
  const [one]: { id: string; event_id: string }[] = await dataSource.query(
    `SELECT id, event_id FROM ${OURS}.script_executions WHERE tenant_id = $1 ORDER BY id LIMIT 1 OFFSET $2::int`,
    [LARGEST, Math.floor(EXECUTIONS / 10)],
  );
  const [retried]: { dead_letter_id: string }[] = await dataSource.query(
    `SELECT dead_letter_id FROM ${OURS}.script_executions WHERE tenant_id = $1 AND dead_letter_id IS NOT NULL LIMIT 1`,
    [LARGEST],
  );
  const [failed]: { id: string }[] = await dataSource.query(
    `SELECT id FROM ${OURS}.script_executions WHERE tenant_id = $1 AND status = 'failed' ORDER BY id DESC LIMIT 1`,
    [LARGEST],
  );
  const list = (filter: object, page: object = {}) => executions.list(LARGEST, filter, page);
  const script = scriptId(0, 8);
  return [
    ['executions: newest', () => list({})],
    ['executions: in the middle', () => list({}, { cursor: one?.id })],
    ['executions: of a script', () => list({ scriptId: script })],
    ['executions: failed', () => list({ status: 'failed' })],
    ['executions: failed, of a script', () => list({ status: 'failed', scriptId: script })],
    ['executions: of a kind', () => list({ errorKind: 'timeout' })],
    ['executions: of a kind that never occurs', () => list({ errorKind: 'memory' })],
    ['executions: of a type', () => list({ eventType: 'client.deleted' })],
    ['executions: of a type that never occurs', () => list({ eventType: 'user.created' })],
    ['executions: retries', () => list({ trigger: 'retry' })],
    ['executions: of a trigger that never occurs', () => list({ trigger: 'manual' })],
    ['executions: of an event', () => list({ eventId: one?.event_id })],
    ['executions: of a dead letter', () => list({ deadLetterId: retried?.dead_letter_id })],
    ['executions: replays of one', () => list({ replayOf: one?.id })],
    ['executions: before a week ago', () => list({ to: ago(7) })],
    ['executions: from a moment on, with none', () => list({ from: ago(-1) })],
    ['executions: of one day', () => list({ from: ago(9), to: ago(8) })],
    ['statistics: a day', () => activity.statistics(LARGEST, ago(1), 1)],
    ['statistics: a week', () => activity.statistics(LARGEST, ago(7), 1)],
    ['statistics: a week of a script', () => activity.statistics(LARGEST, ago(7), 1, script)],
    ['failures: a day', () => activity.failures(LARGEST, ago(1))],
    ['failures: a week', () => activity.failures(LARGEST, ago(7))],
    ['failures: a week of a script', () => activity.failures(LARGEST, ago(7), script)],
    ['event with what it led to', () => eventHistory(activity, LARGEST, one?.event_id ?? '')],
    ['tenants', () => activity.tenants(50)],
    ['dead letters: newest', () => letters.list(LARGEST, {}, {})],
    ['dead letters: exhausted', () => letters.list(LARGEST, { status: 'exhausted' }, {})],
    ['dead letters: of a script', () => letters.list(LARGEST, { scriptId: script }, {})],
    ['dead letters: of a reason that never occurs', () => letters.list(LARGEST, { reason: 'loop' }, {})],
    [
      'dead letters: of a type that never occurs',
      () => letters.list(LARGEST, { eventType: 'user.created' }, {}),
    ],
    ['dead letters: of a failure group', () => letters.list(LARGEST, { failedLike: failed?.id }, {})],
    ['dead letters: counts', () => letters.boundedCounts(LARGEST, 1_000, 10_000)],
    [
      'dead letters: dry run of a replay',
      () => letters.countReplayable(LARGEST, { status: 'exhausted' }, 10_001),
    ],
    ['scripts: newest', () => scripts.list(LARGEST, {})],
    ['scripts: of a name that does not occur', () => scripts.list(LARGEST, { nameContains: 'nowhere' })],
    ['scripts: degraded and disabled', () => health.list(LARGEST, ['degraded', 'disabled'], {})],
    ['health of a script', () => health.get(LARGEST, script)],
  ];
}

async function main(): Promise<void> {
  const [file] = process.argv.slice(2);
  const postgres = await startEmbeddedPostgres();
  const dataSource = await prepare(postgres.url);
  try {
    await fillTables(dataSource);
    const sent = recordLooks();
    const plans = [
      '# Plans of the admin API',
      '',
      `Written by \`npm run bench:admin\` on a table with ${EXECUTIONS.toLocaleString('en')} executions, half of them of one tenant.`,
      '',
    ];
    console.log(`${EXECUTIONS} executions, ${CALLS} calls each\n${'ms'.padEnd(46)}      p50      p95`);
    for (const [name, ask] of await questions(dataSource)) {
      sent.length = 0;
      await ask();
      const statements = [...sent];
      const times: number[] = [];
      for (let call = 0; call < CALLS; call++) {
        const began = performance.now();
        await ask();
        times.push(performance.now() - began);
      }
      const { p50, p95 } = percentiles(times);
      console.log(`${name.padEnd(46)} ${[p50, p95].map((ms) => ms.toFixed(1).padStart(8)).join(' ')}`);
      plans.push(`## ${name}\n`);
      for (const statement of statements) plans.push(await planOf(dataSource, statement));
    }
    for (const { name, mb } of await indexSizes(dataSource)) console.log(`${name.padEnd(46)} ${mb} MB`);
    console.log(`log of a record: ${(await logOfRecord(dataSource)).toFixed(0)} bytes`);
    if (process.env.BENCH_INDEX !== undefined) {
      await dataSource.query(`CREATE INDEX ON ${OURS}.script_executions ${process.env.BENCH_INDEX}`);
      console.log(`with (${process.env.BENCH_INDEX}): ${(await logOfRecord(dataSource)).toFixed(0)} bytes`);
    }
    if (file !== undefined) writeFileSync(file, plans.join('\n'));
  } finally {
    await drop(dataSource);
    await dataSource.destroy();
    await postgres.stop();
  }
}

async function planOf(dataSource: DataSource, { begin, sql, parameters }: Sent): Promise<string> {
  const values = parameters.map((value) => (value instanceof Date ? value.toISOString() : value));
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query(begin);
    const rows: { 'QUERY PLAN': string }[] = await runner.query(
      `EXPLAIN (ANALYZE, BUFFERS OFF, COSTS OFF) ${sql}`,
      values,
    );
    await runner.query('COMMIT');
    return ['```', ...rows.map((row) => row['QUERY PLAN'].replaceAll(`${OURS}.`, '')), '```', ''].join('\n');
  } finally {
    await runner.release();
  }
}

void main();
