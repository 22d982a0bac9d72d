import { SystemClock } from '../../../common/clock.js';
import { messageOf } from '../../../common/errors.js';
import { Outage, type OutageLogger } from '../../../common/outage.js';
import { ThrottledLog } from '../../../common/throttled-log.js';

/**
 * Logs failing statements of a node. Heartbeats show whether the database is unavailable: an outage takes one line when
 * it begins and one when it ends. Other failures are logged at most once a minute.
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

  /** A statement failed and will be sent again. */
  failed(error: unknown): void {
    if (!this.database.isOn)
      this.others.warn('failed', `The durable buffer is retrying: ${messageOf(error)}`);
  }

  /** The node has joined the queue again, which somebody else logs. */
  rejoined(): void {
    this.database.toldElsewhere();
  }
}
