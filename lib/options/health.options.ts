import type { Duration } from '../common/duration.js';
import { DecimalNumber, DurationBetween, MayBeUndefined } from './option.decorators.js';

/**
 * From where on `ScriptsEventHealth` calls a part degraded.
 *
 * @publicApi
 */
export class HealthOptions {
  /** Longest an event may wait in the event buffer. 1 second to 1 day, default 1 minute. */
  @DurationBetween('1s', '1d')
  maxQueueAge: Duration = '1m';

  /** Share of `buffer.size` that may be taken. 0.01 to 1, default 0.8. 1: only a full buffer is degraded. */
  @DecimalNumber(0.01, 1)
  maxQueueFill = 0.8;

  /**
   * Longest ago that the script index may have been compared with the database. At least twice `index.pollInterval`, up
   * to 1 day; default 30 seconds, or three times `index.pollInterval` if that is longer.
   */
  @MayBeUndefined()
  @DurationBetween('100ms', '1d')
  maxIndexAge: Duration | undefined = undefined;

  /** Longest a check waits for the database. 10 ms to 1 minute, default 2 seconds. Over it the database is down. */
  @DurationBetween('10ms', '1m')
  databaseTimeout: Duration = '2s';
}
