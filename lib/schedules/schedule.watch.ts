import type { PrintableLogger } from '../common/printable-logger.js';
import type { ScheduleRepository } from './schedule.repository.js';

/** If the database's clock is set back by less than this, in milliseconds, schedules are left as they are. */
const CLOCK_TOLERANCE_MS = 60_000;

export interface ScheduleWatchSettings {
  /** Longest time between two looks at the database, in milliseconds. */
  pollMs: number;
  /** Milliseconds of the lease of a run in memory. */
  leaseMs: number;
}

/** Asks the database when the next schedule is due, and notices when the clock of the database is set back. */
export class ScheduleWatch {
  /** The database's time at a moment of this process's monotonic clock. */
  private seen: { now: number; at: number } | undefined;
  private since: number | undefined;

  constructor(
    private readonly repository: Pick<ScheduleRepository, 'untilDue' | 'mend'>,
    private readonly settings: ScheduleWatchSettings,
    private readonly logger: Pick<PrintableLogger, 'warn'>,
  ) {}

  /** The database's time, in milliseconds since the epoch; NaN before it has answered. */
  get now(): number {
    const { seen } = this;
    return seen ? seen.now + performance.now() - seen.at : Number.NaN;
  }

  /** Milliseconds since the database last answered. null if it has not answered yet. */
  get sinceLookMs(): number | null {
    return this.seen ? Math.round(performance.now() - this.seen.at) : null;
  }

  /**
   * The database's time since which it has answered every query of this process. Infinity if it did not answer the
   * last one.
   */
  get unbrokenSince(): number {
    return this.since ?? Infinity;
  }

  /** The database did not answer. */
  broken(): void {
    this.since = undefined;
  }

  /**
   * Milliseconds until a schedule is due, negative if one is overdue, null if none will be.
   *
   * @throws the error of the database
   */
  async untilDue(): Promise<number | null> {
    const { repository, seen } = this;
    const { now, dueInMs } = await repository.untilDue();
    const at = performance.now();
    this.seen = { now, at };
    // While this process stood still it noticed no outage, and all other processes may have stood still, too.
    if (seen && at - seen.at > this.settings.leaseMs + this.settings.pollMs) this.broken();
    this.since ??= now;
    if (seen && now - seen.now >= at - seen.at - CLOCK_TOLERANCE_MS) return dueInMs;
    // Also at the start, because the clock may have been set back while no process ran.
    const mended = await repository.mend(CLOCK_TOLERANCE_MS);
    if (mended === 0) return dueInMs;
    this.logger.warn(
      `The clock of the database was set back. The next times of ${mended} schedules were computed anew.`,
    );
    return (await repository.untilDue()).dueInMs;
  }
}
