import type { QueuedEvent } from '../buffer/queued-event.js';
import type { SpanReference } from '../common/event-trace.js';
import type { JsonValue } from '../common/json.js';
import type { RunLease } from '../common/run-lease.js';
import type { ExecutionTrigger } from '../entities/index.js';
import type { LogLine, RunError } from '../sandbox/index.js';

/** Triggers of all executions except test runs. */
export type RunTrigger = Exclude<ExecutionTrigger, 'test'>;

/** A request to run a script once. */
export interface ExecutionRequest {
  event: QueuedEvent;
  trigger: RunTrigger;
  /** The dead letter that is retried or replayed. */
  deadLetterId?: string;
  /** Who requested it, if a person did. */
  requestedBy?: string | null;
  /** The execution that is replayed. */
  replayOf?: string;
  /** The span of the attempt before, if it was recorded. */
  before?: SpanReference | undefined;
  /** Ends the run as `cancelled`. */
  signal?: AbortSignal;
  /** The lease of the run, checked before each binding call. Left out if no other process can take over the run. */
  lease?: RunLease;
  /** Called when the script has run, before anything of its outcome is stored. */
  ended?: () => void;
}

/** Options of `ExecutionService.replay`. @publicApi */
export interface ReplayExecutionOptions {
  /** Who requests the replay, stored in the record: 1 to 200 characters. */
  by: string;
  /** Cancels the run. */
  signal?: AbortSignal;
}

/**
 * How {@link ExecutionService.run} stores the record. `later`: the writer stores it some time later. `awaited`: the
 * call waits until the record is stored or given up. `must`: the call fails if storage is unavailable, so that a
 * durable buffer delivers the event again.
 */
export type Recording = 'later' | 'awaited' | 'must';

/** The fields of both outcomes of an execution, and its span if one was recorded. @publicApi */
export interface EndedExecution extends Partial<SpanReference> {
  executionId: string;
  scriptId: string;
  /** Version of the source that ran. */
  scriptVersion: number;
  logs: LogLine[];
  /** Milliseconds of the run itself, without the wait in the queue or for a process. */
  durationMs: number;
}

/** @publicApi */
export interface CompletedExecution extends EndedExecution {
  status: 'completed';
  /** What the script returned, as JSON; null if it returned nothing. */
  result: JsonValue;
}

/** @publicApi */
export interface FailedExecution extends EndedExecution {
  status: 'failed';
  error: RunError;
}

/**
 * How an execution ended. A script's failure is a result, never an exception.
 *
 * @publicApi
 */
export type ExecutionResult = CompletedExecution | FailedExecution;

/**
 * Why nothing ran and nothing was recorded: the script is paused, deleted or disabled, or it is degraded and already
 * running.
 */
export interface ExecutionNotRun {
  status: 'not-run';
  reason: 'paused' | 'deleted' | 'disabled' | 'busy';
}
