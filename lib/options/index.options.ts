import type { Duration } from '../common/duration.js';
import { DurationBetween, Flag, WholeNumber } from './option.decorators.js';

/**
 * How a process's script index learns of changes that other processes made.
 *
 * @publicApi
 */
export class IndexOptions {
  /**
   * How often a process checks the scripts table for changes. 50 ms to 1 hour, default 800 milliseconds. Without a
   * working `listen`, the index can be out of date for this long.
   */
  @DurationBetween('50ms', '1h')
  pollInterval: Duration = '800ms';

  /**
   * Whether a process learns of changes immediately, through `LISTEN` on a connection of its own. Default true. Set it
   * to false behind a transaction-pooling PgBouncer, where `LISTEN` doesn't work.
   */
  @Flag()
  listen = true;

  /**
   * Bytes of memory for the sources of scripts. 1,048,576 to 4,294,967,296, default 67,108,864: some 300 of the largest
   * sources, or a hundred times as many of the usual size. Sources of active scripts are loaded at the start and when
   * they change, so that the scripts run while the database is unavailable. A source that doesn't fit is read from the
   * database when its script runs.
   */
  @WholeNumber(1_048_576, 4_294_967_296)
  maxSourceBytes = 67_108_864;
}
