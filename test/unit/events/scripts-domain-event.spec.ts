import { ScriptsDomainEvent } from '../../../lib/events/scripts-domain-event.js';
import { captureFor } from '../../support/capture.js';

describe('an instance of the exported event class', () => {
  const debt = { debtId: 'd1', amount: '10000.50', currency: 'EUR', type: 'payable' } as const;

  it('is captured with its tenant, actor, time and payload', () => {
    const { capture, router } = captureFor();
    const occurredAt = new Date('2026-01-01T00:00:00Z');
    const event = new ScriptsDomainEvent('debt.created', debt, { tenantId: 7, actorId: 'u1', occurredAt });
    capture.capture(event.type, event);
    expect(router.events[0]).toMatchObject({
      type: 'debt.created',
      tenantId: '7',
      actor: { id: 'u1' },
      occurredAt: '2026-01-01T00:00:00.000Z',
    });
    expect(JSON.parse(router.events[0]?.payload ?? '')).toEqual(debt);
  });

  it('passes on only the declared fields', () => {
    const { capture, router } = captureFor();
    const payload = { ...debt, note: 's3cret' };
    capture.capture('debt.created', new ScriptsDomainEvent('debt.created', payload, { tenantId: 7 }));
    expect(router.events[0]?.payload).not.toContain('s3cret');
  });

  it('must have a tenant and the payload of its type, as the compiler checks', () => {
    // @ts-expect-error -- a payload of the catalogue has all its fields
    const missing = new ScriptsDomainEvent('client.created', { clientId: 1 }, { tenantId: 'acme' });
    // @ts-expect-error -- an event has a tenant
    const nobody = new ScriptsDomainEvent('order.shipped', { orderId: 1 }, {});
    const own = new ScriptsDomainEvent('order.shipped', { orderId: 1 }, { tenantId: 'acme' });
    expect([missing.type, nobody.type, own.type]).toEqual([
      'client.created',
      'order.shipped',
      'order.shipped',
    ]);
  });
});
