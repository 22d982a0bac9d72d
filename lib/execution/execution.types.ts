import type { QueuedEvent } from '../buffer/queued-event.js';
import type { JsonValue } from '../common/json.js';
import type { RunLease } from '../common/run-lease.js';
import type { ExecutionTrigger } from '../entities/index.js';
import type { LogLine, RunError } from '../sandbox/index.js';

/** What asks for a real run: all but a test. */
export type RunTrigger = Exclude<ExecutionTrigger, 'test'>;

/** One execution to carry out. */
export interface ExecutionRequest {
  event: QueuedEvent;
  trigger: RunTrigger;
  /** The dead letter this is an attempt of. */
  deadLetterId?: string;
  /** Who asked for it, when a person did. */
  requestedBy?: string | null;
  /** The execution that this runs again. */
  replayOf?: string;
  /** Ends the run as `cancelled`. */
  signal?: AbortSignal;
  /** Asked before each call of a binding; left out where nobody else could take the run over. */
  lease?: RunLease;
}

/** Options of `ExecutionService.replay`. @publicApi */
export interface ReplayExecutionOptions {
  /** Who asks for it; stored in the record. 1 to 200 characters. */
  by: string;
  /** Cancels the run. */
  signal?: AbortSignal;
}

/**
 * What {@link ExecutionService.run} does about the record: `later` leaves it to the writer, `awaited` waits until it is
 * stored or given up, `must` fails when it could not be stored for want of storage, so that a durable buffer delivers
 * the event again.
 */
export type Recording = 'later' | 'awaited' | 'must';

/** The fields of both outcomes of an execution. @publicApi */
export interface EndedExecution {
  executionId: string;
  scriptId: string;
  /** Version of the source that ran. */
  scriptVersion: number;
  logs: LogLine[];
  /** Milliseconds of the run itself, without waiting in the queue or for a process. */
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
 * Why nothing ran and nothing was recorded: the script is not active any more, is gone, is disabled, or is degraded and
 * runs already.
 */
export interface ExecutionNotRun {
  status: 'not-run';
  reason: 'paused' | 'deleted' | 'disabled' | 'busy';
}
