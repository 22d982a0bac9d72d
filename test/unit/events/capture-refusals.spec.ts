import { Logger } from '@nestjs/common';
import { ScriptsDomainEvent } from '../../../lib/events/scripts-domain-event.js';
import { captureFor } from '../../support/capture.js';

let warn: jest.SpyInstance;
beforeEach(() => (warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation()));
afterEach(() => jest.restoreAllMocks());

const cyclic: Record<string, unknown> = {};
cyclic.self = { cyclic };
const deep: Record<string, unknown> = {};
let inner = deep;
for (let i = 0; i < 20_000; i++) inner = inner.in = {} as Record<string, unknown>;

const client = (part: object) => ({ tenantId: 'acme', clientId: 1, email: 'a@b.c', ...part });
const withGetter = Object.defineProperty(client({}), 'name', {
  enumerable: true,
  get() {
    throw new Error('s3cret');
  },
});

describe('an event that cannot be captured', () => {
  it.each<[string, unknown, string, string | undefined, string]>([
    ['text', 'acme', 'not-an-object', undefined, 'invalid'],
    ['undefined', undefined, 'not-an-object', undefined, 'invalid'],
    ['a list', [client({})], 'not-an-object', undefined, 'invalid'],
    ['a cyclic payload', client({ name: cyclic }), 'cyclic', 'name', 'invalid'],
    ['a BigInt', client({ name: { amount: 10n } }), 'bigint', 'name', 'invalid'],
    ['a getter that throws', withGetter, 'unreadable', 'name', 'invalid'],
    ['a payload nested too deeply', client({ name: deep }), 'unserializable', 'name', 'invalid'],
    [
      'a toJSON that throws',
      client({ name: { toJSON: () => [].at(0)!['x'] } }),
      'unserializable',
      'name',
      'invalid',
    ],
    ['a payload too large', client({ name: 's3cret'.repeat(50_000) }), 'too-large', 'name', 'too_large'],
    [
      'an instance of another type',
      new ScriptsDomainEvent('client.updated', { clientId: 1, name: 'x', email: 'y' }, { tenantId: 'acme' }),
      'type-mismatch',
      undefined,
      'invalid',
    ],
  ])('is refused, counted and logged without its values: %s', (_what, emitted, reason, field, counted) => {
    const { capture, metrics, router } = captureFor();
    const result = capture.capture('client.created', emitted);
    expect(result).toMatchObject({
      outcome: 'refused',
      error: { reason, field, eventType: 'client.created' },
    });
    expect(metrics.eventMetrics().droppedByReason).toEqual({ [counted]: 1 });
    expect(router.events).toEqual([]);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0][0]).toContain('client.created');
    expect(warn.mock.calls[0][0]).not.toContain('s3cret');
  });

  it('is refused, and the log says how to declare its type, if the type is unknown', () => {
    const result = captureFor().capture.capture('order.shipped', { tenantId: 'acme' });
    expect(result).toMatchObject({ outcome: 'refused', error: { reason: 'unknown-type' } });
    expect(warn.mock.calls[0][0]).toContain('events.types');
  });

  const fails = (): never => {
    throw new Error('s3cret');
  };
  const revoked = (target: object): object => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };

  it.each<[string, object]>([
    [
      'throws whenever it is read',
      new Proxy({}, { get: fails, getOwnPropertyDescriptor: fails, getPrototypeOf: fails }),
    ],
    ['was revoked', revoked({})],
  ])(
    'is refused as unreadable, and logged without the error of the proxy, if it is a proxy that %s',
    (_what, hostile) => {
      const { capture, metrics, router } = captureFor({ defaultTenantId: 'main' });
      expect(capture.capture('client.created', hostile)).toMatchObject({
        outcome: 'refused',
        error: { reason: 'unreadable', eventType: 'client.created', cause: expect.any(Error) },
      });
      expect(metrics.eventMetrics().droppedByReason).toEqual({ invalid: 1 });
      expect(router.events).toEqual([]);
      expect(warn.mock.calls.join()).toContain("it can't be read");
      expect(warn.mock.calls.join()).not.toContain('s3cret');
    },
  );

  it('is refused as unreadable if the payload that its mapper returned can only be read once', () => {
    let reads = 0;
    const mapped = {
      get payload(): object {
        return reads++ === 0 ? {} : fails();
      },
    };
    const { capture, registry } = captureFor();
    registry.addMapper({ type: 'order.shipped', map: () => mapped, method: 'Orders.map' });
    expect(capture.capture('order.shipped', { tenantId: 'acme' })).toMatchObject({
      error: { reason: 'unreadable' },
    });
    expect(warn.mock.calls.join()).not.toContain('s3cret');
  });

  it('is captured without its fields if it is a proxy that does not list them', () => {
    const { capture } = captureFor();
    const proxy = new Proxy({ tenantId: 'acme' }, { ownKeys: fails });
    expect(capture.capture('client.created', proxy)).toMatchObject({ outcome: 'routed' });
    expect(warn.mock.calls.join()).not.toContain('s3cret');
  });
});

describe('a payload of 64 bytes and fewer characters', () => {
  it.each([
    [64, 'routed'],
    [63, 'refused'],
  ])('is judged by its bytes: under a limit of %i bytes it is %s', (maxPayloadBytes, outcome) => {
    const { capture } = captureFor({ maxPayloadBytes });
    // {"name":"…"} takes 11 bytes, "é" takes two, and one more letter makes 64.
    const name = `${'é'.repeat(26)}x`;
    expect(Buffer.byteLength(JSON.stringify({ name }))).toBe(64);
    expect(capture.capture('client.created', { tenantId: 'acme', name }).outcome).toBe(outcome);
  });
});
