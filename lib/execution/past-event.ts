import { v7 as uuid } from 'uuid';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { Clock } from '../common/clock.js';
import { type EventEnvelope, eventOf } from '../common/event-envelope.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { rootCause, spentCause } from '../events/loop-guard.js';
import { ExecutionInputNotKeptError, ExecutionNotReplayableError } from './execution.errors.js';
import type { ExecutionRecord } from './execution.repository.js';

/**
 * The event of a past execution, as its record stores it.
 *
 * @throws ExecutionInputNotKeptError when the record has no input
 */
export function pastEventOf(record: ExecutionRecord): EventEnvelope {
  const { id, eventId, input, occurredAt, depth } = record;
  if (input === null || occurredAt === null) throw new ExecutionInputNotKeptError(id);
  return eventOf({
    ...record,
    payload: JSON.stringify(input),
    occurredAt: occurredAt.toISOString(),
    cause: spentCause(eventId, depth ?? 0),
  });
}

/**
 * A new event with the content of a past execution's event, for its script alone. It has an idempotency key and a
 * budget of executions of its own, so that services don't take it, or the events that it publishes, for repetitions.
 *
 * @throws ExecutionNotReplayableError for a test, and for a failure that has a dead letter
 * @throws ExecutionInputNotKeptError
 */
export function replayedEvent(
  record: ExecutionRecord,
  { maxExecutionsPerRoot }: ResolvedOptions['events'],
  clock: Clock,
): QueuedEvent {
  refuseOther(record);
  const event = pastEventOf(record);
  const id = uuid();
  return {
    ...event,
    id,
    scriptId: record.scriptId,
    cause: { ...rootCause(id, maxExecutionsPerRoot), depth: event.cause.depth },
    attempt: 1,
    enqueuedAt: clock.now(),
  };
}

/** Refuses a failed execution whose event has a dead letter: replaying both would do the work twice. */
function refuseOther({ id, trigger, status, replayOf, eventId, scriptId }: ExecutionRecord): void {
  if (trigger === 'test')
    throw new ExecutionNotReplayableError(
      id,
      'was a test run. Pass its input to ExecutionService.execute instead',
    );
  if (status === 'completed' || trigger === 'manual' || replayOf !== null) return;
  const filter = `{ scriptId: '${scriptId}', eventId: '${eventId}' }`;
  throw new ExecutionNotReplayableError(
    id,
    `failed, and its event is kept as a dead letter. Replay the dead letter instead; find it with DeadLetterService.list(${filter})`,
  );
}
