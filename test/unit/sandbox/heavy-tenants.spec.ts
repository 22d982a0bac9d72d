import { HeavyTenants } from '../../../lib/sandbox/process/heavy-tenants.js';
import type { Outcome } from '../../../lib/sandbox/outcome.js';
import type { PreparedRun } from '../../../lib/sandbox/prepared-run.js';
import { RunQueue } from '../../../lib/sandbox/process/run-queue.js';

let now = 0;
beforeEach(() => {
  now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => jest.restoreAllMocks());

const outcome = (cpuMs: number, durationMs = cpuMs, processLost?: boolean): Outcome =>
  ({
    status: 'failed',
    error: { kind: 'timeout', message: '', ...(processLost && { processLost }) },
    metrics: { durationMs, cpuMs, bindingCalls: 0, logsDropped: 0 },
  }) as unknown as Outcome;

describe('a tenant', () => {
  let heavy: HeavyTenants;
  beforeEach(() => void (heavy = new HeavyTenants()));

  test.each([
    ['has had no run', [], 0],
    ['has had many short runs', Array.from({ length: 1_000 }, () => outcome(24)), 0],
    ['has had a run that waited for long and computed for a short time', [outcome(1, 9_000)], 0],
    ['has had a run that computed for 25 ms', [outcome(25)], 2_500],
    ['has had two runs that computed for a second each', [outcome(1_000), outcome(1_000)], 200_000],
    ['has had a run that ended its process at once', [outcome(0, 1, true)], 30_100],
    ['has had runs that computed for an hour', Array.from({ length: 720 }, () => outcome(5_000)), 600_000],
  ])('that %s is heavy for a time that depends on how long it computed', (_, outcomes, heavyMs) => {
    for (const one of outcomes) heavy.ran('acme', one);
    now = heavyMs - 1;
    expect(heavy.has('acme')).toBe(heavyMs > 0);
    expect(heavy.list()).toEqual(heavyMs > 0 ? ['acme'] : []);
    now = heavyMs;
    expect(heavy.has('acme')).toBe(false);
    expect(heavy.has('globex')).toBe(false);
    expect(heavy.list()).toEqual([]);
  });
});

describe('the queue', () => {
  const heavy = new Set<string>();
  let queue: RunQueue;
  const add = (...tenants: string[]): void => {
    for (const tenantId of tenants) void queue.add({ tenantId } as PreparedRun);
  };
  const first = (admitted?: Parameters<RunQueue['first']>[1]): string[] =>
    queue.first(9, admitted).map(({ run }) => run.tenantId);

  beforeEach(() => {
    heavy.clear();
    heavy.add('h1').add('h2');
    queue = new RunQueue((tenantId) => heavy.has(tenantId));
  });

  test('gives heavy tenants their turns among the others, unless only light ones may begin', () => {
    add('a', 'h1', 'b', 'h2', 'c');
    expect(first()).toEqual(['a', 'h1', 'b', 'h2', 'c']);
    expect(first({ lightOnly: true })).toEqual(['a', 'b', 'c']);
    expect([queue.hasHeavy, queue.hasResting(true)]).toEqual([true, true]);
  });

  test('has nothing to begin if only light ones may and only heavy ones wait', () => {
    add('h1', 'h2');
    expect(first({ lightOnly: true })).toEqual([]);
    expect(queue.hasResting(true)).toBe(false);
    expect(queue.hasResting(false)).toBe(true);
  });

  test('lets heavy tenants that have nothing in a process go before others that have something', () => {
    add('a', 'h1');
    for (const entry of queue.first(2)) entry.begin();
    add('a', 'h1', 'h2');
    expect(first()).toEqual(['h2']);
    expect(first({ restingOnly: true, lightOnly: true })).toEqual([]);
    expect(first({ lightOnly: true })).toEqual(['a']);
  });

  test('knows a tenant as heavy, or as light again, from its next run on', () => {
    add('a', 'a');
    const begun = queue.first(1)[0]!.begin();
    heavy.add('a');
    begun.ended();
    expect([queue.hasHeavy, first({ lightOnly: true })]).toEqual([true, []]);
    heavy.delete('a');
    queue.first(1)[0]!.begin().ended();
    add('a');
    expect([queue.hasHeavy, first({ lightOnly: true })]).toEqual([false, ['a']]);
  });
});
