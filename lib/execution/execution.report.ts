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
  const { id: executionId, tenantId, scriptId, scriptVersion, eventId, eventType, attempt, trigger } = record;
  const { durationMs, queueMs, finishedAt } = record;
  const told = {
    executionId,
    scriptId,
    scriptVersion,
    durationMs,
    tenantId,
    eventId,
    eventType,
    attempt,
    trigger,
    queueMs,
    finishedAt,
  };
  const { logs } = outcome;
  if (outcome.status === 'completed') {
    const { result } = outcome;
    host.emit(HOST_EVENTS.executionCompleted, { ...told, result });
    return { executionId, scriptId, scriptVersion, durationMs, logs, status: 'completed', result };
  }
  const { kind, message, line } = outcome.error;
  host.emit(HOST_EVENTS.executionFailed, {
    ...told,
    error: { kind, message, ...(line === undefined ? {} : { line }) },
  });
  const { error } = outcome;
  return { executionId, scriptId, scriptVersion, durationMs, logs, status: 'failed', error };
}
