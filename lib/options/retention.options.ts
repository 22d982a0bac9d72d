import type { Duration } from '../common/duration.js';
import { Age, DurationBetween, Flag, WholeNumber } from './option.decorators.js';

/**
 * How long execution records and closed dead letters are kept. Ages are the database's; `never` keeps for ever. Pending
 * and retrying dead letters are never deleted, and neither are versions of scripts.
 *
 * @publicApi
 */
export class RetentionOptions {
  /** Whether this process deletes by itself. Default true. With false, call `RetentionService.run()` where it suits. */
  @Flag()
  enabled = true;

  /**
   * Age at which records of completed executions go. 1 to 3,650 days or `never`, default 30 days. They are how a durable
   * buffer recognises an event that comes again: keep them longer than an outage of all nodes may last.
   */
  @Age('1d', '3650d')
  completedExecutions: Duration | 'never' = '30d';

  /** Age at which records of failed executions go. 1 hour to 3,650 days or `never`, default 90 days. */
  @Age('1h', '3650d')
  failedExecutions: Duration | 'never' = '90d';

  /** Time after which resolved dead letters go, from when they were. 1 hour to 3,650 days or `never`, default 30 days. */
  @Age('1h', '3650d')
  resolvedDeadLetters: Duration | 'never' = '30d';

  /** The same for discarded ones. Default 30 days. */
  @Age('1h', '3650d')
  discardedDeadLetters: Duration | 'never' = '30d';

  /**
   * The same for exhausted ones, each only after its alert went out. Default `never`: they wait for a person, and what
   * is deleted cannot be replayed.
   */
  @Age('1h', '3650d')
  exhaustedDeadLetters: Duration | 'never' = 'never';

  /** Time between rounds. 1 second to 1 day, default 1 hour. Any number of processes may have one: they take turns. */
  @DurationBetween('1s', '1d')
  interval: Duration = '1h';

  /** Rows deleted by one statement. 1 to 10,000, default 1,000. Small batches keep locks short. */
  @WholeNumber(1, 10_000)
  batchSize = 1_000;

  /** Pause between two batches, for everybody else's sake. 0 to 1 minute, default 100 ms. */
  @DurationBetween('0ms', '1m')
  batchPause: Duration = '100ms';

  /**
   * Longest a round goes on, so that the first one on a huge table leaves the database to others; the next round takes
   * up the rest. 1 second to 1 hour, default 5 minutes.
   */
  @DurationBetween('1s', '1h')
  maxRoundTime: Duration = '5m';
}
