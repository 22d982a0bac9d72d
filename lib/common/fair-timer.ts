import { afterSockets } from './after-sockets.js';

/** Longest time between two looks at the clock, in milliseconds. */
const LOOK_EVERY_MS = 250;
/** A timer may be this late because the event loop is busy. A longer delay means that this process stood still. */
const TOLERATED_MS = 100;
/** With a timer that is no later than this, nothing can have arrived unread. */
const ON_TIME_MS = 2;

/**
 * Calls back after this process has been running for a given time. A process that is stopped, swapped out, collecting
 * garbage or busy with synchronous work looks at its clock late, and what it waited for may have arrived long ago. So
 * time in which it stood still doesn't count, and whatever has arrived by then is read first: the call is made after
 * the event loop has looked at its sockets.
 *
 * Precise to one turn of the event loop, and never early.
 */
export class FairTimer {
  private timer!: NodeJS.Timeout;
  private last: NodeJS.Immediate | undefined;
  private lookedAt = performance.now();
  private slice = 0;
  private stoodStill = 0;

  /** @param leftMs milliseconds, not negative */
  constructor(
    private leftMs: number,
    private readonly onEnd: () => void,
  ) {
    this.wait();
  }

  /** How many milliseconds this process has stood still since the timer was created. */
  get stoodStillMs(): number {
    const late = performance.now() - this.lookedAt - this.slice;
    return this.stoodStill + (late > TOLERATED_MS ? late : 0);
  }

  /** Cancels the call. */
  cancel(): void {
    clearTimeout(this.timer);
    clearImmediate(this.last);
  }

  private wait(): void {
    this.slice = Math.min(this.leftMs, LOOK_EVERY_MS);
    this.timer = setTimeout(() => this.look(), this.slice);
  }

  private look(): void {
    const now = performance.now();
    const passed = now - this.lookedAt;
    const late = passed - this.slice;
    const stood = late > TOLERATED_MS ? late : 0;
    this.stoodStill += stood;
    this.leftMs -= passed - stood;
    this.lookedAt = now;
    if (this.leftMs > 0) return this.wait();
    this.slice = 0;
    if (late < ON_TIME_MS) return this.onEnd();
    this.last = afterSockets(() => this.onEnd());
  }
}
