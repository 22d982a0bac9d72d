import type { RunLease } from '../common/run-lease.js';
import type { ScriptSpan } from '../tracing/script-span.js';
import type { BindingSecrets, SecretsInUse } from './binding-secrets.js';

/**
 * Says for which script and event a binding is called: the second argument of its method. Frozen. It comes from the
 * host's own process, never from the script, so you can trust `tenantId`, but not the script's input.
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
  /** The same on every attempt at this event by this script. Pass it to services that must not do the work twice. */
  readonly idempotencyKey: string;
  readonly event: { readonly id: string; readonly type: string };
  /** Who caused the event, if known. Informational; it grants no rights. */
  readonly actorId: string | null;
  /**
   * Grows each time a process takes up this event for this script, or an event with the same ordering key. All calls of
   * a run have the same one. Store with a row the greatest token that has changed it, and refuse smaller ones: then a
   * process that was frozen in the middle of a call can't undo later changes. Null if no other process could have taken
   * over the run: events of the memory buffer, and runs by hand.
   */
  readonly fencingToken: number | null;
  /**
   * Fills in the tenant's secrets, for a binding that is declared with `secrets: true`; for others, text stays as it
   * is.
   */
  readonly secrets: BindingSecrets;
  /** Aborts when the call times out or the run ends: pass it to whatever can be cancelled. */
  readonly signal: AbortSignal;
}

/** The facts about one execution that its binding calls need. */
export interface BindingRun {
  readonly context: Omit<BindingContext, 'signal' | 'secrets'>;
  /** Names that the script may call; null allows none. */
  readonly allowed: readonly string[] | null;
  /** The secrets that the script may use; left out: none. */
  readonly secrets?: SecretsInUse | undefined;
  /** Asked before each call. */
  readonly lease?: RunLease | undefined;
  /** The span of the run; left out: it isn't traced. */
  readonly span?: ScriptSpan | undefined;
}
