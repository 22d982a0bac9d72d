import type { PublishedEvent } from '../common/event-envelope.js';
import type { JsonValue } from '../common/json.js';

/**
 * Why a run failed.
 *
 * - `timeout`: not done within `timeoutMs`, or waiting for a promise that nothing can settle
 * - `memory`: over `memoryMb`, or the process over its memory
 * - `syntax`: the source does not compile
 * - `runtime`: the script threw, or its result has no JSON form (cyclic, BigInt)
 * - `rejected`: the source, the input or the result is too large, too deep, or otherwise not allowed; refused before or
 *   after the script's own code ran
 * - `crashed`: the process ended during the run, but not because of memory
 * - `cancelled`: cancelled by the caller's signal, or because the sandbox stops
 *
 * @publicApi
 */
export type FailureKind = 'timeout' | 'memory' | 'syntax' | 'runtime' | 'rejected' | 'crashed' | 'cancelled';

/** @publicApi */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A line that a script logged with `sdk.log` or `console`. */
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
  /** True if the process was lost with the run: it ended, was killed, or stopped obeying the protocol. */
  processLost?: boolean;
  /** False after `throw new NonRetryableError()`. */
  retryable?: boolean;
  /** The delay of `throw new RetryAfterError(ms)`, in milliseconds. */
  retryAfterMs?: number;
}

/** @publicApi */
export interface CompletedOutcome {
  status: 'completed';
  /** The script's result as JSON; `undefined` becomes null. */
  result: JsonValue;
  /** The result as JSON text that jsonb can store: no U+0000, no lone surrogate. */
  resultText: string;
  logs: LogLine[];
  /** Events that it published. They are delivered only because the run has completed. */
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

/** Why a source doesn't compile. */
export interface SourceProblem {
  /** `too-slow` if the compiler was stopped because it took too long or too much memory; absent for a syntax error. */
  code?: 'too-slow';
  message: string;
  /** Line in the author's source, from 1, if the compiler names one. */
  line?: number;
}
