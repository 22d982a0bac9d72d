import type { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { ActivityService } from '../../../lib/activity/activity.service.js';
import { TypeOrmActivityRepository } from '../../../lib/activity/typeorm-activity.repository.js';
import { SystemClock } from '../../../lib/common/clock.js';
import { DeadLetterService } from '../../../lib/dead-letter/dead-letter.service.js';
import type { NewDeadLetter } from '../../../lib/dead-letter/dead-letter.types.js';
import { cutError } from '../../../lib/dead-letter/new-dead-letter.js';
import { RetryStrategy } from '../../../lib/dead-letter/retry/retry.strategy.js';
import { retryVerdict } from '../../../lib/dead-letter/retry/retry.verdict.js';
import type { NewExecution } from '../../../lib/execution/execution.repository.js';
import { TypeOrmExecutionRepository } from '../../../lib/execution/typeorm-execution.repository.js';
import { testDataSource } from '../../support/postgres.js';
import { planOf, rowsRead } from '../../support/query-plan.js';
import { FULL } from '../../support/test-form.js';
import { completed, failed } from '../executions/executions.fixture.js';
import { DeadLetterWorld } from './dead-letters.fixture.js';

let dataSource: DataSource;
let world: DeadLetterWorld;
let letters: DeadLetterService;
let activity: ActivityService;

beforeAll(async () => {
  dataSource = await testDataSource();
  world = new DeadLetterWorld(dataSource);
  letters = new DeadLetterService(world.repository);
  activity = new ActivityService(new TypeOrmActivityRepository(dataSource), new SystemClock());
});
afterEach(async () => {
  await world.clear();
  await dataSource.query('TRUNCATE script_executions, script_statistics');
});

interface Failed {
  scriptId: string;
  message: string;
  kind?: string;
  line?: number | undefined;
  tenantId?: string;
}

const now = (): Pick<NewExecution, 'startedAt' | 'finishedAt'> => {
  const at = new Date().toISOString();
  return { startedAt: at, finishedAt: at };
};

/** Stores a failure as the package does: an execution and its dead letter. */
async function fail({ scriptId, message, kind = 'runtime', tenantId = 'acme', ...at }: Failed): Promise<{
  executionId: string;
  letter: string;
}> {
  const line = 'line' in at ? at.line : 7;
  const error = { kind, message, ...(line !== undefined && { line }) };
  const execution = failed({ ...now(), scriptId, tenantId, error });
  await new TypeOrmExecutionRepository(dataSource).insertMany([execution]);
  const part: Partial<NewDeadLetter> = { tenantId, errorKind: kind, error: cutError(message) };
  const { id } = await world.addOne(scriptId, {
    ...part,
    status: 'exhausted',
    reason: 'failed',
    ...(line !== undefined && { errorLine: line }),
  });
  return { executionId: execution.id, letter: id };
}

const idsLike = async (failedLike: string, tenantId = 'acme'): Promise<string[]> =>
  (await letters.list(tenantId, { failedLike })).items.map(({ id }) => id).toSorted();

/** Pairs of messages. The two of a pair belong to one group, and different pairs to different groups. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['order 17 is gone', 'order 4711 is gone'],
  ['order 17% is gone', 'order 2% is gone'],
  ['order %', 'order %'],
  ['order _', 'order _'],
  ['a\\b', 'a\\b'],
  ['a\\\\b', 'a\\\\b'],
  ["a'; DROP TABLE scripts; --", "a'; DROP TABLE scripts; --"],
  ['12345', '#'],
  ['0xdeadbeef!', '0x1!'],
  [`${uuid()} missing`, `${uuid()} missing`],
  ['a\u0000b\u0007\u001b[31m 1', 'a\u0000b\u0007\u001b[31m 22'],
  ['line\r\n\tbreak', 'line\r\n\tbreak'],
  ['half \ud83d 1', 'half \ud83d 2'],
  [`${'x'.repeat(299)}\ud83d\ude00 end`, `${'x'.repeat(299)}\ud83d\ude00 other end`],
  ['y'.repeat(10_000), `${'y'.repeat(10_000)}z`],
  ['\u202eevil', '\u202eevil'],
];

describe('the dead letters of a failure group', () => {
  it('are exactly those with its script, error kind, line and message, also for unusual messages', async () => {
    const scriptId = await world.script();
    const other = await world.script();
    const groups: { executionIds: string[]; letters: string[] }[] = [];
    const group = async (...of: Failed[]): Promise<void> => {
      const all: Awaited<ReturnType<typeof fail>>[] = [];
      for (const one of of) all.push(await fail(one));
      groups.push({
        executionIds: all.map(({ executionId }) => executionId),
        letters: all.map(({ letter }) => letter).toSorted(),
      });
    };
    for (const pair of PAIRS) await group(...pair.map((message) => ({ scriptId, message })));
    const message = 'order 1 is gone';
    await group({ scriptId, message, line: 8 });
    await group({ scriptId, message, line: undefined });
    await group({ scriptId, message, kind: 'rejected' });
    await group({ scriptId: other, message });
    await group({ scriptId: other, message: 'took 5 s', kind: 'timeout', line: undefined });
    await fail({ scriptId, message, tenantId: 'globex' });

    for (const { executionIds, letters: expected } of groups)
      for (const id of executionIds) expect(await idsLike(id)).toEqual(expected);
    const { items } = await activity.failures('acme');
    expect(items).toHaveLength(groups.length);
    for (const { executionId, count } of items) expect(await idsLike(executionId)).toHaveLength(count);
  });

  it('are the only ones that a count, a dry run, replayMany and discardMany with failedLike concern', async () => {
    const scriptId = await world.script();
    const { executionId: failedLike, letter } = await fail({ scriptId, message: 'no stock 1' });
    const second = await fail({ scriptId, message: 'no stock 22' });
    const beside = await fail({ scriptId, message: 'no goods' });
    const by = 'ada';
    expect(await letters.count('acme', { failedLike })).toBe(2);
    expect(await letters.replayMany('acme', { failedLike }, { by, dryRun: true, countUpTo: 1 })).toEqual({
      dryRun: true,
      matched: 1,
      changed: 0,
    });
    const discard = { by, note: 'gone' };
    expect(await letters.discardMany('acme', { failedLike }, { ...discard, limit: 1 })).toMatchObject({
      matched: 2,
      changed: 1,
    });
    expect(await world.statusOf(letter)).toBe('discarded');
    expect(await letters.replayMany('acme', { failedLike }, { by })).toMatchObject({
      matched: 1,
      changed: 1,
    });
    expect(await world.statusOf(second.letter)).toBe('pending');
    expect(await world.statusOf(beside.letter)).toBe('exhausted');
  });

  it('are those whose last failure belongs to the group: a retry with another error kind moves a dead letter', async () => {
    const scriptId = await world.script();
    const first = await fail({ scriptId, message: 'no stock' });
    const later = await fail({ scriptId, message: 'timed out', kind: 'timeout', line: undefined });
    await letters.replay('acme', first.letter, { by: 'ada' });
    const [claimed] = await world.repository.getPendingRetries({ limit: 1, leaseMs: 60_000, owner: 'node' });
    await world.repository.markRetried(first.letter, String(claimed?.token), {
      status: 'exhausted',
      countedRetries: 1,
      attempt: { kind: 'timeout', message: 'timed out', durationMs: 1, trigger: 'retry' },
    });
    expect(await idsLike(first.executionId)).toEqual([]);
    expect(await idsLike(later.executionId)).toEqual([first.letter, later.letter].toSorted());
    expect(await letters.get('acme', first.letter)).toMatchObject({ errorKind: 'timeout', errorLine: null });
  });

  it('are those whose last failure is on the line of the group: a retry that fails on another line moves a dead letter', async () => {
    const scriptId = await world.script();
    const first = await fail({ scriptId, message: 'no stock 1' });
    const other = await fail({ scriptId, message: 'no stock 2', line: 9 });
    await letters.replay('acme', first.letter, { by: 'ada' });
    const [claimed] = await world.repository.getPendingRetries({ limit: 1, leaseMs: 60_000, owner: 'node' });
    if (!claimed) throw new Error('nothing was claimed');
    const error = { kind: 'runtime', message: 'no stock 3', line: 9, retryable: false };
    const result = { status: 'failed', executionId: uuid(), durationMs: 1, error } as const;
    const verdict = retryVerdict(claimed, result, 1, new RetryStrategy());
    await world.repository.markRetried(first.letter, claimed.token, verdict);
    expect(await idsLike(first.executionId)).toEqual([]);
    expect(await idsLike(other.executionId)).toEqual([first.letter, other.letter].toSorted());
  });

  it('are none for an execution that completed, is unknown, or belongs to another tenant', async () => {
    const scriptId = await world.script();
    const { executionId } = await fail({ scriptId, message: 'no stock' });
    await fail({ scriptId, message: 'no stock', tenantId: 'globex' });
    const done = completed({ ...now(), scriptId });
    await new TypeOrmExecutionRepository(dataSource).insertMany([done]);
    // Nothing ran, so this dead letter belongs to no group.
    await world.addOne(scriptId, { reason: 'overflow', errorKind: null, error: 'no stock' });
    expect(await idsLike(executionId)).toHaveLength(1);
    for (const [id, tenantId] of [
      [done.id, 'acme'],
      [uuid(), 'acme'],
      [executionId, 'globex'],
    ] as const) {
      expect(await idsLike(id, tenantId)).toEqual([]);
      const many = await letters.discardMany(tenantId, { failedLike: id }, { by: 'ada', note: 'no' });
      expect(many).toEqual({ dryRun: false, matched: 0, changed: 0 });
    }
  });

  it.each([['%'], ["' OR true --"], ['x'.repeat(100_000)], ['\ud800'], [7], [null], [['a', 'b']]])(
    'are not looked up by an invalid id, which is refused (%#)',
    async (failedLike) => {
      await expect(letters.list('acme', { failedLike: failedLike as string })).rejects.toMatchObject({
        code: 'invalid-query',
        field: 'failedLike',
        message: expect.stringContaining('failedLike must be a UUID'),
      });
    },
  );

  it('are found without reading the other dead letters of their script', async () => {
    const scriptId = await world.script();
    const { executionId: failedLike, letter } = await fail({ scriptId, message: 'rare' });
    const many = FULL ? 100_000 : 5_000;
    await dataSource.query(
      `INSERT INTO dead_letter_queue (id, tenant_id, script_id, script_version, event_id, event_type, event_data, occurred_at,
          cause, reason, error, error_kind, error_line, error_alike, status)
        SELECT gen_random_uuid(), 'acme', $1, 1, 'e' || n, 'user.created', '{}', now(), '{}', 'failed', 'frequent', 'runtime', 7,
          n % 3, 'exhausted' FROM generate_series(1, $2::int) n`,
      [scriptId, many],
    );
    await dataSource.query('ANALYZE dead_letter_queue');
    const log = jest.spyOn(dataSource.logger, 'logQuery');
    expect(await idsLike(failedLike)).toEqual([letter]);
    await letters.replayMany(
      'acme',
      { failedLike, scriptId },
      { by: 'ada', dryRun: true, countUpTo: 10_001 },
    );
    await letters.discardMany('acme', { failedLike, scriptId }, { by: 'ada', note: 'gone' });
    const sent = log.mock.calls.filter(([sql]) => sql.includes('error_alike ='));
    log.mockRestore();
    expect(sent).toHaveLength(4);
    for (const [sql, parameters] of sent)
      expect(rowsRead(await planOf(dataSource, sql, parameters as unknown[]))).toBeLessThan(20);
  });
});
