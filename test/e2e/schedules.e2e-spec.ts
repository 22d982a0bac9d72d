import {
  DomainEventPublisher,
  InMemoryMetricsRecorder,
  ScheduleService,
  ScriptService,
  TestRunService,
} from '../../lib/index.js';
import { waitFor } from '../support/wait-for.js';
import { jobs, sharedDurableHosts } from './support/durable-host.js';
import { ADA, type ExecutionRow, sharedHost, TestHost } from './support/test-host.js';

const SECONDS = { cron: '* * * * * *', payload: { digest: 'weekly' } };
const QUICK = { schedules: { minInterval: '1s', pollInterval: '500ms' } } as const;
/** A script that returns its type, its input and its event. */
const ECHO = 'return { type: ctx.type, input: ctx.input, event: ctx.event.type };';

/** The times for which the runs took place. */
const timesOf = (runs: ExecutionRow[]): string[] =>
  runs.map(({ result }) => (result as { input: { scheduledFor: string } }).input.scheduledFor);

describe('a schedule', () => {
  const memory = sharedHost(() => TestHost.with(QUICK));

  it('runs its script at each of its times, without an event of the host', async () => {
    const host = memory();
    const script = await host.script(ECHO, { eventTypes: [], schedules: [SECONDS] });
    const runs = await host.executed(2, script);
    const times = timesOf(runs);
    expect(runs[0]).toMatchObject({ eventType: 'schedule', trigger: 'event', status: 'completed' });
    expect(runs[1]?.result).toEqual({
      type: 'schedule',
      event: 'schedule',
      input: { scheduledFor: times[1], previousRunAt: times[0], payload: { digest: 'weekly' } },
    });
    const [state] = await host.get(ScheduleService).list('acme', script);
    expect(state?.nextTimes).toHaveLength(5);
    expect(state?.lastTime).toBeInstanceOf(Date);
  });

  it('makes events that become dead letters when they fail, like all events', async () => {
    const host = memory();
    const script = await host.script(`if (ctx.execution.attempt === 1) throw new Error('not yet');`, {
      schedules: [SECONDS],
    });
    const letter = await host.deadLetter('resolved', script);
    expect(letter).toMatchObject({
      eventType: 'schedule',
      reason: 'failed',
      payload: { payload: { digest: 'weekly' } },
    });
    await host.get(ScriptService).pause('acme', script);
  });
});

describe('a test run of a schedule', () => {
  const host = sharedHost();

  it('uses the payload of the first schedule, and says whether the script has schedules', async () => {
    const script = await host().script(ECHO, {
      schedules: [{ cron: '0 8 * * 1', payload: { list: 'sales' } }],
    });
    const tests = host().get(TestRunService);
    const run = await tests.run('acme', script, { type: 'schedule' });
    expect(run).toMatchObject({
      status: 'completed',
      result: { type: 'schedule', input: { previousRunAt: null, payload: { list: 'sales' } } },
      routing: { wouldRun: true, reasons: [] },
    });
    const edited = { scriptId: script, eventTypes: [], source: ECHO };
    expect(await tests.run('acme', edited, { type: 'schedule' })).toMatchObject({
      routing: { wouldRun: true },
    });
    const input = { scheduledFor: '2026-03-02T08:00:00.000Z', payload: 1, other: 2 };
    const draft = { source: ECHO, eventTypes: ['user.created'] };
    expect(await tests.run('acme', draft, { type: 'schedule', input })).toMatchObject({
      result: { input: { scheduledFor: input.scheduledFor, previousRunAt: null, payload: 1 } },
      event: { ignoredFields: ['other'] },
      routing: { wouldRun: false, reasons: ['The script has no schedules.'] },
    });
  });
});

describe('a schedule with a durable buffer and two processes', () => {
  const durable = sharedDurableHosts(QUICK);

  it('makes one event for each time, and none after its script is paused', async () => {
    const [one, two] = durable();
    const script = await one.script(ECHO, { eventTypes: [], schedules: [{ ...SECONDS, overlap: 'queue' }] });
    const first = await one.executed(3, script);
    await one.get(ScriptService).pause('acme', script);
    const fired = (): number =>
      [one, two].reduce((sum, host) => sum + host.get(InMemoryMetricsRecorder).scheduleMetrics().fired, 0);
    const atPause = fired();
    const runs = await waitFor('all of them have run', async () => {
      const rows = await one.executions(script);
      return (await jobs(one)).length === 0 && rows.length >= atPause ? rows : undefined;
    });
    const times = timesOf(runs);
    expect(times.slice(0, 3)).toEqual(timesOf(first));
    expect(new Set(times).size).toBe(times.length);
    expect(fired()).toBe(atPause);
    const open = await one.database.dataSource.query(
      'SELECT FROM script_schedules WHERE open_event IS NOT NULL OR due_at IS NOT NULL',
    );
    expect(open).toEqual([]);
  });

  it('may be combined with event types, and its runs of one ordering key follow each other', async () => {
    const [one] = durable();
    const schedule = { ...SECONDS, overlap: 'queue', payload: { client: 7 } } as const;
    const script = await one.script(
      `const from = Date.now(); while (Date.now() < from + 100); return { type: ctx.type, from, to: Date.now() };`,
      {
        eventTypes: ['user.created'],
        schedules: [schedule, { ...schedule, timezone: 'Europe/Berlin' }],
        orderingKey: 'payload.client',
      },
    );
    await one.get(DomainEventPublisher).publish('user.created', ADA, { tenantId: 'acme' });
    const runs = await waitFor('both have run', async () => {
      const rows = await one.executions(script);
      const types = rows.map(({ eventType }) => eventType);
      return types.includes('user.created') && types.filter((type) => type === 'schedule').length >= 6
        ? rows
        : undefined;
    });
    await one.get(ScriptService).pause('acme', script);
    type Ran = { type: string; from: number; to: number };
    const results = runs.map(({ result }) => result as Ran);
    expect(results.filter(({ type }) => type === 'user.created')).toHaveLength(1);
    const ordered = results
      .filter(({ type }) => type === 'schedule')
      .toSorted((left, right) => left.from - right.from);
    for (const [at, { from }] of ordered.entries())
      if (at > 0) expect(from).toBeGreaterThanOrEqual((ordered[at - 1] as Ran).to);
  });
});
