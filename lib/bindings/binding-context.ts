import type { RunLease } from '../common/run-lease.js';

/**
 * For whom a binding is called: the second argument of its method. Frozen. It comes from the host's own process, never
 * from the script, so `tenantId` can be trusted; what the script passes as input cannot.
 *
 * @publicApi
 */
export interface BindingContext {
  readonly tenantId: string;
  readonly scriptId: string;
  readonly scriptName: string;
  readonly scriptVersion: number;
  readonly executionId: string;
  /** 1 for the first run, one more for each retry or replay. */
  readonly attempt: number;
  /** The same on every attempt at this event by this script: pass it on to what must not happen twice. */
  readonly idempotencyKey: string;
  readonly event: { readonly id: string; readonly type: string };
  /** Who caused the event, when that is known. It tells, it does not authorise. */
  readonly actorId: string | null;
  /**
   * Grows with each process that takes up this event for this script, or an event of the same ordering key; the same for
   * all calls of a run. A row that keeps the greatest token that has changed it, and refuses a smaller one, is safe from a
   * process that was stopped in the middle of a call and does not know that others went on. Null where nobody else could
   * have taken the run over: events of the memory buffer, and runs by hand.
   */
  readonly fencingToken: number | null;
  /** Aborts when the call took too long or the run is over: hand it to whatever can be cancelled. */
  readonly signal: AbortSignal;
}

/** One execution as bindings see it, before there is a call. */
export interface BindingRun {
  readonly context: Omit<BindingContext, 'signal'>;
  /** Names the script may call; null means none. */
  readonly allowed: readonly string[] | null;
  /** Asked before each call. */
  readonly lease?: RunLease | undefined;
}
