import { HostEventEmitter } from '../events/host-event.emitter.js';
import { HOST_EVENTS } from '../events/host-events.js';
import type { Outcome } from '../sandbox/index.js';
import type { NewExecution } from './execution.repository.js';
import type { ExecutionResult, RunTrigger } from './execution.types.js';

/** Tells the host's listeners how an execution ended, and returns the result for the caller. */
export function report(
  host: HostEventEmitter,
  record: NewExecution & { trigger: RunTrigger },
  outcome: Outcome,
): ExecutionResult {
  const { id: executionId, scriptId, scriptVersion, durationMs } = record;
  const { logs } = outcome;
  if (outcome.status === 'completed') {
    const { result } = outcome;
    host.emit(HOST_EVENTS.executionCompleted, {
      executionId,
      scriptId,
      scriptVersion,
      durationMs,
      tenantId: record.tenantId,
      eventId: record.eventId,
      eventType: record.eventType,
      attempt: record.attempt,
      trigger: record.trigger,
      queueMs: record.queueMs,
      finishedAt: record.finishedAt,
      result,
    });
    return withSpan(record, {
      executionId,
      scriptId,
      scriptVersion,
      durationMs,
      logs,
      status: 'completed',
      result,
    });
  }
  const { error } = outcome;
  const { kind, message, line } = error;
  host.emit(HOST_EVENTS.executionFailed, {
    executionId,
    scriptId,
    scriptVersion,
    durationMs,
    tenantId: record.tenantId,
    eventId: record.eventId,
    eventType: record.eventType,
    attempt: record.attempt,
    trigger: record.trigger,
    queueMs: record.queueMs,
    finishedAt: record.finishedAt,
    error: { kind, message, ...(line === undefined ? {} : { line }) },
  });
  return withSpan(record, {
    executionId,
    scriptId,
    scriptVersion,
    durationMs,
    logs,
    status: 'failed',
    error,
  });
}

/** Adds the span, if one was recorded, to a result that has just been made. A copy would take longer than the rest. */
const withSpan = ({ traceId, spanId }: NewExecution, result: ExecutionResult): ExecutionResult =>
  traceId && spanId ? Object.assign(result, { traceId, spanId }) : result;
