import type { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { ActivityService } from '../../../lib/activity/activity.service.js';
import { activitySql } from '../../../lib/activity/activity.sql.js';
import { TenantsService } from '../../../lib/activity/tenants.service.js';
import { TypeOrmActivityRepository } from '../../../lib/activity/typeorm-activity.repository.js';
import { SystemClock } from '../../../lib/common/clock.js';
import { isoTime } from '../../../lib/common/sql-types.js';
import { publishedEventId } from '../../../lib/events/published-event-id.js';
import type { NewExecution } from '../../../lib/execution/execution.repository.js';
import { TypeOrmExecutionRepository } from '../../../lib/execution/typeorm-execution.repository.js';
import { testDataSource } from '../../support/postgres.js';
import { planOf, rowsRead } from '../../support/query-plan.js';
import { DeadLetterWorld } from '../dead-letter/dead-letters.fixture.js';
import { completed, failed } from '../executions/executions.fixture.js';

const HOUR = 3_600_000;
const SCRIPT = '0198c0de-0000-7000-8000-000000000001';
const OTHER = '0198c0de-0000-7000-8000-000000000002';

let dataSource: DataSource;
let world: DeadLetterWorld;
let activity: ActivityService;
let tenants: TenantsService;

/** The id and times of an execution that began this many milliseconds ago. */
const ago = (ms: number): Pick<NewExecution, 'id' | 'startedAt' | 'finishedAt'> => {
  const msecs = Date.now() - ms;
  const at = new Date(msecs).toISOString();
  return { id: uuid({ msecs }), startedAt: at, finishedAt: at };
};

const store = (...executions: NewExecution[]): Promise<number> =>
  new TypeOrmExecutionRepository(dataSource).insertMany(executions);

const failure = (message: string, part: Partial<NewExecution> = {}): NewExecution =>
  failed({ ...ago(0), error: { kind: 'runtime', message, line: 7 }, ...part });

beforeAll(async () => {
  dataSource = await testDataSource();
  world = new DeadLetterWorld(dataSource);
  const repository = new TypeOrmActivityRepository(dataSource);
  activity = new ActivityService(repository, new SystemClock());
  tenants = new TenantsService(repository);
});
afterEach(async () => {
  await world.clear();
  await dataSource.query('TRUNCATE script_executions, script_statistics');
});

describe('failures that look alike', () => {
  it('are one group, even if the numbers and ids in their messages differ', async () => {
    await store(
      failure('order 17 of 0198c0de-0000-7000-8000-00000000abcd is gone', {
        ...ago(2 * HOUR),
        scriptVersion: 2,
      }),
      failure('order 4711 of 0198c0de-0000-7000-8000-00000000ffff is gone', {
        ...ago(HOUR),
        scriptVersion: 5,
      }),
      failure('order 17 is late'),
      failure('order 17 is late', { error: { kind: 'runtime', message: 'order 17 is late', line: 8 } }),
      failure('order 17 is late', { scriptId: OTHER }),
    );
    const { items, more } = await activity.failures('acme');
    expect(more).toBe(false);
    expect(items).toHaveLength(4);
    expect(items[0]).toMatchObject({
      scriptId: SCRIPT,
      kind: 'runtime',
      line: 7,
      message: 'order # of # is gone',
      count: 2,
      firstVersion: 2,
      lastVersion: 5,
    });
    const [{ firstAt, lastAt } = { firstAt: new Date(), lastAt: new Date() }] = items;
    expect(lastAt.getTime() - firstAt.getTime()).toBeGreaterThan(HOUR / 2);
    expect((await activity.failures('acme', { scriptId: OTHER })).items).toMatchObject([{ count: 1 }]);
    expect(await activity.failures('acme', { limit: 1 })).toEqual({ items: [items[0]], more: true });
    await expect(activity.failures('acme', { limit: 201 })).rejects.toMatchObject({
      code: 'invalid-query',
      field: 'limit',
    });
  });

  it('are counted for one tenant and the requested time, without test runs', async () => {
    await store(
      failure('theirs', { tenantId: 'beta' }),
      failure('old', ago(30 * HOUR)),
      failure('tried', { trigger: 'test' }),
    );
    expect((await activity.failures('acme')).items).toEqual([]);
    const from = new Date(Date.now() - 40 * HOUR);
    expect((await activity.failures('acme', { from })).items).toMatchObject([{ message: 'old' }]);
  });

  it('are refused, like statistics, for more than 7 days', async () => {
    const from = (days: number): Date => new Date(Date.now() - days * 24 * HOUR);
    await activity.failures('acme', { from: from(7) });
    await expect(activity.failures('acme', { from: from(8) })).rejects.toThrow('at most 7 days ago');
    await expect(activity.statistics('acme', { from: from(8) })).rejects.toThrow('at most 7 days ago');
  });
});

describe('statistics', () => {
  const hours = (n: number): Partial<NewExecution> => ({ ...ago(n * HOUR), durationMs: 10, queueMs: 4 });
  const since = (n: number): Date => new Date(Date.now() - n * HOUR);

  it('count completed and failed executions in each hour, without test runs', async () => {
    await store(
      completed(hours(3)),
      completed({ ...hours(3), durationMs: 30, scriptId: OTHER }),
      failed(hours(3)),
      completed({ ...hours(0), trigger: 'test' }),
      completed({ ...hours(0), tenantId: 'beta' }),
    );
    await store(completed(hours(0)), completed(hours(30)));
    const { items } = await activity.statistics('acme', { from: since(4) });
    expect(items).toMatchObject([
      { completed: 2, failed: 1, meanDurationMs: 16.667, meanQueueMs: 4 },
      { completed: 1, failed: 0, meanDurationMs: 10, meanQueueMs: 4 },
    ]);
    for (const { at } of items) expect(at.getTime() % HOUR).toBe(0);
    const ofOne = await activity.statistics('acme', { from: since(4), scriptId: OTHER });
    expect(ofOne.items).toMatchObject([{ completed: 1, failed: 0, meanDurationMs: 30 }]);
    const [day, ...more] = (await activity.statistics('acme', { from: since(100), bucketHours: 24 })).items;
    expect(day?.at.getTime()).toBe(
      Math.floor(Date.parse(hours(30).startedAt as string) / (24 * HOUR)) * 24 * HOUR,
    );
    expect([day, ...more].reduce((sum, bucket) => sum + (bucket?.completed ?? 0), 0)).toBe(4);
  });

  it('count each execution once, even if several nodes store its record several times', async () => {
    const batch = Array.from({ length: 40 }, (_, n) =>
      completed({ ...hours(1), scriptId: n % 2 ? OTHER : SCRIPT, eventId: `e${n}` }),
    );
    // As after lost answers: in different orders, and with a second completion of each event.
    const repeated = batch.map((execution) => ({ ...execution, ...ago(HOUR) }));
    const nodes = Array.from({ length: 4 }, () => new TypeOrmExecutionRepository(dataSource));
    await Promise.all(
      nodes.flatMap((node) => [
        node.insertMany(batch),
        node.insertMany(batch.toReversed()),
        node.insertMany(repeated),
      ]),
    );
    const [stored] = await dataSource.query('SELECT count(*)::int AS count FROM script_executions');
    const { items } = await activity.statistics('acme', { from: since(3) });
    expect(stored).toEqual({ count: 40 });
    expect(items.reduce((sum, { completed: count }) => sum + count, 0)).toBe(40);
  });

  it.each([
    [{ bucketHours: 0 }, 'bucketHours'],
    [{ bucketHours: 25 }, 'bucketHours'],
    [{ from: new Date(0) }, 'from'],
    [{ from: 'yesterday' }, 'from'],
    [{ scriptId: 'x' }, 'scriptId'],
    [{ bucket: 5 }, 'bucket'],
  ])('refuse the query %j and name the field', async (query, field) => {
    await expect(activity.statistics('acme', query as never)).rejects.toMatchObject({ field });
  });
});

describe('the history of an event', () => {
  const occurredAt = '2026-01-02T03:04:04.000Z';
  const child = (id: string, index: number, scriptId = SCRIPT): string =>
    publishedEventId({ id, tenantId: 'acme', occurredAt }, scriptId, index);

  it('has its executions and dead letters, and those of the events that they led to', async () => {
    const second = child('root', 1);
    const third = child(second, 0, OTHER);
    await store(
      failed({ eventId: 'root', publishedEvents: 0 }),
      completed({ eventId: 'root', publishedEvents: 2, attempt: 2 }),
      completed({ eventId: second, eventType: 'order.checked', scriptId: OTHER }),
      completed({ eventId: third, eventType: 'order.done', publishedEvents: 0 }),
      completed({ eventId: second, tenantId: 'beta' }),
    );
    await world.addOne(await world.script(), { eventId: second });
    const history = await activity.event('acme', 'root');
    expect(history).toMatchObject({
      more: false,
      event: {
        eventId: 'root',
        executions: [{ status: 'failed' }, { status: 'completed', attempt: 2 }],
        deadLetters: [],
        children: [
          {
            eventId: second,
            eventType: 'order.checked',
            executions: [{ scriptId: OTHER, tenantId: 'acme' }],
            deadLetters: [{ eventId: second }],
            children: [{ eventId: third, children: [] }],
          },
        ],
      },
    });
    expect(await activity.event('beta', 'root')).toBeNull();
    expect(await activity.event('acme', 'never')).toBeNull();
  });

  it('has the executions that led to it, oldest first, and only the ids of a deleted one', async () => {
    const [first, second] = [
      completed({ eventId: 'e1' }),
      completed({ eventId: 'e2', eventType: 'order.checked' }),
    ];
    const from = ({ id, eventId }: NewExecution) => ({ causeEventId: eventId, causeExecutionId: id });
    const tried = completed({ eventId: 'e3', trigger: 'test' });
    await store(first, { ...second, ...from(first) }, tried, failed({ eventId: 'e3', ...from(second) }));
    const whole = [
      { eventId: 'e1', executionId: first.id, execution: { eventType: 'user.created' } },
      { eventId: 'e2', executionId: second.id, execution: { eventType: 'order.checked' } },
    ];
    expect(await activity.event('acme', 'e3')).toMatchObject({ causes: whole, more: false });
    expect(await activity.event('acme', 'e2')).toMatchObject({ causes: whole.slice(0, 1) });
    expect(await activity.event('acme', 'e1')).toMatchObject({ causes: [] });
    await dataSource.query('DELETE FROM script_executions WHERE id = $1', [first.id]);
    const gone = { eventId: 'e1', executionId: first.id, execution: null };
    expect(await activity.event('acme', 'e3')).toMatchObject({ causes: [gone, whole[1]] });
  });

  it('has the executions that led to a dead letter without an execution', async () => {
    const publisher = completed({ eventId: 'e1' });
    await store(publisher);
    const link = { eventId: 'e1', scriptId: publisher.scriptId, executionId: publisher.id };
    const letter = await world.addOne(await world.script(), { eventId: 'e2' });
    const setCause = (chain: object[]) =>
      dataSource.query('UPDATE dead_letter_queue SET cause = $2 WHERE id = $1', [
        letter.id,
        JSON.stringify({ chain }),
      ]);
    expect(await activity.event('acme', 'e2')).toMatchObject({ causes: [] });
    await setCause([{ ...link, executionId: uuid() }, link]);
    expect(await activity.event('acme', 'e2')).toMatchObject({
      causes: [{ eventId: 'e1', executionId: publisher.id, execution: { id: publisher.id } }],
    });
  });

  it('never has an execution of another tenant', async () => {
    const theirs = completed({ tenantId: 'beta', eventId: 'e1' });
    await store(theirs, completed({ eventId: 'e2', causeEventId: 'e1', causeExecutionId: theirs.id }));
    expect(await activity.event('acme', 'e2')).toMatchObject({ causes: [{ execution: null }] });
  });

  it('is cut at its limits, and says that there is more', async () => {
    const wide = Array.from({ length: 520 }, (_, at) =>
      completed({ eventId: 'root', scriptId: uuid(), attempt: at + 1 }),
    );
    await store(...wide);
    expect(await activity.event('acme', 'root')).toMatchObject({ more: true });
    let eventId = 'deep';
    let cause: Partial<Pick<NewExecution, 'causeEventId' | 'causeExecutionId'>> = {};
    for (let depth = 0; depth < 12; depth += 1) {
      const execution = completed({ eventId, publishedEvents: 1, ...cause });
      await store(execution);
      cause = { causeEventId: eventId, causeExecutionId: execution.id };
      eventId = child(eventId, 0);
    }
    let levels = 0;
    const deep = await activity.event('acme', 'deep');
    for (let node = deep?.event; node; node = node.children[0]) levels += 1;
    expect({ levels, more: deep?.more }).toEqual({ levels: 10, more: true });
    await store(completed({ eventId, ...cause }));
    const last = await activity.event('acme', eventId);
    expect({ above: last?.causes.length, more: last?.more }).toEqual({ above: 10, more: true });
    expect(last?.causes.at(-1)?.executionId).toBe(cause.causeExecutionId);
  });
});

describe('the list of tenants', () => {
  it('begins with those in trouble, and has pages', async () => {
    for (const tenantId of ['a', 'b', 'c', 'd']) await world.script(tenantId);
    await world.script('b', 'disabled');
    await world.addOne(await world.script('d'), { tenantId: 'd', status: 'exhausted' });
    await store(failure('no', { tenantId: 'd' }), failure('long ago', { tenantId: 'd', ...ago(30 * HOUR) }));
    const first = await tenants.list({ limit: 3 });
    expect(first.items).toEqual([
      { tenantId: 'b', trouble: true, activeScripts: 1, unwellScripts: 1, exhausted: 0, failedToday: 0 },
      { tenantId: 'd', trouble: true, activeScripts: 2, unwellScripts: 0, exhausted: 1, failedToday: 1 },
      { tenantId: 'a', trouble: false, activeScripts: 1, unwellScripts: 0, exhausted: 0, failedToday: 0 },
    ]);
    const rest = await tenants.list({ limit: 3, cursor: first.nextCursor as string });
    expect(rest).toMatchObject({ items: [{ tenantId: 'c' }], nextCursor: null });
    expect((await tenants.list({ q: 'c' })).items).toMatchObject([{ tenantId: 'c' }]);
    await expect(tenants.list({ cursor: 'c' })).rejects.toMatchObject({ field: 'cursor' });
    await expect(tenants.list({ tenant: 'a' } as never)).rejects.toMatchObject({ field: 'tenant' });
  });
});

describe('a query in a table with many rows', () => {
  const sql = activitySql({
    executions: '"script_executions"',
    deadLetters: '"dead_letter_queue"',
    scripts: '"scripts"',
    statistics: '"script_statistics"',
    isoTime,
  });

  // Executions of 20 days. One in fifty belongs to the tenant of the query, and one in five of those has failed.
  beforeEach(async () => {
    await dataSource.query(`INSERT INTO script_executions (id, tenant_id, script_id, script_version, event_id, event_type,
        attempt, trigger, status, error_kind, error_message, duration_ms, cpu_ms, queue_ms, idempotency_key, started_at, finished_at)
      SELECT (lpad(to_hex(ms >> 16), 8, '0') || '-' || lpad(to_hex(ms & 65535), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
        CASE n % 50 WHEN 0 THEN 'acme' ELSE 'beta' END, '${SCRIPT}', 1, 'e' || n, 'user.created', 1, 'event',
        CASE WHEN n % 250 = 0 THEN 'failed' ELSE 'completed' END, CASE WHEN n % 250 = 0 THEN 'runtime' END,
        CASE WHEN n % 250 = 0 THEN 'no' END, 1, 1, 1, 'k' || n, to_timestamp(ms / 1000.0), to_timestamp(ms / 1000.0)
      FROM (SELECT n, (extract(epoch FROM now() - interval '20 days') * 1000)::bigint + n * 34560 AS ms
        FROM generate_series(1, 50000) n) rows`);
    await dataSource.query('ANALYZE script_executions');
  });

  const day = (days: number): string => {
    const hex = (Date.now() - days * 24 * HOUR).toString(16).padStart(12, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
  };

  it('finds the failures of a time through their own index', async () => {
    const plan = await planOf(dataSource, sql.failures(false), ['acme', day(1)]);
    expect(plan.map((step) => step['Index Name'])).toContain('script_executions_failed_idx');
    // Ten failures match: a twentieth of 200.
    expect(rowsRead(plan)).toBeLessThan(15);
    for (const index of ['failed_idx', 'failed_script_idx', 'failed_kind_idx'])
      await dataSource.query(`DROP INDEX script_executions_${index}`);
    const without = await planOf(dataSource, sql.failures(false), ['acme', day(1)]);
    expect(rowsRead(without)).toBeGreaterThan(40);
  });

  it('reads only the requested hours for statistics, and no execution', async () => {
    await dataSource.query(`INSERT INTO script_statistics (hour, tenant_id, script_id, writer, completed, failed, duration_ms, queue_ms)
      SELECT date_trunc('hour', now(), 'UTC') - make_interval(hours => n / 50), CASE n % 50 WHEN 0 THEN 'acme' ELSE 'beta' END,
        gen_random_uuid(), 0, 1000000, 0, 1, 1 FROM generate_series(0, 9999) n`);
    await dataSource.query('ANALYZE script_statistics');
    const plan = await planOf(dataSource, sql.statistics(false), [
      'acme',
      new Date(Date.now() - 24 * HOUR).toISOString(),
      1,
    ]);
    expect(plan.map((step) => step['Relation Name'])).not.toContain('script_executions');
    expect(plan.find((step) => step['Relation Name'] === 'script_statistics')).toMatchObject({
      'Actual Rows': 25,
    });
  });
});
