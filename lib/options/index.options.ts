import type { Duration } from '../common/duration.js';
import { DurationBetween, Flag, WholeNumber } from './option.decorators.js';

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

  /**
   * Bytes of memory for the sources of scripts. 1,048,576 to 4,294,967,296, default 67,108,864: some 300 of the largest
   * sources, and a hundred times as many of the usual size. Sources of active scripts are read into it at the start and when
   * they change, so that they run while the database is away. What is beyond it is read when it runs, and waits then.
   */
  @WholeNumber(1_048_576, 4_294_967_296)
  maxSourceBytes = 67_108_864;
}
