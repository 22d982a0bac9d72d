import { OneOf, WholeNumber } from './option.decorators.js';

/**
 * The event buffer: the queue between capture and execution.
 *
 * @publicApi
 */
export class BufferOptions {
  /**
   * Where queued events wait. `memory`: in this process; a graceful stop keeps what waits as dead letters, a crash
   * loses it. Default `memory`.
   */
  @OneOf('memory')
  driver = 'memory' as const;

  /**
   * Most queued events that may wait, over all tenants. 1 to 1,000,000, default 1,000. One takes as much memory as its
   * payload's text; over the size `overflow` decides.
   */
  @WholeNumber(1, 1_000_000)
  size = 1_000;

  /**
   * Executions of this process at the same time. 1 to 256, default 10. Scripts that wait for bindings gain from more;
   * scripts that compute do not gain beyond the number of cores.
   */
  @WholeNumber(1, 256)
  workerCount = 10;

  /**
   * Executions of one script at the same time, so that a slow script leaves workers to the others. 1 to 256, default 5.
   */
  @WholeNumber(1, 256)
  maxRunsPerScript = 5;

  /**
   * What becomes of a queued event that finds the buffer full. `dead-letter`: kept and retried when due; `drop`: counted
   * and lost. Default `dead-letter`.
   */
  @OneOf('dead-letter', 'drop')
  overflow: 'dead-letter' | 'drop' = 'dead-letter';
}
