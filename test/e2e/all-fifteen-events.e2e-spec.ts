import { Injectable } from '@nestjs/common';
import { EVENT_TYPES, InMemoryMetricsRecorder, MapDomainEvent, ScriptsDomainEvent } from '../../lib/index.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

const SESSION = { sessionId: 's1', userId: 7 };
const CLIENT = { clientId: 'c1', name: 'Acme', email: 'acme@example.com' };
const CHAT = { chatId: 'h1', messageId: 2, content: 'Hello' };
const PAYMENT = { paymentId: 'p1', amount: '10000.50', currency: 'EUR' };

/** The catalogue of docs/events.md, written out. */
const CATALOGUE: Record<string, object> = {
  'user.created': ADA,
  'user.updated': ADA,
  'user.deleted': ADA,
  'session.created': SESSION,
  'session.expired': SESSION,
  'client.created': CLIENT,
  'client.updated': CLIENT,
  'client.deleted': CLIENT,
  'chat.message_received': CHAT,
  'chat.message_sent': CHAT,
  'payment.created': PAYMENT,
  'payment.completed': PAYMENT,
  'transaction.completed': { transactionId: 't1', amount: 12.5, status: 'settled' },
  'expense.created': { expenseId: 'e1', amount: 99, category: 'travel' },
  'debt.created': { debtId: 'd1', amount: 500, currency: 'EUR', type: 'payable' },
};

const SECRETS = { passwordHash: 'h4sh', token: 'bearer', __proto__: { inherited: 1 }, toJSON: () => 'all' };

describe('an event type of the catalogue', () => {
  const shared = sharedHost();

  it('reaches a script with exactly its declared fields, for each of the fifteen types', async () => {
    expect(Object.values(EVENT_TYPES).toSorted()).toEqual(Object.keys(CATALOGUE).toSorted());
    const host = shared();
    const types = Object.keys(CATALOGUE);
    const script = await host.script('return [ctx.event.type, ctx.input];', { eventTypes: types });
    for (const [type, fields] of Object.entries(CATALOGUE))
      host.emit(type, { tenantId: 'acme', ...SECRETS, ...fields });

    const rows = await host.executed(types.length, script);
    const seen = Object.fromEntries(rows.map(({ result }) => result as [string, object]));
    expect(seen).toEqual(CATALOGUE);
    expect(rows.map(({ eventType }) => eventType).toSorted()).toEqual(types.toSorted());
  });

  it('can be emitted as an instance of the event class, with actor and time', async () => {
    const host = shared();
    const script = await host.script('return [ctx.input, ctx.actor, ctx.event.occurredAt];');
    const occurredAt = new Date('2026-01-02T03:04:05.678Z');
    const event = new ScriptsDomainEvent('user.created', ADA, { tenantId: 'acme', actorId: 9, occurredAt });
    host.emit(event.type, event);
    expect(await host.executed(1, script)).toMatchObject([
      { result: [ADA, { id: '9' }, '2026-01-02T03:04:05.678Z'] },
    ]);
  });
});

describe("an event type of the host's own", () => {
  it('reaches a script with the fields that the options declare', async () => {
    const host = await TestHost.with({
      events: { types: { 'order.shipped': { fields: ['orderId', 'carrier'] } } },
    });
    const script = await host.script('return ctx.input;', { eventTypes: ['order.shipped'] });
    host.emit('order.shipped', { tenantId: 'acme', orderId: 1, carrier: 'post', margin: 0.4 });
    expect(await host.executed(1, script)).toMatchObject([{ result: { orderId: 1, carrier: 'post' } }]);
    expect((await host.executions())[0]?.result).not.toHaveProperty('margin');
  });

  it('reaches a script with the payload and the tenant that its @MapDomainEvent method returns', async () => {
    interface OrderShipped {
      order: { id: number; shopId: string };
      carrier: string;
    }
    @Injectable()
    class OrderEvents {
      private readonly prefix = 'order-';

      @MapDomainEvent('order.shipped')
      toShipped({ order, carrier }: OrderShipped) {
        return { tenantId: order.shopId, payload: { orderId: `${this.prefix}${order.id}`, carrier } };
      }
    }
    const host = await TestHost.start({ providers: [OrderEvents] });
    const script = await host.script('return [ctx.tenant.id, ctx.input];', { eventTypes: ['order.shipped'] });
    host.emit('order.shipped', { order: { id: 5, shopId: 'acme' }, carrier: 'post' });
    expect(await host.executed(1, script)).toMatchObject([
      { tenantId: 'acme', result: ['acme', { orderId: 'order-5', carrier: 'post' }] },
    ]);
  });

  it('is refused and counted when its mapper throws, and the next event runs', async () => {
    @Injectable()
    class OrderEvents {
      @MapDomainEvent('order.shipped')
      toShipped(event: { order: { id: number } }) {
        return { tenantId: 'acme', payload: { orderId: event.order.id } };
      }
    }
    const host = await TestHost.start({ providers: [OrderEvents] });
    const script = await host.script('return ctx.input.orderId;', { eventTypes: ['order.shipped'] });
    expect(() => host.emit('order.shipped', {})).not.toThrow();
    host.emit('order.shipped', { order: { id: 6 } });
    expect(await host.executed(1, script)).toMatchObject([{ result: 6 }]);
    expect(host.get(InMemoryMetricsRecorder).eventMetrics().droppedByReason).toEqual({ invalid: 1 });
  });
});
