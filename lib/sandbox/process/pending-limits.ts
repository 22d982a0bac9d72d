const SECOND_MS = 1_000;
/** How many limits a process may have: some 50 MB. */
const MOST = 200_000;
/** So many limits that come due at once may overflow the stack of a thread: a little less than were measured. */
const OVERFLOW = 30_000;

/**
 * The time limits of the runs that have ended in a process. isolated-vm keeps a limit until its time has come, in some
 * 250 bytes. Without a bound, long limits and many short runs would fill the memory of the process.
 *
 * The bound doesn't cover one case, because a bound that does costs a fifth of the runs a second: limits whose time
 * came while the process was stopped, for example with its container, end in one recursion, which overflows the stack
 * of its thread at some 35,000. The process then crashes. Its run is given back, and its script is not blamed.
 */
export class PendingLimits {
  /** Numbers of limits by the second in which they end. */
  private readonly ends = new Map<number, number>();
  private count = 0;
  private now = 0;

  /** Adds the limits of a run. */
  add(timeoutMs: number, limits: number): void {
    // The process ends limits later than they are due, but by less than a second.
    const end = this.second + Math.ceil(timeoutMs / SECOND_MS) + 1;
    this.ends.set(end, (this.ends.get(end) ?? 0) + limits);
    this.count += limits;
    this.dropEnded();
  }

  /** Whether the process should begin no further run. */
  get areTooMany(): boolean {
    if (this.count < MOST) return false;
    this.dropEnded();
    return this.count >= MOST;
  }

  /** Whether the limits that the process keeps could end it if they came due at once. */
  get mayOverflow(): boolean {
    return this.count >= OVERFLOW;
  }

  private get second(): number {
    return Math.floor(performance.now() / SECOND_MS);
  }

  /** Looks once a second, because a long time limit has many seconds. */
  private dropEnded(): void {
    const { second } = this;
    if (second === this.now) return;
    this.now = second;
    for (const [end, limits] of this.ends) {
      if (end > second) continue;
      this.ends.delete(end);
      this.count -= limits;
    }
  }
}
