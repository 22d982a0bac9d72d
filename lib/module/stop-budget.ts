import { drainTimeOf } from '../options/stop-time.js';

/** What a writer gets to get on, at least and at most. */
const LEAST_STALL_MS = 1_000;
const MOST_STALL_MS = 5_000;
/** What the last steps take that have no time of their own. */
const SPARE_MS = 500;

/** How the time of a stop is shared out, so that whatever cannot run is stored well before the end. */
export class StopBudget {
  private readonly begin = performance.now();
  /** Milliseconds in which the queue may drain. */
  readonly drainMs: number;

  constructor(private readonly totalMs: number) {
    this.drainMs = drainTimeOf(totalMs);
  }

  /** Milliseconds until the end. */
  get leftMs(): number {
    return Math.max(0, this.totalMs - (performance.now() - this.begin));
  }

  /** Milliseconds in which whoever stores has to get on, or is given up. */
  get stallMs(): number {
    return Math.min(MOST_STALL_MS, Math.max(LEAST_STALL_MS, this.leftMs - SPARE_MS));
  }
}
