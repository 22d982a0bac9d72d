import type { RetainedKind } from './retained-rows.js';

/** Settings of retention, in milliseconds. */
export interface RetentionSettings {
  /** Age at which rows are deleted, by kind; `Infinity` keeps them. */
  ages: Readonly<Record<RetainedKind, number>>;
  intervalMs: number;
  batchSize: number;
  batchPauseMs: number;
  maxRoundTimeMs: number;
  /** A statement that takes longer counts as failed. Default 30,000. */
  statementTimeoutMs?: number;
}

/**
 * How a round ended.
 *
 * - `done`: no row is too old any more
 * - `more`: the round reached `retention.maxRoundTime`; the next one continues
 * - `busy`: another process is deleting now
 * - `stopped`: the application is stopping
 * - `failed`: the database refused it or is unavailable; the next round tries again
 *
 * @publicApi
 */
export type RetentionOutcome = 'done' | 'more' | 'busy' | 'stopped' | 'failed';

/** What one round did. @publicApi */
export interface RetentionSummary {
  outcome: RetentionOutcome;
  /** Rows deleted, by the name of the option. */
  deleted: Record<RetainedKind, number>;
  durationMs: number;
}

/** What retention has done in this process. @publicApi */
export interface RetentionStats {
  /** When a round last ended as `done`, in milliseconds since the epoch; null before the first one. */
  lastSuccessAt: number | null;
  /** How the last round ended; null before the first. */
  lastOutcome: RetentionOutcome | null;
  /** When the interval started; null if it is off. */
  startedAt: number | null;
  /** Whether a round is running. */
  running: boolean;
}
