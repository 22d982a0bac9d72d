import { Controller, Injectable, Logger, Scope } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { DomainEventExplorer } from '../../../lib/events/domain-event.explorer.js';
import { MapDomainEvent } from '../../../lib/events/map-domain-event.decorator.js';
import { captureFor } from '../../support/capture.js';

class OrderShipped {
  constructor(
    readonly order: { id: number; shopId: string },
    readonly carrier: string,
  ) {}
}

@Injectable()
class OrderEvents {
  private readonly prefix = 'order-';

  @MapDomainEvent('order.shipped')
  toShipped({ order, carrier }: OrderShipped) {
    if (carrier === 'internal') return undefined;
    return {
      tenantId: order.shopId,
      payload: { orderId: this.prefix + order.id, carrier },
      actorId: 'clerk',
    };
  }
}

@Controller()
class ClientEvents {
  @MapDomainEvent('client.created', { fields: ['city'] })
  map(client: { id: number; fullName: string; hash: string }) {
    const { id: clientId, fullName: name, hash } = client;
    return { payload: { clientId, name, email: 'x@y.z', city: 'Oslo', hash } };
  }
}

async function explored(
  providers: (new () => object)[],
  controllers: (new () => object)[] = [],
  scope?: Scope,
) {
  const app = await Test.createTestingModule({
    imports: [DiscoveryModule],
    controllers,
    providers: providers.map((useClass) => ({ provide: useClass, useClass, scope })),
  }).compile();
  const host = captureFor();
  new DomainEventExplorer(app.get(DiscoveryService), host.registry).explore();
  await app.close();
  return host;
}

beforeEach(() => jest.spyOn(Logger.prototype, 'warn').mockImplementation());
afterEach(() => jest.restoreAllMocks());

describe('@MapDomainEvent', () => {
  const shipped = new OrderShipped({ id: 7, shopId: 'acme' }, 'post');

  it('turns the host’s own object into payload, tenant and actor', async () => {
    const { capture, router } = await explored([OrderEvents]);
    capture.capture('order.shipped', shipped);
    expect(router.events[0]).toMatchObject({
      type: 'order.shipped',
      tenantId: 'acme',
      payload: '{"orderId":"order-7","carrier":"post"}',
      actor: { id: 'clerk' },
    });
  });

  it('works on a controller, and passes on only declared fields of a catalogue type', async () => {
    const { capture, router } = await explored([], [ClientEvents]);
    capture.capture('client.created', { id: 1, fullName: 'Ada', hash: 's3cret', tenantId: 'acme' });
    expect(JSON.parse(router.events[0]?.payload ?? '')).toEqual({
      clientId: 1,
      name: 'Ada',
      email: 'x@y.z',
      city: 'Oslo',
    });
    expect(router.events[0]?.tenantId).toBe('acme');
  });

  it('hides an event from all scripts if the method returns undefined', async () => {
    const { capture, metrics, router } = await explored([OrderEvents]);
    const internal = new OrderShipped({ id: 7, shopId: 'acme' }, 'internal');
    expect(capture.capture('order.shipped', internal)).toEqual({ outcome: 'skipped' });
    expect(router.events).toEqual([]);
    expect(metrics.eventMetrics().eventsDropped).toBe(0);
  });

  it('refuses the event if the method throws, and does not repeat its error', async () => {
    const { capture, metrics } = await explored([OrderEvents]);
    const result = capture.capture('order.shipped', { order: null });
    expect(result).toMatchObject({ outcome: 'refused', error: { reason: 'mapper-failed' } });
    expect(String((result as { error: Error }).error)).not.toContain('Cannot read');
    expect(metrics.eventMetrics().droppedByReason).toEqual({ invalid: 1 });
  });

  it.each([
    ['a promise', async () => ({ payload: {} })],
    ['an object without a payload', () => ({})],
    ['a list', () => ({ payload: [] })],
  ])('refuses the event if the method returns %s', (_what, map) => {
    const { capture, registry } = captureFor();
    registry.addMapper({ type: 'order.lost', map: map as unknown as () => undefined, method: 'X.map' });
    expect(capture.capture('order.lost', { tenantId: 'acme' })).toMatchObject({
      error: { reason: 'mapper-failed' },
    });
  });

  it('fails the start on two methods for one type', async () => {
    class Other {
      @MapDomainEvent('order.shipped')
      again() {
        return { payload: {} };
      }
    }
    await expect(explored([OrderEvents, Other])).rejects.toThrow(
      /order\.shipped has two mappers, OrderEvents\.toShipped and Other\.again/,
    );
  });

  it.each([
    ['request', Scope.REQUEST],
    ['transient', Scope.TRANSIENT],
  ])('fails the start on a provider of %s scope', async (_name, scope) => {
    await expect(explored([OrderEvents], [], scope)).rejects.toThrow(
      /OrderEvents\.toShipped.*make it a singleton/,
    );
  });

  it('fails the start on an async method, for which every event would be refused', async () => {
    @Injectable()
    class Late {
      async toShipped() {
        return { payload: {} };
      }
    }
    const method = Object.getOwnPropertyDescriptor(Late.prototype, 'toShipped') as PropertyDescriptor;
    MapDomainEvent('order.shipped')(Late.prototype, 'toShipped', method as never);
    await expect(explored([Late])).rejects.toThrow(
      /Late\.toShipped.*make the method and the decorators above it synchronous/,
    );
  });

  it('is checked by the compiler against the payload of a catalogue type', () => {
    class Wrong {
      // @ts-expect-error -- a mapper of the catalogue returns the catalogue's payload
      @MapDomainEvent('client.created')
      map() {
        return { payload: { clientId: 1 } };
      }
    }
    expect(new Wrong().map()).toEqual({ payload: { clientId: 1 } });
  });
});
