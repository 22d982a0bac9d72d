import type { PublishedEvent } from '../common/event-envelope.js';
import type { JsonValue } from '../common/json.js';

/**
 * Why a run failed.
 *
 * - `timeout`: the script took longer than `timeoutMs`, or waits for a promise that nothing can settle
 * - `memory`: the script used more than `memoryMb`, or its process ran out of memory
 * - `syntax`: the source does not compile
 * - `runtime`: the script threw, or its result has no JSON form (cyclic, BigInt)
 * - `rejected`: the source, the input, the result or the published events are too large, too deep, or not allowed for
 *   another reason. The source and the input are checked before the script runs, the rest after it
 * - `crashed`: the process ended during the run for another reason than memory, or no process could be started
 * - `cancelled`: the caller's signal or the stop of the sandbox ended the run; or the run was interrupted, the script
 *   was not at fault, and the sandbox could not start the run again
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
  /**
   * Milliseconds from the start of the run in a process to its end, with fractions, as the process measured them; 0 if
   * no process took the run.
   */
  durationMs: number;
  /**
   * Milliseconds of processor time of the process during the run, with fractions; 0 if the process didn't report it.
   */
  cpuMs: number;
  /** Binding calls that the script made, with those of `store`, `sdk.hash` and `sdk.hmac`. */
  bindingCalls: number;
  /**
   * Log lines that were dropped because of `logLines` or `logBytes`. Up to a sixth too low if the script was stopped
   * for its time or memory, and 0 if its process was lost.
   */
  logsDropped: number;
}

/** What went wrong, as text that can be stored and shown. */
export interface RunError {
  kind: FailureKind;
  /** A message from the script is cut to `messageBytes`. */
  message: string;
  /** Name of the error that the script threw, for example `TypeError`. */
  name?: string;
  /** The stack, of which only the frames in the author's source are kept; cut to `stackBytes`. */
  stack?: string;
  /** Line in the author's source, from 1. */
  line?: number;
  /** True if the run's process was lost: it ended, was killed, or broke the protocol. */
  processLost?: boolean;
  /** False if the script threw a `NonRetryableError`; otherwise left out. */
  retryable?: boolean;
  /** Milliseconds to wait before a retry, if the script threw `new RetryAfterError(ms)`; otherwise left out. */
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
  /** Events that the script published, in order. The sandbox delivers none of them; that is up to the caller. */
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
 * How a run ended. The run's limits apply to all of it, and PostgreSQL can store it as jsonb.
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
