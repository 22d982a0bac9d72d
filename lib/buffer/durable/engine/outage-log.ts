import { SystemClock } from '../../../common/clock.js';
import { messageOf } from '../../../common/errors.js';
import { Outage, type OutageLogger } from '../../../common/outage.js';
import { ThrottledLog } from '../../../common/throttled-log.js';

/**
 * What a node says of failing statements. Heartbeats tell whether the database is unavailable: one line when it goes, one when
 * it is back, and nothing in between. What else fails is said at most once a minute.
 */
export class OutageLog {
  private readonly others: ThrottledLog;
  private readonly database: Outage;

  constructor(logger: OutageLogger) {
    this.database = new Outage(logger, {
      begins: 'The durable buffer is waiting for the database',
      ends: 'The durable buffer reaches the database again.',
      fails: 'The heartbeat of the durable buffer fails',
    });
    this.others = new ThrottledLog(logger, new SystemClock());
  }

  heartbeatFailed(error: unknown): void {
    this.database.failed(error);
  }

  heartbeatCame(): void {
    this.database.worked();
  }

  /** A statement failed, and is tried again. */
  failed(error: unknown): void {
    if (!this.database.isOn)
      this.others.warn('failed', `The durable buffer is retrying: ${messageOf(error)}`);
  }

  /** The node joins the queue anew, and somebody else says so. */
  rejoined(): void {
    this.database.toldElsewhere();
  }
}
