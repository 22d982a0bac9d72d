import fc from '../../support/fast-check.js';
import {
  addReport,
  type BreakerLimits,
  countsAgainst,
  type HealthWindow,
  NOTHING_COUNTS,
  reasonOf,
  verdictOn,
} from '../../../lib/breaker/breaker.policy.js';
import type { RunReport } from '../../../lib/breaker/run-report.js';

const LIMITS: BreakerLimits = { maxCrashes: 5, maxFailures: 100, degradeAt: 0.5, windowMs: 3_600_000 };
const NOON = Date.UTC(2026, 0, 2, 12);

const report = (part: Partial<RunReport> = {}): RunReport => ({
  tenantId: 'acme',
  scriptId: 'a',
  version: 3,
  completed: 0,
  failures: {},
  lost: {},
  last: null,
  ...part,
});
const crash = report({ failures: { memory: 1 }, lost: { memory: 1 } });
const runtime = report({ failures: { runtime: 1 } });
const success = report({ completed: 1 });

/** The verdicts on one script, run by run, until it is disabled. */
function play(runs: readonly RunReport[], limits = LIMITS, everyMs = 0): string[] {
  let window: HealthWindow = NOTHING_COUNTS;
  let degraded = false;
  const verdicts: string[] = [];
  for (const [at, run] of runs.entries()) {
    window = addReport(window, run, NOON + at * everyMs, limits);
    const verdict = verdictOn(window, degraded, limits);
    verdicts.push(verdict ?? '-');
    if (verdict === 'degraded') degraded = true;
    if (verdict === 'resumed') degraded = false;
    if (verdict === 'disabled') break;
  }
  return verdicts;
}
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

describe('a script that ends its process', () => {
  it('is degraded at the third time and disabled at the fifth', () => {
    expect(play(times(9, crash))).toEqual(['-', '-', 'degraded', '-', 'disabled']);
  });

  it.each([1, 2, 3, 7, 9, 1_000])('is disabled at failure %i if maxCrashes is that number', (maxCrashes) => {
    expect(play(times(maxCrashes + 9, crash), { ...LIMITS, maxCrashes })).toHaveLength(maxCrashes);
  });

  it('is disabled even if it completes 10 runs in between, but not if it completes 25', () => {
    const often = [crash, ...times(25, success)];
    const seldom = [crash, ...times(10, success)];
    expect(play(times(50, seldom).flat())).toContain('disabled');
    expect(play(times(50, often).flat())).not.toContain('degraded');
  });

  it('is not disabled if only a few of its failures fall into one window', () => {
    expect(play(times(50, crash), LIMITS, LIMITS.windowMs / 3)).not.toContain('disabled');
  });
});

describe('a script that fails with errors of its own', () => {
  it('is degraded after 50 failures and disabled after 100 if it never completes', () => {
    const verdicts = play(times(150, runtime));
    expect(verdicts.indexOf('degraded')).toBe(49);
    expect(verdicts.indexOf('disabled')).toBe(99);
  });

  it('is never degraded while it completes as often as it fails, however many runs a report counts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 200 }), (sizes) => {
        const runs = sizes.map((count) => report({ completed: count, failures: { runtime: count } }));
        expect(play(runs)).not.toContain('degraded');
      }),
    );
  });

  it('is disabled after 20 failures by timeout or memory', () => {
    const timeout = report({ failures: { timeout: 1 } });
    expect(play(times(50, timeout))).toHaveLength(20);
    expect(play(times(50, report({ failures: { memory: 1 } })))).toHaveLength(20);
  });

  it('is disabled by the sum of its failures and the processes that it ended', () => {
    expect(play([crash, crash, ...times(60, runtime)])).toHaveLength(62);
    expect(play([crash, crash, crash, ...times(40, runtime)])).toHaveLength(43);
  });
});

describe('a degraded script', () => {
  it('resumes once enough completed runs make up for its failures, and not before', () => {
    const verdicts = play([crash, crash, crash, ...times(70, success)]);
    expect(verdicts.indexOf('resumed')).toBe(3 + 60 - 1);
    expect(verdicts.filter((verdict) => verdict === 'resumed')).toHaveLength(1);
  });

  it('resumes with the first completed run after the window', () => {
    let window = NOTHING_COUNTS;
    for (const run of [crash, crash, crash]) window = addReport(window, run, NOON, LIMITS);
    const later = NOON + LIMITS.windowMs;
    expect(verdictOn(addReport(window, success, later - 1, LIMITS), true, LIMITS)).toBeNull();
    expect(verdictOn(addReport(window, success, later, LIMITS), true, LIMITS)).toBe('resumed');
  });
});

describe('the window of script health', () => {
  const anyReport = fc.record({
    completed: fc.nat(50),
    kind: fc.constantFrom('runtime', 'timeout', 'memory', 'crashed', 'rejected'),
    failed: fc.nat(50),
    lost: fc.nat(50),
  });
  const made = ({
    completed,
    kind,
    failed,
    lost,
  }: {
    completed: number;
    kind: string;
    failed: number;
    lost: number;
  }) => report({ completed, failures: { [kind]: failed }, lost: { [kind]: Math.min(lost, failed) } });

  it('never counts below zero, and begins only with a failure', () => {
    fc.assert(
      fc.property(fc.array(anyReport, { maxLength: 50 }), fc.nat(10_000_000), (reports, stepMs) => {
        let window: HealthWindow = NOTHING_COUNTS;
        for (const [at, one] of reports.entries()) {
          window = addReport(window, made(one), NOON + at * stepMs, LIMITS);
          expect(window.points).toBeGreaterThanOrEqual(0);
          expect(window.startedAt === null).toBe(window.points === 0);
          expect(window.endedProcesses).toBeLessThanOrEqual(window.failures);
          expect(window.failures).toBeLessThanOrEqual(window.runs);
        }
      }),
    );
  });

  it('has more points with one failure more, and no more points with one success more', () => {
    fc.assert(
      fc.property(fc.array(anyReport, { maxLength: 20 }), anyReport, (reports, last) => {
        const before = reports.reduce<HealthWindow>(
          (w, one) => addReport(w, made(one), NOON, LIMITS),
          NOTHING_COUNTS,
        );
        const points = (one: RunReport): number => addReport(before, one, NOON, LIMITS).points;
        const base = made(last);
        const runtimes = (base.failures.runtime ?? 0) + 1;
        expect(points({ ...base, failures: { ...base.failures, runtime: runtimes } })).toBeGreaterThan(
          points(base),
        );
        expect(points({ ...base, completed: base.completed + 1 })).toBeLessThanOrEqual(points(base));
      }),
    );
  });

  it('does not save successes up for later failures', () => {
    const rested = addReport(NOTHING_COUNTS, report({ completed: 10_000 }), NOON, LIMITS);
    expect(rested).toEqual(NOTHING_COUNTS);
    expect(addReport(rested, crash, NOON, LIMITS).points).toBe(20);
  });

  it('gives a reason with its counts, the kinds of errors and the last error', () => {
    const last = { at: '', version: 3, kind: 'memory', message: 'it was too much', executionId: 'x' };
    const runs = [crash, crash, success, runtime, crash, crash, crash].map((run) => ({ ...run, last }));
    const window = runs.reduce<HealthWindow>((w, run) => addReport(w, run, NOON, LIMITS), NOTHING_COUNTS);
    expect(reasonOf(window, last)).toBe(
      '6 of its last 7 runs failed, 5 of them ended the sandbox process (memory 5, runtime 1); ' +
        'last: memory: it was too much, version 3',
    );
  });
});

describe('a failure', () => {
  const error = { kind: 'runtime', message: 'x' } as const;

  it.each([
    ['of the script', error],
    ['that ended the sandbox process', { ...error, kind: 'crashed', processLost: true } as const],
    ['by timeout', { ...error, kind: 'timeout' } as const],
  ])('%s counts against the script', (_what, failure) => {
    expect(countsAgainst(failure)).toBe(true);
  });

  it.each([
    ['that the script asked for without a retry', { ...error, retryable: false }],
    ['that the script asked for with a delay', { ...error, retryAfterMs: 0 }],
    ['of a run that was cancelled', { ...error, kind: 'cancelled', processLost: true } as const],
    ['of a run that no process could be started for', { ...error, kind: 'crashed' } as const],
  ])('%s does not count against the script', (_what, failure) => {
    expect(countsAgainst(failure)).toBe(false);
  });
});
