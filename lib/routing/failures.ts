import type { DeadLetterFailure } from '../dead-letter/new-dead-letter.js';
import type { FailedExecution, ExecutionNotRun } from '../execution/execution.types.js';

/** The message of a dead letter for an event that a stop kept. */
export const SHUTDOWN_MESSAGE = 'The application stopped before the script could run.';

/** Why an event of a script that may not run becomes a dead letter. */
export const NOT_RUN: Record<ExecutionNotRun['reason'], DeadLetterFailure> = {
  paused: {
    reason: 'paused',
    message: 'The script was not active when its turn came. The event runs when the script is active again.',
  },
  disabled: {
    reason: 'held',
    message: 'The script is disabled. The event is held and runs when the script is resumed.',
  },
  busy: {
    reason: 'held',
    message: 'The script is degraded, runs one event at a time, and was already running.',
  },
  deleted: {
    reason: 'deleted',
    message: 'The script was deleted or archived while the event was waiting.',
  },
};

/** Why an execution that failed becomes a dead letter. */
export const failureOf = ({
  error,
  scriptVersion,
  durationMs,
  traceId,
  spanId,
}: FailedExecution): DeadLetterFailure => ({
  reason: 'failed',
  message: error.message,
  kind: error.kind,
  line: error.line,
  scriptVersion,
  durationMs,
  retryable: error.retryable,
  retryAfterMs: error.retryAfterMs,
  ...(traceId && spanId && { traceId, spanId }),
});

/** Whether the stop cancelled the run, so that the script is not at fault. */
export const cancelledBy = ({ error }: FailedExecution, signal: AbortSignal): boolean =>
  signal.aborted && error.kind === 'cancelled';
