import { PrintableLogger } from '../common/printable-logger.js';
import { type Clock, SystemClock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { inOwnContext } from '../common/own-context.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { within } from '../common/within.js';

/**
 * How many milliseconds a collection waits for the database. By Prometheus' default, a scrape times out after 10
 * seconds.
 */
const PATIENCE_MS = 2_000;

/**
 * A value read from the database at most once in `cacheTimeMs`, however many collections ask for it. Never rejects:
 * while the database is unavailable or slow, the last value is used.
 */
export class CachedReading<T> {
  private readonly log: ThrottledLog;
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;

  /**
   * @param name what is read, as the subject of a log line
   * @param last the value until the first one is read
   */
  constructor(
    private readonly name: string,
    private readonly ask: () => Promise<T>,
    private last: T,
    private readonly cacheTimeMs: number,
    private readonly clock: Clock = new SystemClock(),
  ) {
    this.log = new ThrottledLog(new PrintableLogger('ScriptsEventMetrics'), clock);
  }

  async read(): Promise<T> {
    const age = this.clock.now() - this.readAt;
    // Negative: the clock was set back. Without this, the figures would stay until it has caught up.
    if (age < 0 || age >= this.cacheTimeMs) {
      this.reading ??= inOwnContext(() => this.refresh());
      await within(this.reading, PATIENCE_MS);
    }
    return this.last;
  }

  private async refresh(): Promise<void> {
    try {
      this.last = await this.ask();
      this.readAt = this.clock.now();
    } catch (error) {
      this.log.warn(
        'read',
        `${this.name} could not be read; the metrics keep the last figures: ${messageOf(error)}`,
      );
    } finally {
      this.reading = undefined;
    }
  }
}
