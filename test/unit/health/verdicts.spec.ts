import type { BindingWaits } from '../../../lib/bindings/calls-under-way.js';
import type { HealthComponent, HealthStatus } from '../../../lib/health/health.types.js';
import type { HealthSources } from '../../../lib/health/scripts-event-health.js';
import { healthOf, HEALTHY, NOW } from './health.fixture.js';

const buffer = HEALTHY.buffer();
const sandbox = HEALTHY.sandbox();
const noProcess = { starting: 1, idle: 0, busy: 0, draining: 0 };
const crashLoop = { failures: 7, retryInMs: 1_600 };
const retention = HEALTHY.retention();
const schedules = HEALTHY.schedules();

type Case = [HealthComponent, HealthStatus, HealthStatus, string, Partial<HealthSources>];

/** Ten runs that wait for bindings, `longRuns` of them for long. */
const waits = (longRuns: number, ...longest: [string, number][]): BindingWaits => ({
  runs: 10,
  longRuns,
  longest: longest.map(([name, runs]) => ({ name, runs })),
  oldestMs: 4_000,
});

describe('the verdict of health', () => {
  it('is up for each part of a healthy application', async () => {
    const report = await healthOf().check();
    expect(report).toMatchObject({ status: 'up', summary: 'up', checkedAt: new Date(NOW) });
    expect(Object.values(report.components).map(({ status }) => status)).toEqual(Array(11).fill('up'));
  });

  it.each<Case>([
    ['intake', 'down', 'down', 'is starting and does not capture events yet', { phase: () => 'starting' }],
    ['intake', 'down', 'down', 'is stopping and no longer captures events', { phase: () => 'stopping' }],
    ['intake', 'down', 'down', 'is stopped', { phase: () => 'stopped' }],
    [
      'queue',
      'degraded',
      'degraded',
      '1000 of 1000 queued events are waiting: the buffer is full',
      { buffer: () => ({ ...buffer, depth: 1_000 }) },
    ],
    [
      'queue',
      'degraded',
      'degraded',
      '800 of 1000 queued events are waiting, 80 % or more',
      { buffer: () => ({ ...buffer, depth: 800 }) },
    ],
    [
      'queue',
      'degraded',
      'degraded',
      'the oldest for 2\u00a0min, more than 1\u00a0min',
      { buffer: () => ({ ...buffer, oldestMs: 120_000 }) },
    ],
    [
      'workers',
      'degraded',
      'degraded',
      '10 of 10 workers are busy while events are waiting',
      { buffer: () => ({ ...buffer, busy: 10, oldestMs: 60_001 }) },
    ],
    [
      'workers',
      'degraded',
      'degraded',
      '2 of 10 workers are busy; 5 runs have waited for more than 1\u00a0s, the longest for 4\u00a0s, for the bindings crm.find (4), crm.late (1)',
      { bindings: () => waits(5, ['crm.find', 4], ['crm.late', 1]) },
    ],
    [
      'workers',
      'degraded',
      'degraded',
      '1 run has waited for more than 1\u00a0s, the longest for 4\u00a0s, for the bindings a (1), b (1), c (1), 2 more',
      {
        buffer: () => ({ ...buffer, workers: 2 }),
        bindings: () => waits(1, ['a', 1], ['b', 1], ['c', 1], ['d', 1], ['e', 1]),
      },
    ],
    ['lease', 'down', 'degraded', 'other nodes run the queued events', { lease: () => false }],
    [
      'sandbox',
      'down',
      'down',
      '7 processes in a row failed on their own',
      { sandbox: () => ({ ...sandbox, processes: noProcess, crashLoop }) },
    ],
    [
      'sandbox',
      'down',
      'down',
      'the next start is in 1.6\u00a0s',
      { sandbox: () => ({ ...sandbox, processes: noProcess, crashLoop }) },
    ],
    ['sandbox', 'degraded', 'degraded', '3 still work', { sandbox: () => ({ ...sandbox, crashLoop }) }],
    [
      'index',
      'down',
      'down',
      'have not been loaded yet',
      { index: () => ({ syncedAt: null, listening: false, error: null }) },
    ],
    [
      'index',
      'degraded',
      'degraded',
      'as the database was 31\u00a0s ago, longer than 30\u00a0s',
      { index: () => ({ syncedAt: NOW - 31_000, listening: true, error: null }) },
    ],
    [
      'retries',
      'degraded',
      'degraded',
      'waiting for the database',
      { retries: () => ({ running: 0, away: true, failing: false, sinceLookMs: 1 }) },
    ],
    [
      'retries',
      'degraded',
      'degraded',
      '2\u00a0min ago, longer than 1\u00a0min: the retry worker hangs',
      { retries: () => ({ running: 0, away: false, failing: false, sinceLookMs: 120_000 }) },
    ],
    [
      'records',
      'down',
      'degraded',
      'no room for more dead letters: 9 dead letters are waiting',
      { writers: () => [{ name: 'dead letters', backlog: 9, isFull: true, oldestMs: 0 }] },
    ],
    [
      'records',
      'degraded',
      'degraded',
      '9 dead letters are waiting to be stored, the oldest for 10\u00a0s',
      { writers: () => [{ name: 'dead letters', backlog: 9, isFull: false, oldestMs: 10_000 }] },
    ],
    [
      'schedules',
      'degraded',
      'degraded',
      'waiting for the database',
      { schedules: () => ({ ...schedules, away: true }) },
    ],
    [
      'schedules',
      'degraded',
      'degraded',
      'see the log',
      { schedules: () => ({ ...schedules, failing: true }) },
    ],
    [
      'schedules',
      'degraded',
      'degraded',
      'their times wait',
      { schedules: () => ({ ...schedules, sinceLookMs: 70_000 }) },
    ],
    [
      'retention',
      'degraded',
      'degraded',
      'the last round failed',
      { retention: () => ({ ...retention, lastOutcome: 'failed' }) },
    ],
    [
      'retention',
      'degraded',
      'degraded',
      'tables grow',
      { retention: () => ({ ...retention, lastSuccessAt: NOW - 11_000_000 }) },
    ],
    [
      'retention',
      'degraded',
      'degraded',
      'no round yet',
      {
        retention: () => ({
          ...retention,
          lastSuccessAt: null,
          lastOutcome: 'more',
          startedAt: NOW - 11_000_000,
        }),
      },
    ],
    [
      'queue',
      'degraded',
      'degraded',
      "can't be read",
      {
        buffer: () => ({
          ...buffer,
          get depth(): number {
            throw new Error('replaced');
          },
        }),
      },
    ],
  ])('says that %s is %s and the application %s: …%s…', (name, part, whole, words, change) => {
    const report = healthOf(change).snapshot();
    expect(report.components[name]).toMatchObject({ status: part, reason: expect.stringContaining(words) });
    expect(report.status).toBe(whole);
    expect(report.summary).toMatch(new RegExp(`^${whole}; .*${name} is ${part}: `));
  });

  it.each<[HealthComponent, string, Partial<HealthSources>]>([
    [
      'queue',
      '5000 queued events are waiting',
      { buffer: () => ({ ...buffer, capacity: null, depth: 5_000 }) },
    ],
    ['workers', '10 of 10 workers are busy', { buffer: () => ({ ...buffer, busy: 10 }) }],
    ['workers', '2 of 10 workers are busy', { bindings: () => waits(4, ['crm.find', 4]) }],
    ['lease', 'this node can run queued events', { lease: () => true }],
    ['sandbox', '0 processes', { sandbox: () => ({ ...sandbox, processes: { ...noProcess, starting: 0 } }) }],
    ['index', '0\u00a0ms ago', { index: () => ({ syncedAt: NOW + 5, listening: false, error: null }) }],
    [
      'retries',
      'not looked for due dead letters yet',
      { retries: () => ({ running: 0, away: false, failing: false, sinceLookMs: null }) },
    ],
    [
      'retries',
      '5 retries run',
      { retries: () => ({ running: 5, away: false, failing: false, sinceLookMs: 900_000 }) },
    ],
    [
      'schedules',
      'not run by this process',
      { schedules: () => ({ ...schedules, running: false, sinceLookMs: null }) },
    ],
    [
      'retention',
      'is off in this process',
      { retention: () => ({ lastSuccessAt: null, lastOutcome: null, startedAt: null, running: false }) },
    ],
    [
      'retention',
      '3\u00a0h\u00a03\u00a0min',
      { retention: () => ({ ...retention, lastOutcome: 'busy', lastSuccessAt: NOW - 11_000_000 }) },
    ],
  ])('says that %s is up: …%s…', (name, words, change) => {
    const report = healthOf(change).snapshot();
    expect(report.components[name]).toMatchObject({ status: 'up', reason: expect.stringContaining(words) });
    expect(report.status).toBe('up');
  });

  it('has no lease if the buffer has none', () => {
    expect(healthOf().snapshot().components).not.toHaveProperty('lease');
  });

  it('names all parts that are not up, the worst first', () => {
    const changes = {
      retries: () => ({ running: 0, away: true, failing: false, sinceLookMs: 1 }),
      phase: () => 'stopped' as const,
    };
    expect(healthOf(changes).snapshot().summary).toBe(
      'down; intake is down: the application is stopped and no longer captures events; ' +
        'retries is degraded: retries are waiting for the database',
    );
  });
});
