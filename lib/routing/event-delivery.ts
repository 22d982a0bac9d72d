import type { Type } from '@nestjs/common';
import type { SqlConnection } from '../buffer/durable-event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import type { PreparedEvents, RouteResult } from '../events/event-router.js';
import type { EventMatch } from './event-matching.js';
import type { QueuedEventProcessor } from './queued-event.processor.js';

/** What a publisher of the host asks for in addition to the event. */
export interface PublishPromise {
  /** The transaction to queue in. Null: a transaction of its own. */
  connection: SqlConnection | null;
  /** Whether the publisher gave the event's id, so that it is accepted only once. */
  once: boolean;
}

/** What happened to an event that the host published. */
export type PublishedRoute = RouteResult & { duplicates: number };

/** The methods of the router that a delivery uses. */
export interface RoutesEvents {
  /** Evaluates the filters in turn with other events, queues what matches and keeps what may not run. */
  routeInTurn(event: EventEnvelope): Promise<RouteResult>;
  /** Evaluates the filters in turn with other events. */
  matchInTurn(event: EventEnvelope): Promise<EventMatch>;
  /**
   * Evaluates the filters now, before those of waiting events, if that takes few steps; otherwise in turn.
   *
   * @throws EventBufferClosedError while the application is stopping
   */
  matchAtOnce(event: EventEnvelope): Promise<EventMatch>;
}

/**
 * Port: what happens to published events next. One version is for a durable buffer and one for memory; the provider's
 * factory decides which is used.
 */
export abstract class EventDelivery {
  /** The processor that belongs to this delivery: what a worker does with a delivered event. */
  abstract readonly processor: Type<QueuedEventProcessor>;

  /** @throws DurableBufferRequiredError if this delivery can't promise what the `option` of `publish()` asks for */
  abstract checkOption(option: 'manager' | 'queryRunner' | 'eventId'): void;

  /** Passes on an event that the host publishes. */
  abstract publish(
    event: EventEnvelope,
    promise: PublishPromise,
    router: RoutesEvents,
  ): Promise<PublishedRoute>;

  /** Passes on the events that an execution published, see `EventRouter.routePublished`. */
  abstract routePublished(events: readonly EventEnvelope[], router: RoutesEvents): Promise<RouteResult[]>;

  /** {@link routePublished} in two steps, see `EventRouter.preparePublished`. */
  abstract preparePublished(events: readonly EventEnvelope[], router: RoutesEvents): Promise<PreparedEvents>;

  /** If the event may not run: whether a worker makes its dead letter, and not the router. */
  abstract leavesToWorker(event: QueuedEvent): boolean;
}
