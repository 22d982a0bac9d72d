import type { DurableEventBuffer, SqlConnection } from '../buffer/durable-event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import type { PreparedEvents, RouteResult } from '../events/event-router.js';
import { DurableProcessor } from './durable.processor.js';
import {
  EventDelivery,
  type PublishedRoute,
  type PublishPromise,
  type RoutesEvents,
} from './event-delivery.js';
import { type EventMatch, routeResult } from './event-matching.js';

/**
 * Stores published events with one statement, including those that the loop guard will stop: the worker that takes them
 * from the queue stops them.
 */
export class DurableDelivery extends EventDelivery {
  readonly processor = DurableProcessor;

  constructor(private readonly buffer: DurableEventBuffer) {
    super();
  }

  checkOption(): void {}

  /**
   * Queues the event in the publisher's transaction: nothing runs before the commit, and nothing is left after a
   * rollback. If no script matches, no statement is sent.
   *
   * @throws EventBufferClosedError while the application is stopping, and what the database throws
   */
  async publish(
    event: EventEnvelope,
    { connection, once }: PublishPromise,
    router: RoutesEvents,
  ): Promise<PublishedRoute> {
    const match = await router.matchAtOnce(event);
    const { enqueued, duplicates } = await this.buffer.enqueueIn(connection, match.queued, { once });
    return { ...routeResult(match), queued: enqueued, duplicates };
  }

  async routePublished(events: readonly EventEnvelope[], router: RoutesEvents): Promise<RouteResult[]> {
    const { store, route } = await this.prepared(events, router);
    await store(null);
    return route();
  }

  preparePublished(events: readonly EventEnvelope[], router: RoutesEvents): Promise<PreparedEvents> {
    return this.prepared(events, router);
  }

  private async prepared(events: readonly EventEnvelope[], router: RoutesEvents) {
    const matches: EventMatch[] = [];
    for (const event of events) matches.push(await router.matchInTurn(event));
    const queued = matches.flatMap((match) => match.queued);
    return {
      store: async (connection: SqlConnection | null): Promise<void> =>
        void (await this.buffer.enqueueIn(connection, queued, { once: true, followUp: true })),
      route: async (): Promise<RouteResult[]> =>
        matches.map((match) => ({ ...routeResult(match), queued: match.queued.length })),
    };
  }

  /**
   * True for an ordered event: it waits in its order, so of a disabled script's events only the first one of each key
   * becomes a dead letter. True for an undecided event: it is stored in the publisher's transaction like any other, and
   * a worker keeps it.
   */
  leavesToWorker({ undecided, ordering }: QueuedEvent): boolean {
    return undecided === true || ordering !== undefined;
  }
}
