import { MethodMark } from '../common/decorated-methods.js';
import type { MappedEvent } from './event-registry.js';
import type { EventTypeName, PayloadOf } from '../common/event-payloads.js';

/** Options of {@link MapDomainEvent}. @publicApi */
export interface MapDomainEventOptions {
  /**
   * Fields of the returned payload that scripts get. For a type of the host: default all. For a type of the catalogue:
   * further fields beside its own.
   */
  fields?: readonly string[];
}

/** What the decorator stores about the method. */
export interface MapDomainEventMetadata extends MapDomainEventOptions {
  type: string;
}

/** The marks of {@link MapDomainEvent}. */
export const MAPPERS = new MethodMark<MapDomainEventMetadata>('MapDomainEvent');

/**
 * Marks a method of a provider or controller that turns the host's own event object into a payload. The package calls
 * it for each event of the type, so it must be synchronous and fast. If it throws, the event is refused, counted and
 * logged. If it returns `undefined`, no script sees the event. Other decorators may stand above and below it, and a
 * subclass may override the method.
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
