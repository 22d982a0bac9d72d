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

  it('is found on controllers too, and lets only declared fields of the catalogue on', async () => {
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

  it('may hide an event from all scripts', async () => {
    const { capture, metrics, router } = await explored([OrderEvents]);
    const internal = new OrderShipped({ id: 7, shopId: 'acme' }, 'internal');
    expect(capture.capture('order.shipped', internal)).toEqual({ outcome: 'skipped' });
    expect(router.events).toEqual([]);
    expect(metrics.eventMetrics().eventsDropped).toBe(0);
  });

  it('that throws refuses the event, without the words it threw', async () => {
    const { capture, metrics } = await explored([OrderEvents]);
    const result = capture.capture('order.shipped', { order: null });
    expect(result).toMatchObject({ outcome: 'refused', error: { reason: 'mapper-failed' } });
    expect(metrics.eventMetrics().droppedByReason).toEqual({ invalid: 1 });
  });

  it.each([
    ['a promise', async () => ({ payload: {} })],
    ['nothing in it', () => ({})],
    ['a list', () => ({ payload: [] })],
  ])('that returns %s refuses the event', (_what, map) => {
    const { capture, registry } = captureFor();
    registry.addMapper({ type: 'order.lost', map: map as unknown as () => undefined, method: 'X.map' });
    expect(capture.capture('order.lost', { tenantId: 'acme' })).toMatchObject({
      error: { reason: 'mapper-failed' },
    });
  });

  it('on two methods of one type stops the start', async () => {
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
  ])('on a provider of %s scope stops the start', async (_name, scope) => {
    await expect(explored([OrderEvents], [], scope)).rejects.toThrow(
      /OrderEvents\.toShipped.*make it a singleton/,
    );
  });

  it('that is async stops the start, instead of every event being refused', async () => {
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

  it('is checked by the compiler', () => {
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
