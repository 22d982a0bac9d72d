import type { EventEnvelope, PublishedEvent } from '../common/event-envelope.js';
import type { EventTypeName } from '../common/event-payloads.js';
import type { JsonObject, JsonValue } from '../common/json.js';
import type { ExecutionLog, ScriptLanguage, ScriptLimits } from '../entities/index.js';
import type { FilterExplanation } from '../filters/index.js';

/**
 * A script to try that is not saved as it is here.
 *
 * @publicApi
 */
export interface ScriptDraft {
  /** A saved script, of any status: what is left out below is taken from it. Without one, `source` is needed. */
  scriptId?: string;
  source?: string;
  /** Default: the saved script's language, or `javascript`. */
  language?: ScriptLanguage;
  eventTypes?: EventTypeName[];
  filters?: JsonObject | null;
  bindings?: string[] | null;
  limits?: ScriptLimits | null;
}

/**
 * The event of a test run: made up, or one that was there. A `deadLetterId` always has its event; an `executionId` has it
 * when `storage.keepInput` was on at the time.
 *
 * @publicApi
 */
export type TestEvent =
  | { type: EventTypeName; input?: Record<string, unknown> }
  | { deadLetterId: string }
  | { executionId: string };

/** @publicApi */
export interface TestRunOptions {
  /** Who asks, for `ctx.actor` of an event that is made up. */
  by?: string | null;
  /**
   * `refuse`: a call of a binding rejects with a `BindingError` whose code is `test-run`. `call`: bindings are called for
   * real, with all that they do. Default `refuse`.
   */
  bindings?: 'refuse' | 'call';
  /** Cancels the run. */
  signal?: AbortSignal;
}

/**
 * Whether an event like this one would run the script.
 *
 * @publicApi
 */
export interface TestRunRouting {
  /** True when the script is active, listens to the event's type, and its filter lets the event through. */
  wouldRun: boolean;
  /** What stands against it, in sentences; empty when it would run. */
  reasons: string[];
  filter: FilterExplanation;
}

/** The event as the script saw it. @publicApi */
export interface TestedEvent extends Pick<EventEnvelope, 'id' | 'type'> {
  input: JsonObject;
  /** Fields of a made-up input that an event of this type does not carry; they were left out, as in a real one. */
  ignoredFields: string[];
}

/** What a filter says of an event. @publicApi */
export interface FilterVerdict {
  /** The event as scripts would see it. */
  event: TestedEvent;
  filter: FilterExplanation;
}

/** @publicApi */
export interface TestRunMetrics {
  /** Milliseconds, with fractions. */
  durationMs: number;
  /** Milliseconds of processor time, with fractions. */
  cpuMs: number;
  bindingCalls: number;
  /** Log lines over a limit, which are not in `logs`. */
  logsDropped: number;
}

/** Why a test run failed. @publicApi */
export interface TestRunError {
  /** `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
  kind: string;
  message: string;
  name?: string;
  stack?: string;
  /** Line in the author's source, from 1. */
  line?: number;
  /** False after `throw new NonRetryableError()`. */
  retryable?: boolean;
  /** Milliseconds asked for by `throw new RetryAfterError(ms)`. */
  retryAfterMs?: number;
}

/** How the script itself fared. */
export interface TestRunOutcome {
  logs: ExecutionLog[];
  /** Events it would have published; none when it failed. */
  published: PublishedEvent[];
  metrics: TestRunMetrics;
  end: { status: 'completed'; result: JsonValue } | { status: 'failed'; error: TestRunError };
}

interface EndedTestRun extends Omit<TestRunOutcome, 'end'> {
  /** Its record, with trigger `test`; `null` when the source that ran is not saved: such a run leaves nothing. */
  executionId: string | null;
  /** The version that ran; 0 for a source that is not saved, in `ctx.script.version` too. */
  version: number;
  event: TestedEvent;
  routing: TestRunRouting;
}

/** @publicApi */
export interface CompletedTestRun extends EndedTestRun {
  status: 'completed';
  result: JsonValue;
}

/** @publicApi */
export interface FailedTestRun extends EndedTestRun {
  status: 'failed';
  error: TestRunError;
}

/**
 * What a test run showed. A script's failure is a result, never an exception.
 *
 * @publicApi
 */
export type TestRunResult = CompletedTestRun | FailedTestRun;
