import type { QueuedEvent } from '../../queued-event.js';
import type { Lane } from '../../shared-limits.js';

/** The engine's name for our kind of job. */
export const TASK = 'scripts-event';

/** A job that carries its queued event. */
export interface EventJob {
  readonly v: 1;
  readonly e: QueuedEvent;
  /** How many deliveries there were before this job was made, if any. */
  readonly d?: number;
  /** Set when the runs-per-minute limits have let it through. */
  readonly r?: true;
}

/** A job that asks for the next turn of an order; the queued event is in the table of ordered ones. */
export interface TurnJob {
  readonly v: 1;
  readonly t: Lane & { readonly key: string };
  readonly r?: true;
}

/**
 * What is stored in the engine. Rows outlive a deployment: fields are added, never changed, and `v` is raised only if
 * an older version of this package must not touch the row.
 */
export type JobEnvelope = EventJob | TurnJob;

export const laneOf = (job: JobEnvelope): Lane => ('e' in job ? job.e : job.t);

export const isEventJob = (job: JobEnvelope): job is EventJob => 'e' in job;
