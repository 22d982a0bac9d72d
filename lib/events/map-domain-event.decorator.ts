import 'reflect-metadata';
import type { MappedEvent } from './event-registry.js';
import type { PayloadOf } from './event-payloads.js';

/** Settings of {@link MapDomainEvent}. @publicApi */
export interface MapDomainEventOptions {
  /**
   * Fields of what the method returns that go on. For a type of the host, default all; for one of the catalogue, more
   * fields besides its own.
   */
  fields?: readonly string[];
}

/** What the decorator leaves on the method. */
export interface MapDomainEventMetadata extends MapDomainEventOptions {
  type: string;
}

const METADATA = Symbol('scripts-event:map-domain-event');

/**
 * Marks a method of a provider or controller that turns the host's own event object into a payload. It is called for
 * each event of the type and has to be synchronous and quick; what it throws refuses the event, which is counted and
 * logged. Returning `undefined` says that scripts shall not hear of the event.
 *
 * ```ts
 * @MapDomainEvent('order.shipped')
 * toShipped(event: OrderShipped) {
 *   return { tenantId: event.order.shopId, payload: { orderId: event.order.id, carrier: event.carrier } };
 * }
 * ```
 *
 * @publicApi
 */
export function MapDomainEvent<Type extends string>(type: Type, options: MapDomainEventOptions = {}) {
  return <Method extends (event: never) => MappedEvent<PayloadOf<Type>> | undefined>(
    _target: object,
    _name: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    const metadata: MapDomainEventMetadata = { ...options, type };
    Reflect.defineMetadata(METADATA, metadata, descriptor.value as object);
  };
}

/** What {@link MapDomainEvent} left on a method; `undefined` for any other value. */
export function mapDomainEventMetadata(method: unknown): MapDomainEventMetadata | undefined {
  if (typeof method !== 'function') return undefined;
  return Reflect.getMetadata(METADATA, method) as MapDomainEventMetadata | undefined;
}
