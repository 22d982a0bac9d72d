import type { Duration } from '../common/duration.js';
import { Age, DurationBetween, Flag, WholeNumber } from './option.decorators.js';

/**
 * How long execution records and closed dead letters are kept. Ages are measured by the database's clock; `never` keeps
 * rows forever. Pending and retrying dead letters are never deleted, and neither are versions of scripts.
 *
 * @publicApi
 */
export class RetentionOptions {
  /**
   * Whether this process deletes old rows on its own. Default true. With false, call `RetentionService.run()` yourself.
   */
  @Flag()
  enabled = true;

  /**
   * Age at which records of completed executions are deleted. 1 to 3,650 days or `never`, default 30 days. The durable
   * buffer recognises redelivered events by these records: keep them longer than an outage of all nodes may last.
   */
  @Age('1d', '3650d')
  completedExecutions: Duration | 'never' = '30d';

  /** Age at which records of failed executions are deleted. 1 hour to 3,650 days or `never`, default 90 days. */
  @Age('1h', '3650d')
  failedExecutions: Duration | 'never' = '90d';

  /** How long after being resolved a dead letter is deleted. 1 hour to 3,650 days or `never`, default 30 days. */
  @Age('1h', '3650d')
  resolvedDeadLetters: Duration | 'never' = '30d';

  /** How long after being discarded a dead letter is deleted. 1 hour to 3,650 days or `never`, default 30 days. */
  @Age('1h', '3650d')
  discardedDeadLetters: Duration | 'never' = '30d';

  /**
   * How long after being exhausted a dead letter is deleted, but never before its alert was sent. 1 hour to 3,650 days
   * or `never`. Default `never`: they wait for a person, and a deleted one cannot be replayed.
   */
  @Age('1h', '3650d')
  exhaustedDeadLetters: Duration | 'never' = 'never';

  /** Time between two rounds of this process. 1 second to 1 day, default 1 hour. Several processes take turns. */
  @DurationBetween('1s', '1d')
  interval: Duration = '1h';

  /** How many rows one statement deletes. 1 to 10,000, default 1,000. Small batches keep locks short. */
  @WholeNumber(1, 10_000)
  batchSize = 1_000;

  /** Pause between two batches, which leaves the database to others. 0 to 1 minute, default 100 ms. */
  @DurationBetween('0ms', '1m')
  batchPause: Duration = '100ms';

  /**
   * How long a round may take, so that the first round on a huge table leaves the database to others. The next round
   * continues with the rest. 1 second to 1 hour, default 5 minutes.
   */
  @DurationBetween('1s', '1h')
  maxRoundTime: Duration = '5m';
}
