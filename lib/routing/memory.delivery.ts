import type { EventEnvelope } from '../common/event-envelope.js';
import type { PreparedEvents, RouteResult } from '../events/event-router.js';
import {
  EventDelivery,
  type PublishedRoute,
  type PublishPromise,
  type RoutesEvents,
} from './event-delivery.js';
import { MemoryProcessor } from './memory.processor.js';
import { DurableBufferRequiredError } from './publish.errors.js';

/** Puts events into the buffer immediately. Those that may not run become dead letters immediately. */
export class MemoryDelivery extends EventDelivery {
  readonly processor = MemoryProcessor;

  checkOption(option: string): void {
    throw new DurableBufferRequiredError(option);
  }

  async publish(event: EventEnvelope, _: PublishPromise, router: RoutesEvents): Promise<PublishedRoute> {
    return { ...(await router.routeInTurn(event)), duplicates: 0 };
  }

  async routePublished(events: readonly EventEnvelope[], router: RoutesEvents): Promise<RouteResult[]> {
    const routed: RouteResult[] = [];
    // One by one, so that they are queued in the order in which they were published.
    for (const event of events) routed.push(await router.routeInTurn(event));
    return routed;
  }

  async preparePublished(events: readonly EventEnvelope[], router: RoutesEvents): Promise<PreparedEvents> {
    return { store: async () => undefined, route: () => this.routePublished(events, router) };
  }

  leavesToWorker(): boolean {
    return false;
  }
}
