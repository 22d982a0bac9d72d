import { Logger } from '@nestjs/common';
import { captureFor } from '../../support/capture.js';

let warn: jest.SpyInstance;
beforeEach(() => (warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation()));
afterEach(() => jest.restoreAllMocks());

const FIELDS = { clientId: 1, name: 'Ada', email: 'a@b.c' };
const warnings = (): string[] => warn.mock.calls.map(([line]) => String(line));

describe('an event that has its fields inside another field', () => {
  it.each(['payload', 'data'])('is routed with an empty payload, and one warning names "%s"', (name) => {
    const { capture, router } = captureFor();
    capture.capture('client.created', { tenantId: 'acme', [name]: FIELDS });
    expect(router.events).toHaveLength(1);
    expect(router.events[0]).toMatchObject({ payload: '{}' });
    expect(warnings()).toEqual([
      `Event client.created has none of the declared fields, so scripts get an empty input. The fields are in "${name}"; ` +
        `emit { tenantId, ...fields }, or a ScriptsDomainEvent, which has a payload. [tenant acme, event ${router.events[0]?.id}]`,
    ]);
  });

  it('leads to a warning for types of the host, too', () => {
    const { capture } = captureFor({ types: { 'order.shipped': { fields: ['orderId'] } } });
    capture.capture('order.shipped', { tenantId: 'acme', order: { orderId: 7 } });
    expect(warnings()).toEqual([expect.stringContaining('The fields are in "order"')]);
  });

  it('leads to no warning if it also has a declared field of its own, or the other field has none', () => {
    const { capture } = captureFor();
    capture.capture('client.created', { tenantId: 'acme', clientId: 1, payload: FIELDS });
    capture.capture('client.created', { tenantId: 'acme', payload: { other: 1 } });
    expect(warnings()).toEqual([]);
  });
});
