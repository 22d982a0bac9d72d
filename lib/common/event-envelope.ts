import type { EventCause } from './event-cause.js';
import type { EventTrace } from './event-trace.js';
import type { JsonValue } from './json.js';

/** The person or system that caused an event. Informational; it grants no rights. @publicApi */
export interface EventActor {
  readonly id: string;
}

/**
 * An event inside the package: mapped to its declared fields, bound to one tenant, and turned into JSON text once. It
 * is plain data, without the publisher's request, transaction or async context.
 *
 * @publicApi
 */
export interface EventEnvelope {
  /** Unique id: a UUID version 7, unless the publisher gave one. */
  readonly id: string;
  /** Dotted name such as `client.created`. */
  readonly type: string;
  readonly tenantId: string;
  /** The payload: JSON text of an object, at most `events.maxPayloadBytes`, that PostgreSQL can store as `jsonb`. */
  readonly payload: string;
  /** When it happened, ISO 8601 in UTC. */
  readonly occurredAt: string;
  /** Who caused it in the host, if known. */
  readonly actor: EventActor | null;
  readonly cause: EventCause;
  /**
   * The span in which it was published. For a queued event, its `publish` span. Left out if the event isn't traced.
   */
  readonly trace?: EventTrace | undefined;
}

/** The arguments of a script's `events.publish`. @publicApi */
export interface PublishedEvent {
  type: string;
  payload: JsonValue;
}

/**
 * The event that a record with an id of its own belongs to, such as an execution or a dead letter.
 *
 * @publicApi
 */
export interface EventReference {
  tenantId: string;
  eventId: string;
  eventType: string;
}

/** The event fields that every row stores. */
export interface RecordedEvent extends EventReference {
  /** When the event happened, ISO 8601 in UTC. */
  occurredAt: string;
  /** Who caused the event, if known. */
  actorId: string | null;
}

/** The event fields that a row stores if the event may run again. */
export interface KeptEvent extends RecordedEvent {
  /** JSON text of the payload. */
  payload: string;
  cause: EventCause;
  /** Its `publish` span, if it is traced. */
  trace?: EventTrace | null | undefined;
}

/** The actor with this id, or null without an id. */
export const actorOf = (id: string | null | undefined): EventActor | null =>
  typeof id === 'string' ? { id } : null;

/** The fields of this event for a row. */
export const recordedEvent = ({ tenantId, id, type, occurredAt, actor }: EventEnvelope): RecordedEvent => ({
  tenantId,
  eventId: id,
  eventType: type,
  occurredAt,
  actorId: actor?.id ?? null,
});

/** The fields of this event for a row, if the event may run again. */
export const keptEvent = (event: EventEnvelope): KeptEvent => ({
  tenantId: event.tenantId,
  eventId: event.id,
  eventType: event.type,
  occurredAt: event.occurredAt,
  actorId: event.actor?.id ?? null,
  payload: event.payload,
  cause: event.cause,
  trace: event.trace ?? null,
});

/** The event that a row stores. */
export const eventOf = ({
  tenantId,
  eventId,
  eventType,
  payload,
  occurredAt,
  actorId,
  cause,
  trace,
}: KeptEvent): EventEnvelope => ({
  id: eventId,
  type: eventType,
  tenantId,
  payload,
  occurredAt,
  actor: actorOf(actorId),
  cause,
  ...(trace && { trace }),
});
