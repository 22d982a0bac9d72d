import { v7 as uuid } from 'uuid';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { derivedId } from '../common/derived-id.js';
import { keptEvent } from '../common/event-envelope.js';
import type { SpanReference } from '../common/event-trace.js';
import type { DeadLetterAttempt, DeadLetterReason } from '../entities/index.js';
import type { NewDeadLetter } from './dead-letter.types.js';
import type { RetryStrategy } from './retry/retry.strategy.js';
import { UNDECIDED } from './undecided.js';

/** Why a queued event becomes a dead letter, with the span of the run if one was recorded. */
export interface DeadLetterFailure extends Partial<SpanReference> {
  /** `failed` if it ran; otherwise the reason why it did not. */
  reason: DeadLetterReason;
  /** What went wrong, for people. Shortened to {@link MAX_ERROR_CHARACTERS}, with a mark. */
  message: string;
  /** The kind of the error if it ran: `runtime`, `timeout`, …; `cancelled` for a run that a shutdown cancelled. */
  kind?: string;
  /** Line of the error in the author's source. */
  line?: number;
  /** False if the script asked for no retry. */
  retryable?: boolean;
  /** Milliseconds until the retry, if the script asked for a delay. */
  retryAfterMs?: number;
  /** The version that ran. */
  scriptVersion?: number;
  /** Milliseconds the run took. */
  durationMs?: number;
  /** What made it run. Default `event`. */
  trigger?: DeadLetterAttempt['trigger'];
}

/** Longest error text in a dead letter, in characters. @internal for tests */
export const MAX_ERROR_CHARACTERS = 4_000;

/**
 * The dead letter of a queued event: `pending` with the time of its first retry, `exhausted` if another attempt is
 * pointless or not allowed, or `discarded` if its script is gone.
 */
export function newDeadLetter(
  event: QueuedEvent,
  given: DeadLetterFailure,
  strategy: RetryStrategy,
  random: () => number = Math.random,
  id: string = uuid(),
): NewDeadLetter {
  // Takes precedence over the given reason. With another reason, the event would run although its filter never matched.
  const failure: DeadLetterFailure = event.undecided ? UNDECIDED : given;
  const kind = failure.reason === 'failed' ? (failure.kind ?? 'runtime') : failure.reason;
  const decision = strategy.decide({ ...failure, kind }, 0, strategy.maxRetries, random);
  const error = cutError(failure.message);
  const { tenantId, eventId, eventType, occurredAt, actorId, payload, cause, trace } = keptEvent(event);
  const { traceId, spanId } = failure;
  return {
    tenantId,
    eventId,
    eventType,
    occurredAt,
    actorId,
    payload,
    cause,
    trace,
    id,
    scriptId: event.scriptId,
    scriptVersion: failure.scriptVersion ?? null,
    reason: failure.reason,
    error,
    errorKind: failure.kind ?? null,
    ...(failure.line !== undefined && { errorLine: failure.line }),
    status: statusOf(failure.reason, decision.retry),
    maxRetries: strategy.maxRetries,
    retryDelayMs: decision.retry ? decision.delayMs : 0,
    attempts: [
      {
        at: new Date().toISOString(),
        kind: failure.kind ?? failure.reason,
        message: error,
        durationMs: failure.durationMs ?? 0,
        trigger: failure.trigger ?? 'event',
        ...(traceId && spanId && { traceId, spanId }),
      },
    ],
    note: failure.reason === 'deleted' ? error : null,
    ...(event.otherScriptIds && {
      otherScriptIds: event.otherScriptIds,
      eventCount: 1 + event.otherScriptIds.length,
    }),
  };
}

/**
 * The id of the dead letter of a queued event that may be delivered more than once. It is always the same, so that
 * there is one dead letter, however often, and on whichever node, it is kept.
 */
export const deadLetterIdOf = ({ enqueuedAt, tenantId, scriptId, id }: QueuedEvent): string =>
  derivedId(enqueuedAt, 'dead-letter', tenantId, scriptId, id);

const statusOf = (reason: DeadLetterReason, retry: boolean): NewDeadLetter['status'] => {
  if (reason === 'deleted') return 'discarded';
  return retry ? 'pending' : 'exhausted';
};

/** Shortens an error text, with a mark. */
export const cutError = (message: string): string =>
  message.length <= MAX_ERROR_CHARACTERS ? message : `${message.slice(0, MAX_ERROR_CHARACTERS)} … (cut)`;
