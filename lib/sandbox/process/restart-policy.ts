const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 30_000;
/** Number of failures in a row that counts as a crash loop. */
const CRASH_LOOP = 5;

/**
 * Says when a process may be started after others failed on their own: immediately after a success, then after 100 ms,
 * doubling up to 30 s. Processes that a script ended don't count, because that is the script's fault and the next
 * script must not wait.
 */
export class RestartPolicy {
  private failures = 0;
  private notBefore = 0;

  /** Milliseconds until a start is allowed. */
  delayMs(now = performance.now()): number {
    return Math.max(0, this.notBefore - now);
  }

  /** Counts a failure. Returns what to report if it is a crash loop. */
  failed(now = performance.now()): { failures: number; retryInMs: number } | undefined {
    this.failures++;
    const retryInMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.failures - 1, 20));
    this.notBefore = now + retryInMs;
    return this.crashLoop(now) ?? undefined;
  }

  /** Something outside ended a process while it started. That is no failure of the process, but it may happen again. */
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
