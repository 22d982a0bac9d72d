import { endingTogether, stepOf } from '../../../lib/sandbox/child/time-limits.js';

describe('time limits that end together', () => {
  let now = 0;
  beforeEach(() => jest.spyOn(performance, 'now').mockImplementation(() => now));

  const STARTS = Array.from({ length: 500 }, (_, at) => 1_000_000 + at * 7.318);

  it.each([
    [10_000, 16],
    [1_000, 16],
    [512, 16],
    [500, 15],
    [100, 3],
    [31, 1],
    [1, 1],
  ])(
    'a run with timeoutMs = %i gets that much time, and at most %i ms and a fraction more',
    (limit, step) => {
      expect(stepOf(limit)).toBe(step);
      for (now of STARTS) {
        const given = endingTogether(limit, step);
        expect(given).toBeGreaterThanOrEqual(limit);
        expect(given).toBeLessThan(limit + step + 1);
        expect(given).toBe(Math.ceil(given));
      }
    },
  );

  it('limits of runs that begin at different times end in few milliseconds, always in the same one of a step', () => {
    const ends = new Set<number>();
    for (now of STARTS) ends.add(Math.floor(now + endingTogether(5_000, 16)));
    const seconds = (STARTS.at(-1)! - STARTS[0]!) / 1_000;
    expect(ends.size).toBeLessThanOrEqual(Math.ceil((seconds * 1_000) / 16) + 1);
    expect([...ends].filter((end) => end % 16 !== 0)).toEqual([]);
  });

  it('a run whose time is over is still given a millisecond, because 0 means no limit', () => {
    now = 160;
    expect(endingTogether(-5, 16)).toBe(1);
    expect(endingTogether(0, 16)).toBe(1);
  });
});
