import { Logger } from '@nestjs/common';
import { validate } from 'uuid';
import { captureFor, NOW } from '../../support/capture.js';

const ada = { tenantId: 'acme', userId: 7, email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };

beforeEach(() => jest.spyOn(Logger.prototype, 'warn').mockImplementation());
afterEach(() => jest.restoreAllMocks());

describe('a captured event', () => {
  it('is routed in an envelope with its tenant, time and the root of a cause chain', () => {
    const { capture, metrics, router } = captureFor();
    const result = capture.capture('user.created', ada);
    const [event] = router.events;
    expect(result).toMatchObject({ outcome: 'routed', event, routed: { queued: 1 } });
    expect(event).toEqual({
      id: expect.any(String),
      type: 'user.created',
      tenantId: 'acme',
      payload: '{"userId":7,"email":"ada@example.com","firstName":"Ada","lastName":"Lovelace"}',
      occurredAt: NOW,
      actor: null,
      cause: { rootEventId: event?.id, depth: 0, budget: 1000, chain: [] },
    });
    expect(validate(event?.id)).toBe(true);
    expect(metrics.eventMetrics()).toMatchObject({ eventsReceived: 1, eventsDropped: 0 });
  });

  it('keeps no reference to the host’s object', () => {
    const { capture, router } = captureFor();
    const emitted = { ...ada };
    capture.capture('user.created', emitted);
    emitted.email = 'changed@example.com';
    expect(router.events[0]?.payload).toContain('ada@example.com');
    expect(Object.isFrozen(router.events[0])).toBe(true);
  });

  it('costs one look-up, and is not read, if no script listens', () => {
    const { capture, presence, router } = captureFor();
    presence.heard = false;
    const email = jest.fn();
    const emitted = Object.defineProperty({ ...ada }, 'email', { get: email, enumerable: true });
    expect(capture.capture('user.created', emitted)).toEqual({ outcome: 'unheard' });
    expect(presence.asked).toEqual([['user.created', 'acme']]);
    expect(email).not.toHaveBeenCalled();
    expect(router.events).toEqual([]);
  });

  it('throws nothing at the host if its routing fails', () => {
    const { capture, metrics, router } = captureFor();
    jest.spyOn(router, 'route').mockImplementation(() => {
      throw new Error('broken');
    });
    expect(capture.capture('user.created', ada)).toEqual({ outcome: 'failed' });
    expect(metrics.eventMetrics().droppedByReason).toEqual({ internal: 1 });
  });

  it('throws nothing at the host if the host’s logger throws', () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {
      throw new Error('no log');
    });
    expect(captureFor().capture.capture('user.created', null)).toEqual({ outcome: 'failed' });
  });
});

describe('the payload of a captured event', () => {
  const payloadOf = (type: string, emitted: object) => {
    const { capture, router } = captureFor({
      types: { 'order.shipped': { fields: ['orderId', 'toString', '__proto__'] } },
    });
    capture.capture(type, emitted);
    return JSON.parse(router.events[0]?.payload ?? 'null') as unknown;
  };

  it('has only the declared fields, and so no password hash', () => {
    expect(payloadOf('user.created', { ...ada, passwordHash: 's3cret', isAdmin: true })).toEqual({
      userId: 7,
      email: 'ada@example.com',
      firstName: 'Ada',
      lastName: 'Lovelace',
    });
  });

  it('leaves out fields that are missing, undefined, functions or symbols', () => {
    expect(
      payloadOf('user.created', {
        tenantId: 'a',
        userId: 1,
        email: undefined,
        firstName: () => 'x',
        lastName: Symbol('x'),
      }),
    ).toEqual({
      userId: 1,
    });
  });

  it('keeps fields that are null', () => {
    expect(payloadOf('user.created', { tenantId: 'a', email: null })).toEqual({ email: null });
  });

  it('is read through getters of a class, and never through its methods', () => {
    class User {
      readonly tenantId = 'acme';
      #email = 'ada@example.com';
      get email(): string {
        return this.#email;
      }
      firstName(): string {
        return 'Ada';
      }
    }
    class Admin extends User {
      get userId(): number {
        return 7;
      }
    }
    expect(payloadOf('user.created', new Admin())).toEqual({ userId: 7, email: 'ada@example.com' });
  });

  it('has no property that every object inherits', () => {
    expect(payloadOf('order.shipped', { tenantId: 'acme', orderId: 1 })).toEqual({ orderId: 1 });
  });

  it('has values in their JSON form', () => {
    const emitted = { tenantId: 'a', orderId: { at: new Date(0), tags: new Set(['x']), none: undefined } };
    expect(payloadOf('order.shipped', emitted)).toEqual({
      orderId: { at: '1970-01-01T00:00:00.000Z', tags: {} },
    });
  });

  it('is storable in PostgreSQL: U+0000 and lone surrogates are replaced', () => {
    expect(payloadOf('client.created', { tenantId: 'a', name: 'a\0b', email: '\ud800' })).toEqual({
      name: 'a\ufffdb',
      email: '\ufffd',
    });
  });
});

describe('the time and the actor of a captured event', () => {
  const detailsOf = (emitted: object, resolver?: () => string) => {
    const { capture, router } = captureFor(resolver ? { actorResolver: resolver } : {});
    capture.capture('user.created', { tenantId: 'acme', ...emitted });
    return { occurredAt: router.events[0]?.occurredAt, actor: router.events[0]?.actor };
  };

  it.each<[unknown, string]>([
    [new Date('2026-01-01T00:00:00Z'), '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T02:00:00+02:00', '2026-01-01T00:00:00.000Z'],
    [1_767_225_600_000, '2026-01-01T00:00:00.000Z'],
    [new Date(Number.NaN), NOW],
    ['yesterday', NOW],
    [8.64e15, NOW],
    [{}, NOW],
    [undefined, NOW],
  ])('are read from the event: occurredAt %p gives %s', (occurredAt, expected) => {
    expect(detailsOf({ occurredAt }).occurredAt).toBe(expected);
  });

  it.each<[object, { id: string } | null]>([
    [{ actorId: 'u1' }, { id: 'u1' }],
    [{ actorId: 42 }, { id: '42' }],
    [{ actor: { id: 'u2' } }, { id: 'u2' }],
    [{ actor: 'u3' }, { id: 'u3' }],
    [{ actorId: '' }, null],
    [{ actor: {} }, null],
    [{}, null],
  ])('are read from the event: %j gives the actor %j', (emitted, expected) => {
    expect(detailsOf(emitted).actor).toEqual(expected);
  });

  it('may include an actor from the resolver', () => {
    expect(detailsOf({}, () => 'from-context').actor).toEqual({ id: 'from-context' });
  });
});
