import { PendingLimits } from '../../../lib/sandbox/process/pending-limits.js';

describe('the time limits of runs that have ended in a process', () => {
  let now = 5_000;
  beforeEach(() => {
    now = 5_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });

  const after = (timeoutMs: number, runs: number, each = 1): PendingLimits => {
    const limits = new PendingLimits();
    for (let ended = 0; ended < runs; ended++) limits.add(timeoutMs, each);
    return limits;
  };

  it.each([
    [199_999, 1, false],
    [200_000, 1, true],
    [2_000, 99, false],
    [2_000, 100, true],
  ])('of %i runs with %i limits each are too many: %s', (runs, each, areTooMany) => {
    expect(after(600_000, runs, each).areTooMany).toBe(areTooMany);
  });

  it('count until their time has come, and at most two seconds longer', () => {
    const limits = after(10_000, 30_000, 8);
    now += 10_900;
    expect(limits.areTooMany).toBe(true);
    now += 1_100;
    expect(limits.areTooMany).toBe(false);
  });

  it('with different lengths end one after the other', () => {
    const limits = after(60_000, 20_000, 8);
    for (let ended = 0; ended < 10_000; ended++) limits.add(1_000, 8);
    expect(limits.areTooMany).toBe(true);
    now += 3_000;
    expect(limits.areTooMany).toBe(false);
    for (let ended = 0; ended < 5_000; ended++) limits.add(1_000, 8);
    expect(limits.areTooMany).toBe(true);
  });

  it.each([
    [29_999, false],
    [30_000, true],
  ])('could end their process if %i came due at once: %s', (runs, mayOverflow) => {
    const limits = after(10_000, runs);
    // While the process stands still, no limit ends.
    now += 60_000;
    expect(limits.mayOverflow).toBe(mayOverflow);
  });

  it('are never too many for runs of one millisecond, one after the other', () => {
    const limits = new PendingLimits();
    for (let ended = 0; ended < 200_000; ended++) {
      limits.add(10_000, 1);
      now += 1;
      if (limits.areTooMany) throw new Error(`too many after ${ended} runs`);
    }
    expect(limits.areTooMany).toBe(false);
  });
});
