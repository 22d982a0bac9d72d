import type { EventEnvelope, EventReference } from '../common/event-envelope.js';
import type { JsonObject, JsonValue } from '../common/json.js';

/**
 * The events that the package emits on the host's `EventEmitter2`, for the host's `@OnEvent` listeners. Every name
 * begins with `script.`, which neither the host nor a script can use for its own events.
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
  /** A dead letter is no longer retried: {@link ScriptDeadLetterExhausted}. */
  deadLetterExhausted: 'script.dead_letter.exhausted',
  /** A script fails too often and now runs one event at a time: {@link ScriptHealthChanged}. */
  scriptDegraded: 'script.degraded',
  /** A script no longer runs, and its events are kept: {@link ScriptHealthChanged}. */
  scriptDisabled: 'script.disabled',
  /** A degraded or disabled script runs normally again: {@link ScriptHealthChanged}. */
  scriptResumed: 'script.resumed',
} as const;

/**
 * An event that a script published, emitted when its execution has completed. Treat it as the tenant's input.
 * @publicApi
 */
export interface ScriptEvent extends Pick<EventEnvelope, 'id' | 'type' | 'tenantId' | 'occurredAt'> {
  /** A copy for the host. */
  payload: JsonObject;
  /** How many executions led from the host's event to this one; at least 1. */
  depth: number;
  /** The script that published it, and its execution. */
  scriptId: string;
  executionId: string;
}

/** The fields of both outcomes of an execution. @publicApi */
export interface ScriptExecutionEnded extends EventReference {
  executionId: string;
  scriptId: string;
  scriptVersion: number;
  /** 1 for the first execution, one more for each retry or replay. */
  attempt: number;
  trigger: 'event' | 'retry' | 'replay' | 'manual';
  durationMs: number;
  /** Milliseconds that the event waited in the event buffer. */
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
    /** Written by the tenant if the kind is `runtime`. */
    message: string;
    /** Line in the author's source, from 1. */
    line?: number;
  };
}

/**
 * A change of a script's health. It contains no value of an event, but the error's message comes from the script. Name,
 * reason and error are one printable line each.
 *
 * @publicApi
 */
export interface ScriptHealthChanged {
  tenantId: string;
  scriptId: string;
  /** `null` if the script was deleted. */
  scriptName: string | null;
  state: 'degraded' | 'disabled' | 'resumed';
  /** The number of this change, counted per script, by which a repeated alert can be recognised. */
  change: number;
  /** The reason, for people; `null` if nobody gave one. */
  reason: string | null;
  /** Who changed it: `scripts-event` for the breaker; `null` if unknown. */
  by: string | null;
  /** ISO 8601 in UTC. */
  changedAt: string;
  /** The version that ran. */
  scriptVersion: number;
  /** The executions, failures, and failures that ended a sandbox process, which led to the change. */
  runs: number;
  failures: number;
  endedProcesses: number;
  /** Kind and message of the last failure; `null` if the script never failed. */
  lastError: { kind: string; message: string } | null;
}

/** @publicApi */
export interface ScriptDeadLetterExhausted extends EventReference {
  deadLetterId: string;
  scriptId: string;
  /** Why it became a dead letter: `failed`, `overflow`, `shutdown`, `loop`, … */
  reason: string;
  /** Kind of the last failure; `null` if nothing ran. */
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
