import fc from '../../support/fast-check.js';
import { RetryStrategy } from '../../../lib/dead-letter/retry/retry.strategy.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const exact = new RetryStrategy({ jitter: 0 });

describe('RetryStrategy', () => {
  it('doubles the delay from one minute up to one hour by default', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 7].map((count) => exact.nextDelayMs(count) / MINUTE);
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('moves the delay by at most the jitter share to each side', () => {
    const strategy = new RetryStrategy({ jitter: 0.1 });
    expect(strategy.nextDelayMs(0, () => 0)).toBe(0.9 * MINUTE);
    expect(strategy.nextDelayMs(0, () => 0.5)).toBe(MINUTE);
    expect(strategy.nextDelayMs(0, () => 1)).toBe(1.1 * MINUTE);
  });

  it('never exceeds the longest delay, even with jitter', () => {
    expect(new RetryStrategy({ jitter: 1 }).nextDelayMs(50, () => 1)).toBe(HOUR);
  });

  it('gives whole milliseconds from 0 to the longest delay for any options and any count', () => {
    const options = fc.record({
      initialDelayMs: fc.nat(86_400_000),
      maxDelayMs: fc.nat(86_400_000),
      backoffFactor: fc.double({ min: 1, max: 1000, noNaN: true }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        options,
        fc.nat(2 ** 31),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (part, count, random) => {
          const delay = new RetryStrategy(part).nextDelayMs(count, () => random);
          expect(Number.isSafeInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(part.maxDelayMs);
        },
      ),
    );
  });

  it('gives no shorter delay for a higher count if there is no jitter', () => {
    const growing = { jitter: 0, initialDelayMs: 1, maxDelayMs: HOUR };
    fc.assert(
      fc.property(fc.double({ min: 1, max: 10, noNaN: true }), fc.nat(500), (backoffFactor, count) => {
        const strategy = new RetryStrategy({ ...growing, backoffFactor });
        expect(strategy.nextDelayMs(count + 1)).toBeGreaterThanOrEqual(strategy.nextDelayMs(count));
      }),
    );
  });

  it('keeps a constant delay with factor 1 and no delay with initial delay 0', () => {
    expect(new RetryStrategy({ jitter: 0, backoffFactor: 1 }).nextDelayMs(1000)).toBe(MINUTE);
    expect(new RetryStrategy({ jitter: 0, initialDelayMs: 0 }).nextDelayMs(5000)).toBe(0);
  });

  it('allows as many retries as configured, or as the dead letter itself says', () => {
    expect([0, 1, 2, 3].map((count) => exact.shouldRetry(count))).toEqual([true, true, true, false]);
    expect(exact.shouldRetry(3, 4)).toBe(true);
    expect(exact.shouldRetry(0, 0)).toBe(false);
  });

  it.each([
    'runtime',
    'crashed',
    'cancelled',
    'timeout',
    'overflow',
    'shutdown',
    'paused',
    'an unknown kind',
  ])('retries %s', (kind) => expect(exact.classify(kind).retry).toBe(true));

  it.each(['syntax', 'rejected', 'memory', 'loop', 'deleted'])('exhausts %s immediately', (kind) =>
    expect(exact.classify(kind)).toEqual({ retry: false }),
  );

  it('immediately exhausts an error that the script marks as not retryable', () => {
    expect(exact.classify('runtime', false)).toEqual({ retry: false });
    expect(exact.classify('runtime', false, 1000)).toEqual({ retry: false });
  });

  it('uses the delay that a script asks for, up to the longest delay, and ignores an invalid one', () => {
    expect(exact.classify('runtime', true, 1500)).toEqual({ retry: true, retryAfterMs: 1500 });
    expect(exact.classify('runtime', true, 10 * HOUR)).toEqual({ retry: true, retryAfterMs: HOUR });
    for (const asked of [-1, NaN, Infinity])
      expect(exact.classify('runtime', true, asked)).toEqual({ retry: true });
  });

  it('plans an immediate retry for an event that could not run, even if no retries are configured', () => {
    expect(exact.decide({ kind: 'overflow' }, 0)).toEqual({ retry: true, delayMs: 0 });
    expect(exact.decide({ kind: 'shutdown' }, 0, 0)).toEqual({ retry: true, delayMs: 0 });
  });

  it('decides by the kind of error first and by the number of retries second', () => {
    expect(exact.decide({ kind: 'runtime' }, 1)).toEqual({ retry: true, delayMs: 2 * MINUTE });
    expect(exact.decide({ kind: 'runtime' }, 3)).toEqual({ retry: false });
    expect(exact.decide({ kind: 'syntax' }, 0)).toEqual({ retry: false });
    expect(exact.decide({ kind: 'runtime', retryAfterMs: 5 }, 3)).toEqual({ retry: false });
    expect(exact.decide({ kind: 'runtime', retryAfterMs: 5 }, 2)).toEqual({ retry: true, delayMs: 5 });
  });
});
