import type { Duration } from '../common/duration.js';
import { DurationBetween, Flag } from './option.decorators.js';

/**
 * Schedules of scripts. The database's clock says when their times have come.
 *
 * @publicApi
 */
export class SchedulesOptions {
  /**
   * Whether this process makes events of schedules. Default true. At least one process must; with the memory buffer
   * it also runs the events that it has made.
   */
  @Flag()
  enabled = true;

  /**
   * The shortest time between two times of one schedule. 1 second to 1 day, default 1 minute. A script whose schedule
   * has shorter intervals can't be saved. Raising this keeps existing schedules.
   */
  @DurationBetween('1s', '1d')
  minInterval: Duration = '1m';

  /**
   * The longest time between two looks at the schedules. 100 ms to 1 hour, default 10 seconds. A process also looks
   * when the next time has come, and when it is notified of a changed script. With `index.listen` off there is no
   * notification, so a new schedule can be this late.
   */
  @DurationBetween('100ms', '1h')
  pollInterval: Duration = '10s';

  /**
   * How late a schedule with `catchUp: "none"` still runs. 1 second to 1 day, default 1 minute. A time on which no
   * process acted for longer is left out.
   */
  @DurationBetween('1s', '1d')
  missedAfter: Duration = '1m';
}
