/** When a failed execution is retried. All times in milliseconds. */
export interface RetryStrategyOptions {
  /** How many retries follow the first execution. 0 means none. Default 3. */
  maxRetries: number;
  /** Delay before the first retry. Default 60,000. */
  initialDelayMs: number;
  /** Longest delay between two attempts, jitter included. Default 3,600,000. */
  maxDelayMs: number;
  /** Each delay is the previous one multiplied by this; at least 1. Default 2. */
  backoffFactor: number;
  /**
   * Random share of the delay, 0 to 1: the delay is between `1 - jitter` and `1 + jitter` times the computed one, so
   * that dead letters that failed together are not retried together. Default 0.1.
   */
  jitter: number;
}

const DEFAULT_RETRY_STRATEGY: Readonly<RetryStrategyOptions> = {
  maxRetries: 3,
  initialDelayMs: 60_000,
  maxDelayMs: 3_600_000,
  backoffFactor: 2,
  jitter: 0.1,
};

/** Whether a failure is worth another attempt, and the delay that its script asked for. */
export type RetryClass = { retry: true; retryAfterMs?: number } | { retry: false };

/** What happens to a dead letter after a failure. @publicApi */
export type RetryDecision = { retry: true; delayMs: number } | { retry: false };

/** A failure as the strategy sees it. @publicApi */
export interface RetryableFailure {
  /**
   * An error kind (`runtime`, `timeout`, …) or the reason of a dead letter that did not run (`overflow`, `loop`, …).
   */
  kind: string;
  /** False if the script said so itself (`NonRetryableError`). */
  retryable?: boolean;
  /** The delay that the script asked for (`RetryAfterError`), in milliseconds. */
  retryAfterMs?: number;
}

/**
 * These fail the same way again, so another attempt is useless. `loop` and `deleted` are decisions, not accidents;
 * whether an `undecided` event should run is for a person to decide.
 */
const NEVER_RETRIED: ReadonlySet<string> = new Set([
  'syntax',
  'rejected',
  'memory',
  'loop',
  'undecided',
  'deleted',
]);

/** These have not run yet and only wait for a free place. */
const DUE_AT_ONCE: ReadonlySet<string> = new Set(['overflow', 'shutdown', 'paused', 'held']);

/**
 * Decides whether and when a dead letter is retried. Pure: no clock and no I/O; randomness is an argument. The delay of
 * retry n (from 0) is `initialDelayMs * backoffFactor ** n`, at most `maxDelayMs`.
 *
 * @publicApi
 */
export class RetryStrategy {
  private readonly options: Readonly<RetryStrategyOptions>;

  constructor(options: Partial<RetryStrategyOptions> = {}) {
    this.options = { ...DEFAULT_RETRY_STRATEGY, ...options };
  }

  get maxRetries(): number {
    return this.options.maxRetries;
  }

  /**
   * Whole milliseconds until the next attempt of a dead letter that has used `retryCount` retries. At most
   * `maxDelayMs`.
   */
  nextDelayMs(retryCount: number, random: () => number = Math.random): number {
    const { initialDelayMs, maxDelayMs, backoffFactor, jitter } = this.options;
    // Past this exponent the cap holds anyway. Without the bound `factor ** count` becomes Infinity, and Infinity times
    // an initial delay of 0 is NaN.
    const enough = initialDelayMs > 0 ? Math.log(maxDelayMs / initialDelayMs) / Math.log(backoffFactor) : 0;
    const exponent = backoffFactor > 1 ? Math.min(Math.max(0, retryCount), Math.ceil(enough)) : 0;
    const delay = Math.min(maxDelayMs, initialDelayMs * backoffFactor ** exponent);
    return this.bounded(delay * (1 + jitter * (2 * random() - 1)));
  }

  /** Whether a dead letter that has used `retryCount` retries may have another one. */
  shouldRetry(retryCount: number, maxRetries: number = this.options.maxRetries): boolean {
    return retryCount < maxRetries;
  }

  /**
   * Classifies a failure by its kind: `syntax`, `rejected`, `memory`, `loop`, `undecided` and `deleted` are not
   * retried, and neither is a failure that the script declared not retryable. Every other kind is retried, even an
   * unknown one.
   */
  classify(kind: string, retryable = true, retryAfterMs?: number): RetryClass {
    if (!retryable || NEVER_RETRIED.has(kind)) return { retry: false };
    if (DUE_AT_ONCE.has(kind)) return { retry: true, retryAfterMs: 0 };
    const asked = retryAfterMs !== undefined && Number.isFinite(retryAfterMs) && retryAfterMs >= 0;
    return asked ? { retry: true, retryAfterMs: this.bounded(retryAfterMs) } : { retry: true };
  }

  /** Combines {@link classify}, {@link shouldRetry} and {@link nextDelayMs}: what to do after this failure. */
  decide(
    failure: RetryableFailure,
    retryCount: number,
    maxRetries: number = this.options.maxRetries,
    random: () => number = Math.random,
  ): RetryDecision {
    const sorted = this.classify(failure.kind, failure.retryable, failure.retryAfterMs);
    if (!sorted.retry) return { retry: false };
    // An event that never ran has used no retry: it gets its first execution even if retries are turned off.
    const used = DUE_AT_ONCE.has(failure.kind) ? -1 : retryCount;
    if (!this.shouldRetry(used, maxRetries)) return { retry: false };
    return { retry: true, delayMs: sorted.retryAfterMs ?? this.nextDelayMs(retryCount, random) };
  }

  private bounded(delayMs: number): number {
    return Math.round(Math.min(this.options.maxDelayMs, Math.max(0, delayMs)));
  }
}
