import { drainTimeOf } from '../options/stop-time.js';

/** Bounds of the time within which a writer has to make progress, in milliseconds. */
const LEAST_STALL_MS = 1_000;
const MOST_STALL_MS = 5_000;
/** Milliseconds for the last steps, which have no time limit of their own. */
const SPARE_MS = 500;

/** Divides the time of a stop, so that everything that can't run any more is stored well before the end. */
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

  /** A writer that makes no progress for this many milliseconds is given up. */
  get stallMs(): number {
    return Math.min(MOST_STALL_MS, Math.max(LEAST_STALL_MS, this.leftMs - SPARE_MS));
  }
}
