import type { Duration } from '../common/duration.js';
import { DurationBetween, Flag } from './option.decorators.js';

/**
 * How the script index in memory learns of changes that other processes made.
 *
 * @publicApi
 */
export class IndexOptions {
  /**
   * How often the version of the scripts table is asked for. 50 ms to 1 hour, default 2 seconds. The bound on how stale
   * the index can be where `listen` does not work.
   */
  @DurationBetween('50ms', '1h')
  pollInterval: Duration = '2s';

  /**
   * Whether changes are also heard at once through `LISTEN`, on one connection of its own. Default true. Set it to
   * false behind a transaction-pooling PgBouncer, which cannot carry `LISTEN`.
   */
  @Flag()
  listen = true;
}
