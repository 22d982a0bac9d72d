import type { PublishedEvent } from '../common/event-envelope.js';
import type { JsonValue } from '../common/json.js';

/**
 * Why a run failed.
 *
 * - `timeout`: not done within `timeoutMs`, or waiting for a promise that nothing can settle
 * - `memory`: over `memoryMb`, or the process over its memory
 * - `syntax`: the source does not compile
 * - `runtime`: the script threw, or its result has no JSON form (cyclic, BigInt)
 * - `rejected`: refused by a bound or a rule before or after the script's own code: source, input or result too large
 *   or too deep
 * - `crashed`: the process ended during the run for a reason that is not memory
 * - `cancelled`: the caller's signal, or the sandbox stops
 *
 * @publicApi
 */
export type FailureKind = 'timeout' | 'memory' | 'syntax' | 'runtime' | 'rejected' | 'crashed' | 'cancelled';

/** @publicApi */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line a script wrote with `sdk.log` or `console`. */
export interface LogLine {
  level: LogLevel;
  message: string;
  data?: JsonValue;
}

/** What a run used. */
export interface RunMetrics {
  /** Milliseconds from the moment a process took the run to its end, with fractions. */
  durationMs: number;
  /** Milliseconds of processor time of the process during the run, with fractions; 0 when the process was killed. */
  cpuMs: number;
  bindingCalls: number;
  /** Log lines over `logLines` or `logBytes`. */
  logsDropped: number;
}

/** What went wrong, as text that can be stored and shown. */
export interface RunError {
  kind: FailureKind;
  /** At most `messageBytes`. */
  message: string;
  /** Name of the error the script threw, for example `TypeError`. */
  name?: string;
  /** Frames in the author's source only; at most `stackBytes`. */
  stack?: string;
  /** Line in the author's source, from 1. */
  line?: number;
  /** True when the process was lost with the run: it ended, was killed, or no longer ran our code. */
  processLost?: boolean;
  /** False after `throw new NonRetryableError()`. */
  retryable?: boolean;
  /** Milliseconds asked for by `throw new RetryAfterError(ms)`. */
  retryAfterMs?: number;
}

/** @publicApi */
export interface CompletedOutcome {
  status: 'completed';
  /** What the script returned, as JSON; `undefined` becomes null. */
  result: JsonValue;
  /** The same as text, storable as jsonb: no U+0000, no lone surrogate. */
  resultText: string;
  logs: LogLine[];
  /** What it published; handed over now that the run has completed. */
  published: PublishedEvent[];
  metrics: RunMetrics;
}

/** @publicApi */
export interface FailedOutcome {
  status: 'failed';
  error: RunError;
  logs: LogLine[];
  /** Always empty: a failed run publishes nothing. */
  published: [];
  metrics: RunMetrics;
}

/**
 * How a run ended. Everything in it is bounded by the run's limits and storable as jsonb.
 *
 * @publicApi
 */
export type Outcome = CompletedOutcome | FailedOutcome;

/** Why a source does not compile. */
export interface SourceProblem {
  /** `too-slow` when the compiler was stopped: it took too long, or too much memory. Left out for what is no JavaScript. */
  code?: 'too-slow';
  message: string;
  /** Line in the author's source, from 1, when the compiler names one. */
  line?: number;
}
