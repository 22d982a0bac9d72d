import { MethodMark } from '../common/decorated-methods.js';
import type { MappedEvent } from './event-registry.js';
import type { EventTypeName, PayloadOf } from '../common/event-payloads.js';

/** Settings of {@link MapDomainEvent}. @publicApi */
export interface MapDomainEventOptions {
  /**
   * Fields of what the method returns that go on. For a type of the host, default all; for one of the catalogue, more
   * fields besides its own.
   */
  fields?: readonly string[];
}

/** What the decorator says of the method. */
export interface MapDomainEventMetadata extends MapDomainEventOptions {
  type: string;
}

/** Where {@link MapDomainEvent} stands. */
export const MAPPERS = new MethodMark<MapDomainEventMetadata>('MapDomainEvent');

/**
 * Marks a method of a provider or controller that turns the host's own event object into a payload. It is called for
 * each event of the type and has to be synchronous and quick; what it throws refuses the event, which is counted and
 * logged. Returning `undefined` says that scripts shall not hear of the event. Other decorators may stand above and below
 * it, and a subclass may override the method.
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
export function MapDomainEvent<Type extends EventTypeName>(type: Type, options: MapDomainEventOptions = {}) {
  return <Method extends (event: never) => MappedEvent<PayloadOf<Type>> | undefined>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    MAPPERS.put(target, name, descriptor, { ...options, type });
  };
}
