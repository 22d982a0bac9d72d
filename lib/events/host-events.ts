import type { EventEnvelope, EventReference } from '../common/event-envelope.js';
import type { JsonObject, JsonValue } from '../common/json.js';

/**
 * What the package emits on the host's `EventEmitter2`, for `@OnEvent` listeners of the host.
 * Every name begins with `script.`, which neither the host nor a script can use for an event of its own.
 *
 * @publicApi
 */
export const HOST_EVENTS = {
  /** A script published an event: {@link ScriptEvent}. */
  scriptEvent: 'script.event',
  /** An execution completed: {@link ScriptExecutionCompleted}. */
  executionCompleted: 'script.execution.completed',
  /** An execution failed: {@link ScriptExecutionFailed}. */
  executionFailed: 'script.execution.failed',
  /** A dead letter will not be retried any more: {@link ScriptDeadLetterExhausted}. */
  deadLetterExhausted: 'script.dead_letter.exhausted',
  /** A script fails too often and runs one at a time now: {@link ScriptHealthChanged}. */
  scriptDegraded: 'script.degraded',
  /** A script does not run any more, and what comes for it is kept: {@link ScriptHealthChanged}. */
  scriptDisabled: 'script.disabled',
  /** A degraded or disabled script runs again as before: {@link ScriptHealthChanged}. */
  scriptResumed: 'script.resumed',
} as const;

/** An event a script published, once its execution has completed. Treat it as input of the tenant. @publicApi */
export interface ScriptEvent extends Pick<EventEnvelope, 'id' | 'type' | 'tenantId' | 'occurredAt'> {
  /** A copy of the host's own. */
  payload: JsonObject;
  /** Executions between the host's event at the root and this one, at least 1. */
  depth: number;
  /** The script that published it, and its execution. */
  scriptId: string;
  executionId: string;
}

/** What both ends of an execution tell. */
interface ScriptExecutionEnded extends EventReference {
  executionId: string;
  scriptId: string;
  scriptVersion: number;
  /** 1 for the first execution, one more for each retry or replay. */
  attempt: number;
  trigger: 'event' | 'retry' | 'replay' | 'manual';
  durationMs: number;
  /** Milliseconds it waited in the event buffer. */
  queueMs: number;
  /** ISO 8601 in UTC. */
  finishedAt: string;
}

/** @publicApi */
export interface ScriptExecutionCompleted extends ScriptExecutionEnded {
  /** What the script returned. */
  result: JsonValue;
}

/** @publicApi */
export interface ScriptExecutionFailed extends ScriptExecutionEnded {
  error: {
    /** `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
    kind: string;
    /** The tenant's own words when the kind is `runtime`. */
    message: string;
    /** Line in the author's source, from 1. */
    line?: number;
  };
}

/**
 * What changed in a script's health. No value of an event; the error's message is the script's own. Name, reason and error
 * are one printable line each.
 *
 * @publicApi
 */
export interface ScriptHealthChanged {
  tenantId: string;
  scriptId: string;
  /** `null` when the script is gone. */
  scriptName: string | null;
  state: 'degraded' | 'disabled' | 'resumed';
  /** Number of this change among those of the script: tells a repetition. */
  change: number;
  /** Why, for people; `null` when nobody gave one. */
  reason: string | null;
  /** Who did it; `scripts-event` for the breaker; `null` when it is not known. */
  by: string | null;
  /** ISO 8601 in UTC. */
  changedAt: string;
  /** The version that ran. */
  scriptVersion: number;
  /** Executions, failures, and failures that ended a sandbox process, that led to it. */
  runs: number;
  failures: number;
  endedProcesses: number;
  /** The last failure's kind and message; `null` when it never failed. */
  lastError: { kind: string; message: string } | null;
}

/** @publicApi */
export interface ScriptDeadLetterExhausted extends EventReference {
  deadLetterId: string;
  scriptId: string;
  /** Why it became a dead letter: `failed`, `overflow`, `shutdown`, `loop`, … */
  reason: string;
  /** Kind of the last failure; `null` when nothing ran. */
  errorKind: string | null;
  /** Message of the last failure. */
  error: string;
  retryCount: number;
  maxRetries: number;
  /** When the dead letter was made, ISO 8601 in UTC. */
  createdAt: string;
}

/** The payload of each host event. @publicApi */
export interface HostEventPayloads {
  'script.event': ScriptEvent;
  'script.execution.completed': ScriptExecutionCompleted;
  'script.execution.failed': ScriptExecutionFailed;
  'script.dead_letter.exhausted': ScriptDeadLetterExhausted;
  'script.degraded': ScriptHealthChanged;
  'script.disabled': ScriptHealthChanged;
  'script.resumed': ScriptHealthChanged;
}
