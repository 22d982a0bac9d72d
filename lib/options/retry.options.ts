import type { Duration } from '../common/duration.js';
import { DecimalNumber, DurationBetween, WholeNumber } from './option.decorators.js';

/**
 * When and how dead letters are retried. With the defaults, a failed execution is retried after about 1, 2 and 4
 * minutes; then it is exhausted and raises an alert.
 *
 * @publicApi
 */
export class RetryOptions {
  /**
   * How many retries follow the first failure. 0 to 100, default 3. With 0 a dead letter is exhausted immediately and
   * only a person can replay it.
   */
  @WholeNumber(0, 100)
  maxRetries = 3;

  /** Time from a failure to the first retry. 1 ms to 24 days, default 1 minute. */
  @DurationBetween('1ms', '24d')
  initialDelay: Duration = '1m';

  /** Longest delay before a retry. `initialDelay` to 24 days, default 1 hour. */
  @DurationBetween('1ms', '24d')
  maxDelay: Duration = '1h';

  /** Each delay is the previous one multiplied by this. 1 to 100, default 2. With 1 every delay is `initialDelay`. */
  @DecimalNumber(1, 100)
  backoffFactor = 2;

  /**
   * Random share of a delay, so that dead letters that failed together are not retried together. 0 to 1, default 0.1: a
   * minute becomes 54 to 66 seconds.
   */
  @DecimalNumber(0, 1)
  jitter = 0.1;

  /**
   * How often each process looks for due dead letters. 10 ms to 1 day, default 10 seconds. A retry can be this much
   * late.
   */
  @DurationBetween('10ms', '1d')
  interval: Duration = '10s';

  /**
   * How many retries this process runs at the same time. 1 to 256, default 5. They share the sandbox with new events.
   * When several tenants have active scripts, a quarter of these places (at least one, if there are two or more) stays
   * free for tenants that have no retry running in this process.
   */
  @WholeNumber(1, 256)
  concurrency = 5;

  /** How many due dead letters a process claims at a time. 1 to 1,000, default 20. */
  @WholeNumber(1, 1_000)
  batchSize = 20;

  /**
   * How long a dead letter belongs to the process that has claimed it. If that process crashes, another one claims it
   * after this time. `sandbox.maxTimeout` plus 10 seconds to 1 day, default 2 minutes: with a lease shorter than a
   * run, two processes could run the same dead letter.
   */
  @DurationBetween('1s', '1d')
  leaseDuration: Duration = '2m';
}
