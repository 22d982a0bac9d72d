import { SystemClock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { ThrottledLog } from '../../common/throttled-log.js';

/** What is needed of a logger: Nest's `Logger` fits. */
interface NodeLogger {
  log(message: string): void;
  warn(message: string): void;
}

/**
 * What a node says of failing statements. Heartbeats tell whether the database is away: one line when it goes, one when
 * it is back, and nothing in between. What else fails is said at most once a minute.
 */
export class OutageLog {
  private readonly others: ThrottledLog;
  private away = false;

  constructor(private readonly logger: NodeLogger) {
    this.others = new ThrottledLog(logger, new SystemClock());
  }

  heartbeatFailed(error: unknown): void {
    if (!this.away) this.logger.warn(`The durable buffer waits for the database: ${messageOf(error)}`);
    this.away = true;
  }

  heartbeatCame(): void {
    if (this.away) this.logger.log('The durable buffer reaches the database again.');
    this.away = false;
  }

  /** A statement failed, and is tried again. */
  failed(error: unknown): void {
    if (!this.away) this.others.warn('failed', `The durable buffer tries again: ${messageOf(error)}`);
  }

  /** The node joins the queue anew, and somebody else says so. */
  rejoined(): void {
    this.away = false;
  }
}
