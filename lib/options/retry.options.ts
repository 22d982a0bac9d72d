import type { Duration } from '../common/duration.js';
import { DecimalNumber, DurationBetween, WholeNumber } from './option.decorators.js';

/**
 * When and how dead letters are tried again. With the defaults a failed execution is retried after about 1, 2 and 4
 * minutes, then it is exhausted and alerted.
 *
 * @publicApi
 */
export class RetryOptions {
  /** Retries after the first failure. 0 to 100, default 3. 0: exhausted at once, replay by hand only. */
  @WholeNumber(0, 100)
  maxRetries = 3;

  /** Time from a failure to the first retry. 1 ms to 24 days, default 1 minute. */
  @DurationBetween('1ms', '24d')
  initialDelay: Duration = '1m';

  /** Longest time to any retry. `initialDelay` to 24 days, default 1 hour. */
  @DurationBetween('1ms', '24d')
  maxDelay: Duration = '1h';

  /** Each delay is the one before times this. 1 to 100, default 2. 1: always `initialDelay`. */
  @DecimalNumber(1, 100)
  backoffFactor = 2;

  /**
   * Share of a delay that is random, so that entries that failed together do not come back together. 0 to 1, default
   * 0.1: a minute becomes 54 to 66 seconds.
   */
  @DecimalNumber(0, 1)
  jitter = 0.1;

  /** How often each process looks for due entries. 10 ms to 1 day, default 10 seconds. A retry is late by as much. */
  @DurationBetween('10ms', '1d')
  interval: Duration = '10s';

  /**
   * Retries of this process at the same time. 1 to 256, default 5. They share the sandbox with fresh events. While scripts
   * of several tenants listen, a quarter of them, and at least one of two, begins only for tenants of which no retry runs in
   * this process.
   */
  @WholeNumber(1, 256)
  concurrency = 5;

  /** Due entries claimed at a time. 1 to 1,000, default 20. */
  @WholeNumber(1, 1_000)
  batchSize = 20;

  /**
   * How long a claimed entry belongs to the process that claimed it; after a crash another process takes it when this
   * has passed. `sandbox.maxTimeout` plus 10 seconds to 1 day, default 2 minutes: a lease shorter than a run would let
   * two processes run one entry.
   */
  @DurationBetween('1s', '1d')
  leaseDuration: Duration = '2m';
}
