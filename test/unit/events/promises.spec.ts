import { Logger } from '@nestjs/common';
import type { MappedEvent } from '../../../lib/events/event-registry.js';
import { captureFor } from '../../support/capture.js';

const gone = (): Promise<never> => Promise.reject(new Error('row is gone'));
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

class OrderPlaced {
  readonly tenantId: unknown = 'acme';
  readonly id: unknown = 1;

  get owner(): unknown {
    return gone();
  }
}

class LazyTenant {
  readonly id = 1;

  get tenantId(): unknown {
    return gone();
  }
}

class ReadsTwo {
  readonly tenantId = 'acme';

  get owner(): unknown {
    return gone();
  }

  get id(): unknown {
    throw new Error('not connected');
  }
}

/** An object like a lazy query: its `then` starts something, but it is not a promise. */
// oxlint-disable-next-line unicorn/no-thenable -- it is what is tested
const lazyQuery = (): object => Object.defineProperty({}, 'then', { value: () => note('asked') });
const owned = (owner: unknown): object => ({ tenantId: 'acme', id: 1, owner });

/** Node.js reports an unhandled rejection once the microtasks have run. */
async function rejectionsToldOf(): Promise<void> {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
  jest.spyOn(Logger.prototype, 'warn').mockImplementation();
});
afterEach(() => {
  process.off('unhandledRejection', note);
  jest.restoreAllMocks();
});

describe('a promise in an event', () => {
  it.each<[string, () => object, object]>([
    ['a getter of its class gives', () => new OrderPlaced(), { reason: 'promise', field: 'owner' }],
    ['a field holds', () => owned(gone()), { reason: 'promise', field: 'owner' }],
    [
      'a field holds and that is resolved',
      () => owned(Promise.resolve(1)),
      { reason: 'promise', field: 'owner' },
    ],
    ['an inner field holds', () => owned({ list: [{ at: gone() }] }), { reason: 'promise', field: 'at' }],
    [
      'an inner getter gives',
      () =>
        owned({
          get at() {
            return gone();
          },
        }),
      { reason: 'promise', field: 'at' },
    ],
    ['toJSON gives', () => owned({ toJSON: gone }), { reason: 'promise', field: 'owner' }],
    ['an inner toJSON gives', () => owned([{ toJSON: gone }]), { reason: 'promise', field: '0' }],
    [
      'the toJSON of a date gives',
      () => owned(Object.assign(new Date(), { toJSON: gone })),
      { reason: 'promise' },
    ],
    ['is an object with a then method', () => owned(lazyQuery()), { reason: 'promise' }],
    ['is the tenant', () => new LazyTenant(), { reason: 'no-tenant' }],
    ['comes before a getter that throws', () => new ReadsTwo(), { reason: 'unreadable', field: 'id' }],
  ])(
    'that %s causes a refusal that names the field, and no unhandled rejection',
    async (_what, make, error) => {
      const { capture, router } = captureFor({ types: { 'order.placed': { fields: ['owner', 'id'] } } });
      expect(capture.capture('order.placed', make())).toMatchObject({ outcome: 'refused', error });
      expect(router.events).toEqual([]);
      await rejectionsToldOf();
      expect(unhandled).toEqual([]);
    },
  );

  it('that a mapper or a resolver returns causes a refusal, too', async () => {
    const resolver = gone as unknown as () => string;
    const { capture, registry } = captureFor({ tenantResolver: resolver });
    const map = gone as unknown as () => MappedEvent;
    registry.addMapper({ type: 'order.mapped', map, method: 'Orders.map' });
    expect(capture.capture('order.mapped', {})).toMatchObject({ error: { reason: 'mapper-failed' } });
    expect(capture.capture('user.created', { userId: 1 })).toMatchObject({ error: { reason: 'no-tenant' } });
    await rejectionsToldOf();
    expect(unhandled).toEqual([]);
  });
});

describe('declared fields within another field', () => {
  const warned = (event: object): unknown[][] => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    warn.mockClear();
    const { capture } = captureFor();
    expect(capture.capture('client.created', event)).toMatchObject({ outcome: 'routed' });
    return warn.mock.calls;
  };

  it('cause one warning, because scripts get none of them', () => {
    const line = expect.stringMatching(
      /client\.created has none of the declared fields.*in "payload"; emit \{ tenantId/,
    );
    expect(warned({ tenantId: 'acme', payload: { clientId: 7 } })).toEqual([[line]]);
  });

  it('cause no warning if the event also has a declared field of its own, or has none anywhere', () => {
    expect(warned({ tenantId: 'acme', clientId: 7, payload: { clientId: 7 } })).toEqual([]);
    expect(warned({ tenantId: 'acme', meta: { source: 'import' } })).toEqual([]);
  });
});
