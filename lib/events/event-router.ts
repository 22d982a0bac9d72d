import type { EventEnvelope } from '../common/event-envelope.js';

/** What became of an event that was handed to the router. */
export interface RouteResult {
  /** Scripts of the tenant that are active and listen to the type. */
  scripts: number;
  /** Of these, the ones whose filter said no. */
  filtered: number;
  /** Queued events that the buffer took. */
  queued: number;
  /** Queued events that became dead letters at once: buffer full, loop guard, shutting down. */
  kept: number;
  /** Queued events dropped by the `drop` overflow policy; counted and logged. */
  dropped: number;
  /** True when the filters take longer and are asked afterwards: the other counts are complete later. */
  deferred: boolean;
}

/** Port through which every event goes on: from the emitter, from `publish()` and from scripts. */
export abstract class EventRouter {
  /** Routes one event. Never blocks, never throws: a problem inside is counted and logged. */
  abstract route(event: EventEnvelope): RouteResult;

  /**
   * Routes the events of an execution, in order: the filters are asked in turns with those of other tenants' events, and
   * the results are complete. With a durable buffer a crash can neither lose nor double them: it resolves when all are
   * queued, in one transaction, and an event whose id the tenant has used before is left out.
   *
   * Rejects only with a durable buffer, when storage is away; nothing is queued then.
   */
  abstract routePublished(events: readonly EventEnvelope[]): Promise<RouteResult[]>;
}
