import { v7 as uuid } from 'uuid';
import type { QueuedEvent } from '../../lib/buffer/queued-event.js';

/** A valid queued event; give what the test is about. */
export function queuedEvent(part: Partial<QueuedEvent> = {}): QueuedEvent {
  const eventId = part.eventId ?? uuid();
  return {
    tenantId: 'acme',
    scriptId: '0198c0de-0000-7000-8000-000000000001',
    eventId,
    eventType: 'user.created',
    payload: '{"userId":1,"email":"ada@example.com"}',
    occurredAt: '2026-01-02T03:04:05.000Z',
    actorId: null,
    cause: { rootEventId: eventId, depth: 0, budget: 1000, chain: [] },
    attempt: 1,
    enqueuedAt: Date.now(),
    ...part,
  };
}
