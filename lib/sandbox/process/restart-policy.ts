const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 30_000;
/** Failures in a row that are no accident any more. */
const CRASH_LOOP = 5;

/**
 * When a process may be started again after some failed by themselves: at once after a success, then 100 ms, doubling
 * up to 30 s. Processes that a script ended do not count: the script is to blame, and the next one must not wait.
 */
export class RestartPolicy {
  private failures = 0;
  private notBefore = 0;

  /** Milliseconds until a start is allowed. */
  delayMs(now = performance.now()): number {
    return Math.max(0, this.notBefore - now);
  }

  /** Counts a failure; returns what to report when it is a crash loop. */
  failed(now = performance.now()): { failures: number; retryInMs: number } | undefined {
    this.failures++;
    const retryInMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.failures - 1, 20));
    this.notBefore = now + retryInMs;
    return this.crashLoop(now) ?? undefined;
  }

  /** Something outside ended a process as it started: no failure of it, but whoever did it may do it again. */
  disturbed(now = performance.now()): void {
    this.notBefore = Math.max(this.notBefore, now + FIRST_DELAY_MS);
  }

  succeeded(): void {
    this.failures = 0;
    this.notBefore = 0;
  }

  /** The crash loop that goes on; null when there is none. */
  crashLoop(now = performance.now()): { failures: number; retryInMs: number } | null {
    return this.isCrashLoop ? { failures: this.failures, retryInMs: this.delayMs(now) } : null;
  }

  get isCrashLoop(): boolean {
    return this.failures >= CRASH_LOOP;
  }
}
