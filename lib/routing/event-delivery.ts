import type { Type } from '@nestjs/common';
import type { SqlConnection } from '../buffer/durable-event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import type { RouteResult } from '../events/event-router.js';
import type { EventMatch } from './event-matching.js';
import type { QueuedEventProcessor } from './queued-event.processor.js';

/** What a publisher of the host asks for besides the event. */
export interface PublishPromise {
  /** The transaction to queue in. Null: a transaction by itself. */
  connection: SqlConnection | null;
  /** The publisher gave the event's id: it is taken once. */
  once: boolean;
}

/** What became of an event that the host published. */
export type PublishedRoute = RouteResult & { duplicates: number };

/** The router's part in a delivery. */
export interface RoutesEvents {
  /** Asks the filters in turn, queues what matches and keeps what may not run. */
  routeInTurn(event: EventEnvelope): Promise<RouteResult>;
  /** Asks the filters in turn. */
  matchInTurn(event: EventEnvelope): Promise<EventMatch>;
  /** The same before events that wait, if it takes no time. @throws EventBufferClosedError while the application stops */
  matchAtOnce(event: EventEnvelope): Promise<EventMatch>;
}

/**
 * Port: what the router and `publish()` do differently with a durable buffer and with one in memory. Which one it is
 * is decided where the provider is made.
 */
export abstract class EventDelivery {
  /** The other half: what a worker does with an event that was delivered. */
  abstract readonly processor: Type<QueuedEventProcessor>;

  /** @throws DurableBufferRequiredError when `option` of `publish()` asks for what this delivery cannot promise */
  abstract checkOption(option: 'manager' | 'queryRunner' | 'eventId'): void;

  /** How an event that the host publishes goes on. */
  abstract publish(
    event: EventEnvelope,
    promise: PublishPromise,
    router: RoutesEvents,
  ): Promise<PublishedRoute>;

  /** How the events that an execution published go on; see `EventRouter.routePublished`. */
  abstract routePublished(events: readonly EventEnvelope[], router: RoutesEvents): Promise<RouteResult[]>;

  /** Whether a worker, not the router, keeps this event when it may not run. */
  abstract leavesToWorker(event: QueuedEvent): boolean;
}
