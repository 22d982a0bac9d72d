import type { Duration } from '../common/duration.js';
import { DecimalNumber, DurationBetween, MayBeUndefined } from './option.decorators.js';

/**
 * The thresholds at which `ScriptsEventHealth` reports a part as degraded.
 *
 * @publicApi
 */
export class HealthOptions {
  /** How long an event may wait in the event buffer. 1 second to 1 day, default 1 minute. */
  @DurationBetween('1s', '1d')
  maxQueueAge: Duration = '1m';

  /** Share of `buffer.size` that may be in use. 0.01 to 1, default 0.8. With 1 only a full buffer is degraded. */
  @DecimalNumber(0.01, 1)
  maxQueueFill = 0.8;

  /**
   * How long ago the script index may last have been compared with the database. At least twice `index.pollInterval`,
   * up to 1 day; default 30 seconds, or three times `index.pollInterval` if that is longer.
   */
  @MayBeUndefined()
  @DurationBetween('100ms', '1d')
  maxIndexAge: Duration | undefined = undefined;

  /** How long a check waits for the database before it reports it as down. 10 ms to 1 minute, default 2 seconds. */
  @DurationBetween('10ms', '1m')
  databaseTimeout: Duration = '2s';
}
