import type { Duration } from '../common/duration.js';
import { DecimalNumber, DurationBetween, Flag, WholeNumber } from './option.decorators.js';

/**
 * The breaker of each script. A script that keeps failing first runs one event at a time (`degraded`), then not at all
 * (`disabled`), and its events are kept. Executions of events, retries and replays count. Executions that a person
 * starts don't count, and neither does a failure that the script asks for itself (`NonRetryableError`,
 * `RetryAfterError`).
 *
 * @publicApi
 */
export class BreakerOptions {
  /** Whether the breaker degrades and disables scripts. Default true. */
  @Flag()
  enabled = true;

  /** A script is disabled after this many failures that end the sandbox process. 1 to 10,000, default 5. */
  @WholeNumber(1, 10_000)
  maxCrashes = 5;

  /**
   * A script is disabled after this many other failures. 1 to 1,000,000, default 100. A `timeout` or `memory` failure
   * counts as 5, and each completed execution takes one off, so a script that completes as often as it throws is never
   * disabled. Both kinds add up: a script that has reached half of `maxCrashes` and half of `maxFailures` is disabled
   * too.
   */
  @WholeNumber(1, 1_000_000)
  maxFailures = 100;

  /**
   * Share of these two limits at which a script is degraded. 0.01 to 1, default 0.5. With 1 it is disabled without
   * being degraded first.
   */
  @DecimalNumber(0.01, 1)
  degradeAt = 0.5;

  /** How long failures count, from the first one on. 1 second to 24 days, default 1 hour. */
  @DurationBetween('1s', '24d')
  window: Duration = '1h';

  /**
   * How many dead letters may wait for a disabled script. 0 to 1,000,000, default 10,000. Further events are lost, and
   * counted as dropped with reason `held`, so that no table grows without end for a script that nobody looks at.
   */
  @WholeNumber(0, 1_000_000)
  maxHeld = 10_000;
}
