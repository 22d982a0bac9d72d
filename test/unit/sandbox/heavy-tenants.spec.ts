import { HeavyTenants } from '../../../lib/sandbox/process/heavy-tenants.js';
import type { Outcome } from '../../../lib/sandbox/outcome.js';
import type { PreparedRun } from '../../../lib/sandbox/prepared-run.js';
import { RunQueue } from '../../../lib/sandbox/process/run-queue.js';

let now = 0;
beforeEach(() => {
  now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

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

  describe('that is no longer heavy', () => {
    let light: string[];
    beforeEach(() => {
      jest.useFakeTimers({ doNotFake: ['performance'] });
      light = [];
      heavy = new HeavyTenants((tenantId) => light.push(tenantId));
    });
    const pass = (ms: number): void => {
      now += ms;
      jest.advanceTimersByTime(ms);
    };

    test('is reported then, which is later if it has had another long run', () => {
      heavy.ran('acme', outcome(25));
      heavy.ran('globex', outcome(25));
      pass(2_000);
      heavy.ran('acme', outcome(30));
      pass(500);
      expect(light).toEqual(['globex']);
      pass(2_999);
      expect(light).toEqual(['globex']);
      pass(1);
      expect(light).toEqual(['globex', 'acme']);
      pass(600_000);
      expect(light).toHaveLength(2);
    });

    test('is reported if the timer is early', () => {
      heavy.ran('acme', outcome(25));
      jest.advanceTimersByTime(2_500);
      expect(light).toEqual([]);
      pass(2_500);
      expect(light).toEqual(['acme']);
    });

    test('because too many others are is reported, too', () => {
      for (let n = 0; n <= 10_000; n++) heavy.ran(`t${n}`, outcome(25));
      expect(heavy.has('t0')).toBe(false);
      jest.advanceTimersByTime(1);
      expect(light).toEqual(['t0']);
    });

    test('is not reported after the stop', () => {
      heavy.ran('acme', outcome(25));
      heavy.stop();
      heavy.ran('globex', outcome(25));
      pass(600_000);
      expect(light).toEqual([]);
      expect(jest.getTimerCount()).toBe(0);
    });
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

  test('knows a waiting tenant as light again when it is told to list it anew', () => {
    add('h1', 'h2');
    heavy.delete('h1');
    expect(first({ lightOnly: true })).toEqual([]);
    queue.relist('h1');
    queue.relist('nobody');
    expect([queue.hasHeavy, first({ lightOnly: true })]).toEqual([true, ['h1']]);
  });
});
