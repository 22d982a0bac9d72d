import type { QueuedEvent } from '../buffer/queued-event.js';
import { recordedEvent } from '../common/event-envelope.js';
import type { SpanReference } from '../common/event-trace.js';
import { isoTime } from '../common/iso-time.js';
import { toStorableText } from '../common/json.js';
import type { ExecutionTrigger } from '../entities/index.js';
import type { Outcome } from '../sandbox/index.js';
import type { ExecutionErrorRecord, NewExecution } from './execution.repository.js';
import type { ExecutionRequest } from './execution.types.js';

/** The run that has ended. */
type Recorded<Trigger extends ExecutionTrigger> = Pick<
  ExecutionRequest,
  'event' | 'deadLetterId' | 'requestedBy' | 'replayOf'
> & {
  trigger: Trigger;
};

/** When a run began, and how long its event was queued, in milliseconds. */
export interface RunTimes {
  startedAt: number;
  queueMs: number;
}

/** Other facts for a record. */
export interface RecordFacts extends RunTimes {
  finishedAt: number;
  /** Whether the payload is stored too. */
  keepInput: boolean;
  /** The run's span, if it was recorded. */
  span?: SpanReference | undefined;
}

/**
 * A key that is the same for every attempt to run one script for one event. Scripts pass it to services that remove
 * duplicates.
 */
export const idempotencyKeyOf = ({ id, scriptId }: QueuedEvent): string => `${id}:${scriptId}`;

/** The record of a run that has ended. */
export function executionRecord<Trigger extends ExecutionTrigger>(
  id: string,
  { event, trigger, deadLetterId, requestedBy, replayOf }: Recorded<Trigger>,
  scriptVersion: number,
  outcome: Outcome,
  { startedAt, queueMs, finishedAt, keepInput, span }: RecordFacts,
): NewExecution & { trigger: Trigger } {
  const { tenantId, eventId, eventType, occurredAt, actorId } = recordedEvent(event);
  const publisher = event.cause.chain.at(-1);
  // Each field is named, because spreading another object into this one would take several times as long.
  return {
    tenantId,
    eventId,
    eventType,
    occurredAt,
    actorId,
    id,
    scriptId: event.scriptId,
    scriptVersion,
    attempt: event.attempt,
    depth: event.cause.depth,
    causeEventId: publisher?.eventId ?? null,
    causeExecutionId: publisher?.executionId ?? null,
    inputText: keepInput ? event.payload : null,
    trigger,
    status: outcome.status,
    resultText: outcome.status === 'completed' ? outcome.resultText : null,
    error: outcome.status === 'failed' ? errorRecord(outcome.error) : null,
    logs: outcome.logs,
    logsDropped: outcome.metrics.logsDropped,
    publishedEvents: outcome.published.length,
    bindingCalls: outcome.metrics.bindingCalls,
    durationMs: outcome.metrics.durationMs,
    cpuMs: outcome.metrics.cpuMs,
    queueMs,
    idempotencyKey: idempotencyKeyOf(event),
    deadLetterId: deadLetterId ?? null,
    requestedBy: requestedBy ?? null,
    replayOf: replayOf ?? null,
    traceId: span?.traceId ?? null,
    spanId: span?.spanId ?? null,
    startedAt: isoTime(startedAt),
    finishedAt: isoTime(finishedAt),
  };
}

function errorRecord({ kind, message, stack, line }: ExecutionErrorRecord): ExecutionErrorRecord {
  return {
    kind,
    message: toStorableText(message),
    ...(stack === undefined ? {} : { stack: toStorableText(stack) }),
    ...(line === undefined ? {} : { line }),
  };
}
