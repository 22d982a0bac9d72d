const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 30_000;
/** Number of failures in a row that counts as a crash loop. */
const CRASH_LOOP = 5;

/**
 * Says when the next process may start: immediately after a success, 100 ms after the first failure in a row, and twice
 * as long after each further one, up to 30 s. A process that a script ended doesn't count as a failure, so that the
 * next script need not wait.
 */
export class RestartPolicy {
  private failures = 0;
  private notBefore = 0;

  /** Milliseconds until a start is allowed; a whole number. */
  delayMs(now = performance.now()): number {
    return Math.max(0, Math.round(this.notBefore - now));
  }

  /** Counts a failure. Returns the crash loop if there is one. */
  failed(now = performance.now()): { failures: number; retryInMs: number } | undefined {
    this.failures++;
    const retryInMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.failures - 1, 20));
    this.notBefore = now + retryInMs;
    return this.crashLoop(now) ?? undefined;
  }

  /**
   * Delays the next start, because a signal from outside ended a process. The process did not fail, but more signals
   * may follow.
   */
  disturbed(now = performance.now()): void {
    this.notBefore = Math.max(this.notBefore, now + FIRST_DELAY_MS);
  }

  succeeded(): void {
    this.failures = 0;
    this.notBefore = 0;
  }

  /** The present crash loop; null if there is none. */
  crashLoop(now = performance.now()): { failures: number; retryInMs: number } | null {
    return this.isCrashLoop ? { failures: this.failures, retryInMs: this.delayMs(now) } : null;
  }

  get isCrashLoop(): boolean {
    return this.failures >= CRASH_LOOP;
  }
}
