import { types } from 'node:util';
import { Clock } from '../common/clock.js';
import { type Duration, parseDuration } from '../common/duration.js';
import { FakeClockError } from './testing.errors.js';
import { valueInWords } from '../common/printable.js';

/** A moment: a Date, milliseconds since the epoch, or ISO 8601 text. */
export type Moment = Date | number | string;

/**
 * A clock that stands still until you move it, in place of the machine's:
 *
 * ```ts
 * const clock = new FakeClock('2026-01-31T09:00:00Z');
 * Test.createTestingModule({ imports: [AppModule] }).overrideProvider(Clock).useValue(clock);
 * clock.advance('1h');
 * ```
 *
 * It sets when an event is captured, how long it was queued, and when an execution begins and ends. It doesn't change
 * the database's clock (when a retry is due, leases, `created_at`) or timers (timeouts of scripts, the interval of the
 * retry worker): use short options for these.
 *
 * @publicApi
 */
export class FakeClock extends Clock {
  private time: number;

  /**
   * @param start default: the machine's current time
   * @throws FakeClockError for an invalid moment
   */
  constructor(start: Moment = Date.now()) {
    super();
    this.time = timeOf(start);
  }

  override now(): number {
    return this.time;
  }

  /**
   * Moves the clock forward, by milliseconds or text such as `30s`, `1h`, `7d`. Use {@link set} to go back.
   *
   * @throws FakeClockError for an invalid or negative length of time
   */
  advance(by: Duration): void {
    const milliseconds = parseDuration(by);
    if (milliseconds === undefined) {
      throw new FakeClockError(
        `advance(${valueInWords(by)}): expected milliseconds (0 or more), or text such as 30s, 1h, 7d.`,
      );
    }
    this.time += milliseconds;
  }

  /** Moves the clock to a moment, even an earlier one. @throws FakeClockError for an invalid moment */
  set(to: Moment): void {
    this.time = timeOf(to);
  }
}

function timeOf(moment: Moment): number {
  const known = types.isDate(moment) || typeof moment === 'number' || typeof moment === 'string';
  const time = known ? new Date(moment).getTime() : Number.NaN;
  if (Number.isNaN(time)) {
    throw new FakeClockError(
      `Invalid time ${valueInWords(moment)}. Use a Date, milliseconds since the epoch, or ISO 8601 text.`,
    );
  }
  return time;
}
