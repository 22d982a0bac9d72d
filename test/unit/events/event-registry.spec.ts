import { EventRegistry } from '../../../lib/events/event-registry.js';
import { EVENT_TYPES, PAYLOAD_FIELDS } from '../../../lib/events/event-types.js';

describe('the catalogue', () => {
  it('has the fifteen types of the specification', () => {
    expect(Object.values(EVENT_TYPES).toSorted()).toEqual([
      'chat.message_received',
      'chat.message_sent',
      'client.created',
      'client.deleted',
      'client.updated',
      'debt.created',
      'expense.created',
      'payment.completed',
      'payment.created',
      'session.created',
      'session.expired',
      'transaction.completed',
      'user.created',
      'user.deleted',
      'user.updated',
    ]);
    expect(Object.keys(PAYLOAD_FIELDS).toSorted()).toEqual(Object.values(EVENT_TYPES).toSorted());
  });

  it('has no field for a token, password or secret', () => {
    expect(Object.values(PAYLOAD_FIELDS).flat()).not.toContainEqual(
      expect.stringMatching(/token|password|secret/i),
    );
  });
});

describe('the registry of event types', () => {
  const types = { 'order.shipped': { fields: ['orderId', 'orderId'] } };
  const map = () => undefined;

  it('knows the catalogue and the types of the options', () => {
    const registry = new EventRegistry(types);
    expect(registry.get('user.created')).toMatchObject({ origin: 'catalogue', mapper: null });
    expect(registry.get('order.shipped')).toEqual({
      type: 'order.shipped',
      origin: 'host',
      fields: ['orderId'],
      mapper: null,
    });
    expect(registry.get('order.lost')).toBeUndefined();
    expect(registry.types()).toHaveLength(16);
    expect(registry.hostTypes()).toEqual(['order.shipped']);
  });

  it.each([
    ['user.created', true],
    ['order.shipped', true],
    ['script.event', true],
    ['script.anything', true],
    ['script', true],
    ['scripts.done', false],
    ['order.checked', false],
  ])('reserves %s, so that scripts can’t publish it: %s', (type, reserved) => {
    expect(new EventRegistry(types).isReserved(type)).toBe(reserved);
  });

  it.each(['user.created', 'script.event', 'script'])('refuses %s as a type of the host', (type) => {
    expect(() => new EventRegistry({ [type]: { fields: ['id'] } })).toThrow(
      expect.objectContaining({ code: 'event-type-conflict', eventType: type }),
    );
  });

  it('makes the type of a mapper a type of the host', () => {
    const registry = new EventRegistry();
    registry.addMapper({ type: 'order.lost', map, method: 'Orders.toLost' });
    expect(registry.get('order.lost')).toMatchObject({ origin: 'host', fields: null, mapper: map });
    expect(registry.hostTypes()).toEqual(['order.lost']);
  });

  it('adds a mapper’s fields to the declared ones', () => {
    const registry = new EventRegistry(types);
    registry.addMapper({ type: 'client.created', fields: ['city'], map, method: 'Clients.map' });
    registry.addMapper({ type: 'order.shipped', map, method: 'Orders.toShipped' });
    expect(registry.get('client.created')).toMatchObject({
      origin: 'catalogue',
      fields: ['clientId', 'name', 'email', 'city'],
    });
    expect(registry.get('order.shipped')?.fields).toEqual(['orderId']);
  });

  it('refuses a second mapper of a type with an error that names both', () => {
    const registry = new EventRegistry(types);
    registry.addMapper({ type: 'order.shipped', map, method: 'Orders.toShipped' });
    expect(() => registry.addMapper({ type: 'order.shipped', map, method: 'Other.map' })).toThrow(
      /two mappers, Orders\.toShipped and Other\.map/,
    );
  });

  it.each(['order.*', 'order..shipped', '', '1st', 'x'.repeat(129), 'order shipped'])(
    'refuses a mapper of %j, which is not an event type',
    (type) => {
      expect(() => new EventRegistry().addMapper({ type, map, method: 'Orders.map' })).toThrow(
        expect.objectContaining({ code: 'event-mapper', method: 'Orders.map' }),
      );
    },
  );

  it('refuses a mapper of an event of this package', () => {
    expect(() => new EventRegistry().addMapper({ type: 'script.event', map, method: 'X.map' })).toThrow(
      expect.objectContaining({ code: 'event-type-conflict' }),
    );
  });
});
