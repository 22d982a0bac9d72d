import { Logger } from '@nestjs/common';
import { type Clock, SystemClock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { within } from '../common/within.js';

type Counts = Record<string, number>;

/** Longest a collection waits for the database; a scrape times out after 10 seconds by Prometheus' default. */
const PATIENCE_MS = 2_000;

/**
 * The dead letters by status, asked for at most once in `cacheTimeMs` however many collect.
 * Never rejects: while the database is away or slow, the last counts stand.
 */
export class DeadLetterCounts {
  private readonly log: ThrottledLog;
  private last: Counts = {};
  private countedAt = Number.NEGATIVE_INFINITY;
  private counting: Promise<void> | undefined;

  constructor(
    private readonly count: () => Promise<Counts>,
    private readonly cacheTimeMs: number,
    private readonly clock: Clock = new SystemClock(),
  ) {
    this.log = new ThrottledLog(new Logger('ScriptsEventMetrics'), clock);
  }

  async read(): Promise<Counts> {
    if (this.clock.now() - this.countedAt >= this.cacheTimeMs) {
      this.counting ??= this.refresh();
      await within(this.counting, PATIENCE_MS);
    }
    return this.last;
  }

  private async refresh(): Promise<void> {
    try {
      this.last = await this.count();
      this.countedAt = this.clock.now();
    } catch (error) {
      this.log.warn('count', `Dead letters could not be counted; the last counts stand: ${messageOf(error)}`);
    } finally {
      this.counting = undefined;
    }
  }
}
