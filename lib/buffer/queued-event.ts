import type { EventCause } from '../common/event-cause.js';

/**
 * One event for one script, waiting in the event buffer. Plain data only, so that it can be a row of a durable engine:
 * no request-scoped object, entity manager or async context of the publisher.
 */
export interface QueuedEvent {
  readonly tenantId: string;
  readonly scriptId: string;
  readonly eventId: string;
  readonly eventType: string;
  /** JSON text of the payload. Each execution parses its own copy. */
  readonly payload: string;
  /** When the event happened, ISO 8601 in UTC. */
  readonly occurredAt: string;
  readonly actorId: string | null;
  readonly cause: EventCause;
  /** 1 for the first execution, one more for each retry or replay. */
  readonly attempt: number;
  /** When it entered the buffer, milliseconds since the epoch: queue time is counted from here. */
  readonly enqueuedAt: number;
}
