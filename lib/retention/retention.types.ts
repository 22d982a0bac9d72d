import type { RetainedKind } from './retained-rows.js';

/** What retention works by. All times in milliseconds. */
export interface RetentionSettings {
  /** Age at which rows go, by kind; `Infinity` keeps them. */
  ages: Readonly<Record<RetainedKind, number>>;
  intervalMs: number;
  batchSize: number;
  batchPauseMs: number;
  maxRoundTimeMs: number;
  /** A statement that takes longer counts as lost. Default 30,000. */
  statementTimeoutMs?: number;
}

/**
 * How a round ended.
 *
 * - `done`: nothing is left that is older than its age
 * - `more`: the round reached `retention.maxRoundTime`; the next one takes up the rest
 * - `busy`: another process deletes at this moment, and this one left it to it
 * - `stopped`: the application stops
 * - `failed`: the database refused or is away; the next round tries again
 *
 * @publicApi
 */
export type RetentionOutcome = 'done' | 'more' | 'busy' | 'stopped' | 'failed';

/** What one round did. @publicApi */
export interface RetentionSummary {
  outcome: RetentionOutcome;
  /** Rows deleted, under the names of the options. */
  deleted: Record<RetainedKind, number>;
  durationMs: number;
}

/** What retention has done in this process. @publicApi */
export interface RetentionStats {
  /** When a round last ended as `done`, milliseconds since the epoch; null when none has yet. */
  lastSuccessAt: number | null;
  /** How the last round ended; null before the first. */
  lastOutcome: RetentionOutcome | null;
  /** When the interval was started; null when it is off. */
  startedAt: number | null;
  /** Whether a round is under way. */
  running: boolean;
}
