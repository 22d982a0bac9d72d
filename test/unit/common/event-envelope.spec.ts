import { type EventEnvelope, eventOf, keptEvent, recordedEvent } from '../../../lib/common/event-envelope.js';
import { queuedEvent } from '../../support/queued-events.js';

const { scriptId: _, attempt: __, enqueuedAt: ___, ...sample } = queuedEvent({ actor: { id: 'ann' } });

describe('an event', () => {
  it.each<[string, EventEnvelope]>([
    ['with an actor', sample],
    ['without an actor', { ...sample, actor: null }],
    ['that followed from others', { ...sample, cause: { ...sample.cause, depth: 2, budget: 7 } }],
  ])('%s is read from its row as it was stored', (_what, event) => {
    expect(eventOf(keptEvent(event))).toEqual(event);
  });

  it('that is queued is stored without its place in the queue', () => {
    const ordering = { key: 'k', onFailure: 'block' } as const;
    const queued = queuedEvent({ actor: { id: 'ann' }, ordering });
    expect(keptEvent(queued)).toEqual({
      tenantId: 'acme',
      eventId: queued.id,
      eventType: 'user.created',
      occurredAt: queued.occurredAt,
      actorId: 'ann',
      payload: queued.payload,
      cause: queued.cause,
      trace: null,
    });
  });

  it('is stored without payload and cause in a record that need not run again', () => {
    expect(Object.keys(recordedEvent(sample)).toSorted()).toEqual([
      'actorId',
      'eventId',
      'eventType',
      'occurredAt',
      'tenantId',
    ]);
  });
});
