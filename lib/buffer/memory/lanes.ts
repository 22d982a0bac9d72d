import { Fifo } from '../../common/fifo.js';
import { Heaviest } from '../../common/heaviest.js';
import type { QueuedEvent } from '../queued-event.js';
import type { RateReason } from './run-rates.js';

/**
 * The ring in which a tenant waits for its turn. `NEW`: none of its events has run since it last ran out of events.
 * `RESTING`: it has nothing running now. `RUNNING`: it has something running. `HEAVY`: its runs computed for long lately.
 */
export const NEW = 0;
export const RESTING = 1;
export const RUNNING = 2;
export const HEAVY = 3;

/** The waiting queued events of one script, and how many of its events are running. */
export class ScriptLane {
  readonly waiting = new Fifo<QueuedEvent>();
  /** How many are waiting. */
  weight = 0;
  running = 0;
  /** True while the lane is in its tenant's ring. */
  listed = false;
  /** Why it waits although there is a place: its runs of this minute, or its tenant's, are used up. */
  rated: RateReason | undefined;
  /** True while it cannot run because the database is unavailable. */
  stranded = false;

  constructor(readonly scriptId: string) {}
}

/** The lanes of one tenant, and those that have something to run now. */
export class TenantLane {
  /** How many are waiting. */
  weight = 0;
  running = 0;
  readonly ready = new Fifo<ScriptLane>();
  readonly scripts = new Map<string, ScriptLane>();
  /** Its scripts by how many events of each are waiting. */
  readonly longest = new Heaviest<ScriptLane>(() => this.scripts.values());
  /** True if one of its events has run since it last ran out of events. */
  served = false;

  constructor(readonly tenantId: string) {}

  get rank(): number {
    if (this.running > 0) return RUNNING;
    return this.served ? RESTING : NEW;
  }
}
