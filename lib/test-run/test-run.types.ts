import type { BindingStandIns } from '../bindings/stand-ins.js';
import type { EventEnvelope, PublishedEvent } from '../common/event-envelope.js';
import type { EventTypeName } from '../common/event-payloads.js';
import type { JsonObject, JsonValue } from '../common/json.js';
import type { ExecutionLog, ScriptLanguage, ScriptLimits } from '../entities/index.js';
import type { FilterExplanation } from '../filters/index.js';
import type { ScheduleFields } from '../scripts/script.types.js';

/**
 * A script to try that is not saved in this form.
 *
 * @publicApi
 */
export interface ScriptDraft {
  /** A saved script, of any status, which provides the fields left out below. Without it, `source` is required. */
  scriptId?: string;
  source?: string;
  /** Default: the saved script's language, or `javascript`. */
  language?: ScriptLanguage;
  eventTypes?: EventTypeName[];
  /** As in a script. A draft with a schedule would run for a schedule's event. */
  schedules?: ScheduleFields[] | null;
  filters?: JsonObject | null;
  bindings?: string[] | null;
  secrets?: string[] | null;
  limits?: ScriptLimits | null;
}

/**
 * The event of a test run: a made-up one, or a past one. A dead letter always has its event; an execution has it if
 * `storage.keepInput` was on when it ran.
 *
 * @publicApi
 */
export type TestEvent =
  | { type: EventTypeName; input?: Record<string, unknown> }
  | { deadLetterId: string }
  | { executionId: string };

/** Which bindings a test run calls, and what stands in for others. @publicApi */
export interface TestBindings {
  /** What bindings answer in place of their own answers. Their input is checked as in a real call. */
  standIns?: BindingStandIns;
  /** Which bindings are called for real, with all their effects. A stand-in comes first. Default: none. */
  call?: 'all' | readonly string[];
}

/** @publicApi */
export interface TestRunOptions {
  /** Who asks: `ctx.actor` of a made-up event. */
  by?: string | null;
  /**
   * Default `refuse`: a call of a binding rejects with a `BindingError` with the code `test-run`. `call`: bindings are
   * called for real, with all their effects. An object: some bindings have stand-ins, some are called, and all others
   * are refused.
   */
  bindings?: 'refuse' | 'call' | TestBindings;
  /**
   * Default `refuse`: a call with a secret in it rejects with a `BindingError` with the code `test-run`. `use`: the
   * values are used for real, where the secrets may go.
   */
  secrets?: 'refuse' | 'use';
  /** Cancels the run. */
  signal?: AbortSignal;
}

/**
 * Whether an event like this one would run the script.
 *
 * @publicApi
 */
export interface TestRunRouting {
  /** Whether the script is active, listens to the event's type, and has a filter that matches. */
  wouldRun: boolean;
  /** Why it would not run, in sentences; empty if it would. */
  reasons: string[];
  /**
   * What is probably wrong, in sentences: the filter can never match, the event's type has no such field, or the source
   * reads a secret or variable that is not there.
   */
  warnings: string[];
  filter: FilterExplanation;
}

/** The event as the script saw it. @publicApi */
export interface TestedEvent extends Pick<EventEnvelope, 'id' | 'type'> {
  input: JsonObject;
  /** Fields of a made-up input that events of this type don't have; they were left out, as in a real event. */
  ignoredFields: string[];
}

/** Whether a filter matches an event. @publicApi */
export interface FilterVerdict {
  /** The event as scripts would see it. */
  event: TestedEvent;
  filter: FilterExplanation;
}

/** @publicApi */
export interface TestRunMetrics {
  /** Milliseconds, with fractions. */
  durationMs: number;
  /** Milliseconds of CPU time, with fractions. */
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
  /** The delay of `throw new RetryAfterError(ms)`, in milliseconds. */
  retryAfterMs?: number;
}

/** The fields of both outcomes of a test run. @publicApi */
export interface EndedTestRun {
  /** Its record, with the trigger `test`; `null` if the source is not saved, because such a run leaves nothing. */
  executionId: string | null;
  /** The version that ran; 0 for a source that is not saved, in `ctx.script.version` too. */
  version: number;
  event: TestedEvent;
  routing: TestRunRouting;
  logs: ExecutionLog[];
  /** Events that it would have published; none if it failed. */
  published: PublishedEvent[];
  metrics: TestRunMetrics;
}

/** How the script itself ended. */
export interface TestRunOutcome extends Pick<EndedTestRun, 'logs' | 'published' | 'metrics'> {
  end: { status: 'completed'; result: JsonValue } | { status: 'failed'; error: TestRunError };
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
 * The result of a test run. A script's failure is a result, never an exception.
 *
 * @publicApi
 */
export type TestRunResult = CompletedTestRun | FailedTestRun;
