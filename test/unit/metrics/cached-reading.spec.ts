import { Logger } from '@nestjs/common';
import { Clock } from '../../../lib/common/clock.js';
import { CachedReading } from '../../../lib/metrics/cached-reading.js';

class ManualClock extends Clock {
  time = 0;
  now(): number {
    return this.time;
  }
}

describe('a reading of the database', () => {
  afterEach(() => jest.restoreAllMocks());

  it('asks the database once for many collections', async () => {
    const clock = new ManualClock();
    let asked = 0;
    const count = jest.fn(async () => ({ pending: ++asked }));
    const counts = new CachedReading<Record<string, number>>('The count', count, {}, 5_000, clock);
    expect(await Promise.all([counts.read(), counts.read()])).toEqual([{ pending: 1 }, { pending: 1 }]);
    clock.time = 4_999;
    expect(await counts.read()).toEqual({ pending: 1 });
    expect(count).toHaveBeenCalledTimes(1);
    clock.time = 5_000;
    expect(await counts.read()).toEqual({ pending: 2 });
  });

  it('asks the database again when the clock of this process was set back', async () => {
    const clock = new ManualClock();
    clock.time = 3_600_000;
    let asked = 0;
    const counts = new CachedReading('The count', async () => ++asked, 0, 5_000, clock);
    expect(await counts.read()).toBe(1);
    clock.time = 1_000;
    expect(await counts.read()).toBe(2);
    expect(await counts.read()).toBe(2);
  });

  it('keeps its last value while the database is unavailable, which is logged once', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const clock = new ManualClock();
    const count = jest.fn<Promise<Record<string, number>>, []>().mockResolvedValueOnce({ pending: 4 });
    const counts = new CachedReading('The count', count, {}, 0, clock);
    await counts.read();
    count.mockRejectedValue(new Error('connection refused'));
    expect(await counts.read()).toEqual({ pending: 4 });
    expect(await counts.read()).toEqual({ pending: 4 });
    expect(warn).toHaveBeenCalledTimes(1);
    count.mockResolvedValue({ pending: 1 });
    expect(await counts.read()).toEqual({ pending: 1 });
  });

  it('is given up after two seconds if the database hangs', async () => {
    jest.useFakeTimers();
    try {
      const counts = new CachedReading('The count', () => new Promise(() => {}), {}, 0);
      const read = counts.read();
      await jest.advanceTimersByTimeAsync(2_000);
      expect(await read).toEqual({});
    } finally {
      jest.useRealTimers();
    }
  });
});
