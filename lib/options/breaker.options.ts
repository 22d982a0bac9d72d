import type { Duration } from '../common/duration.js';
import { DecimalNumber, DurationBetween, Flag, WholeNumber } from './option.decorators.js';

/**
 * The breaker of each script: one that keeps failing runs one at a time (`degraded`), then not at all (`disabled`), and
 * what comes for it meanwhile is kept. Executions of events, retries and replays count; those a person starts do not,
 * nor does a failure that the script asks for itself.
 *
 * @publicApi
 */
export class BreakerOptions {
  /** Whether scripts are degraded and disabled by themselves. Default true. */
  @Flag()
  enabled = true;

  /** Failures that end the sandbox process after which a script is disabled. 1 to 10,000, default 5. */
  @WholeNumber(1, 10_000)
  maxCrashes = 5;

  /**
   * Other failures after which a script is disabled. 1 to 1,000,000, default 100. A `timeout` or `memory` counts as 5, and
   * each completed execution takes one back: a script that completes more often than it fails is never disabled for
   * `runtime` errors. Both kinds add up: half of each is as much as one of them.
   */
  @WholeNumber(1, 1_000_000)
  maxFailures = 100;

  /** Share of that after which a script is degraded. 0.01 to 1, default 0.5; 1: it is disabled at once. */
  @DecimalNumber(0.01, 1)
  degradeAt = 0.5;

  /** How long a failure counts, from the first one on. 1 second to 24 days, default 1 hour. */
  @DurationBetween('1s', '24d')
  window: Duration = '1h';

  /**
   * Dead letters that may wait for a disabled script. 0 to 1,000,000, default 10,000. What comes on top is lost, and
   * counted as dropped with reason `held`: no table grows for ever for a script that nobody looks at.
   */
  @WholeNumber(0, 1_000_000)
  maxHeld = 10_000;
}
