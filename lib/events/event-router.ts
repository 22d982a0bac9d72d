import type { Statements } from '../entities/primary-database.js';
import type { EventEnvelope } from '../common/event-envelope.js';

/** What happened to an event that was handed to the router. */
export interface RouteResult {
  /** Active and disabled scripts of the tenant that listen to the type. */
  scripts: number;
  /** How many of them were skipped by their filter. */
  filtered: number;
  /** Queued events that the buffer accepted. */
  queued: number;
  /** Queued events that became dead letters immediately: buffer full, loop guard, or stopping. */
  kept: number;
  /** Queued events dropped by the `drop` overflow policy; counted and logged. */
  dropped: number;
  /** True if the filters take many steps and are evaluated later. The other counts are then complete later, too. */
  deferred: boolean;
}

/** Events of an execution whose filters have been evaluated, and which are not queued yet. */
export interface PreparedEvents {
  /** Queues them in the transaction that stores their execution. Without a durable buffer it does nothing. */
  store(statements: Statements): Promise<void>;
  /** Call it after the commit: queues the events without a durable buffer, and returns the results. Never rejects. */
  route(): Promise<RouteResult[]>;
}

/** Port: routes every event, whether it comes from the emitter, from `publish()` or from a script. */
export abstract class EventRouter {
  /** Routes one event. Never blocks and never throws: problems are counted and logged. */
  abstract route(event: EventEnvelope): RouteResult;

  /**
   * Routes the events that an execution published, in order. Filters are evaluated in turns with those of other
   * tenants' events; when the call resolves, the results are complete. With a durable buffer, a crash can neither lose
   * nor duplicate these events: they are all queued in one transaction, and an event whose id the tenant has used
   * before is left out.
   *
   * Rejects only with a durable buffer, if storage is unavailable. Nothing is queued then.
   */
  abstract routePublished(events: readonly EventEnvelope[]): Promise<RouteResult[]>;

  /**
   * {@link routePublished} in two steps, for an execution that is stored in one transaction with the events that it
   * published.
   */
  abstract preparePublished(events: readonly EventEnvelope[]): Promise<PreparedEvents>;
}
