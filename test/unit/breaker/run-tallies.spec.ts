import { RunTallies } from '../../../lib/breaker/run-tallies.js';
import type { ObservedExecution } from '../../../lib/execution/execution.observer.js';

const NOON = Date.UTC(2026, 0, 2, 12);
const run = (part: Partial<ObservedExecution> = {}): ObservedExecution => ({
  executionId: 'x',
  tenantId: 'acme',
  scriptId: 'a',
  version: 1,
  trigger: 'event',
  error: null,
  ...part,
});
const broken = { kind: 'runtime', message: 'no' };

describe('a tally of runs', () => {
  it('is not reported while all runs complete', () => {
    const tallies = new RunTallies(60_000);
    for (let i = 0; i < 10; i++) tallies.completed(run(), NOON);
    expect(tallies.isDue).toBe(false);
    expect(tallies.take(10)).toEqual([]);
  });

  it('is reported once after a failure, including the successes', () => {
    const tallies = new RunTallies(60_000);
    tallies.completed(run(), NOON);
    tallies.failed(run({ executionId: 'y' }), broken, NOON);
    tallies.failed(run(), { kind: 'memory', message: 'full', processLost: true }, NOON);
    const [report] = tallies.take(10);
    expect(report).toMatchObject({
      completed: 1,
      failures: { runtime: 1, memory: 1 },
      lost: { memory: 1 },
      last: { kind: 'memory', message: 'full', version: 1, at: '2026-01-02T12:00:00.000Z' },
    });
    expect(tallies.take(10)).toEqual([]);
  });

  it('forgets the successes of an interval without a failure', () => {
    const tallies = new RunTallies(60_000);
    for (let i = 0; i < 10; i++) tallies.completed(run(), NOON);
    tallies.completed(run(), NOON + 60_000);
    tallies.failed(run(), broken, NOON + 60_001);
    expect(tallies.take(10)).toMatchObject([{ completed: 1 }]);
  });

  it('starts again with a new version, and ignores late results of the old one', () => {
    const tallies = new RunTallies(60_000);
    tallies.failed(run(), broken, NOON);
    tallies.failed(run({ version: 2 }), broken, NOON);
    tallies.failed(run(), broken, NOON);
    expect(tallies.take(10)).toMatchObject([{ version: 2, failures: { runtime: 1 } }]);
  });

  it('is added to reports that could not be stored before', () => {
    const tallies = new RunTallies(60_000);
    tallies.failed(run(), broken, NOON);
    const reports = tallies.take(10);
    tallies.completed(run(), NOON);
    tallies.putBack(reports, NOON);
    expect(tallies.isDue).toBe(true);
    expect(tallies.take(10)).toMatchObject([
      { completed: 1, failures: { runtime: 1 }, last: { kind: 'runtime' } },
    ]);
  });

  it('is taken for a few scripts at a time', () => {
    const tallies = new RunTallies(60_000);
    for (const scriptId of ['a', 'b', 'c']) tallies.failed(run({ scriptId }), broken, NOON);
    expect(tallies.take(2).map(({ scriptId }) => scriptId)).toEqual(['a', 'b']);
    expect(tallies.take(2).map(({ scriptId }) => scriptId)).toEqual(['c']);
  });
});
