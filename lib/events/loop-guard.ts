import type { EventCause } from '../common/event-cause.js';
import type { EventEnvelope } from '../common/event-envelope.js';

/**
 * Keeps scripts that answer each other from running forever. Pure: everything it needs travels with the event.
 *
 * The budget is split, not counted, so that nodes share no counter. An event of the host begins with
 * `maxExecutionsPerRoot`. It is dealt out over the scripts that will run, each share pays for one execution, and what
 * is left of the share is dealt out over the events that execution publishes:
 *
 * ```
 * 1000 ── 2 scripts ─► 500 ── 1 runs, publishes 3 ─► 167 + 166 + 166 ── each over its own scripts ─► …
 *                      500 ── 1 runs, publishes 0      (its 499 are given up)
 * ```
 *
 * Shares add up to no more than what was dealt and each execution takes one, so one event of the host leads to at most
 * `maxExecutionsPerRoot` executions. A retry takes nothing: what failed has published nothing.
 */
export type LoopVerdict = 'depth' | 'cycle' | 'budget';

/** The options that the loop guard uses. */
export interface LoopLimits {
  maxDepth: number;
  onCycle: 'stop' | 'allow';
}

/** The cause of an event of the host. */
export const rootCause = (eventId: string, maxExecutionsPerRoot: number): EventCause => ({
  rootEventId: eventId,
  depth: 0,
  budget: maxExecutionsPerRoot,
  chain: [],
});

/** The cause of a past event that is only inspected: nothing may follow from it. */
export const spentCause = (eventId: string, depth: number): EventCause => ({
  ...rootCause(eventId, 0),
  depth,
});

/**
 * The causes of one event's queued events, one for each of the `count` scripts that will run: the same chain, with the
 * budget split between them. Pass each to {@link checkLoop}.
 */
export const queuedCauses = (cause: EventCause, count: number): EventCause[] =>
  dealOut(cause.budget, count).map((budget) => ({
    rootEventId: cause.rootEventId,
    depth: cause.depth,
    budget,
    chain: cause.chain,
  }));

/**
 * Why a script may not run for a queued event, or null if it may. `depth`: too many executions led to the event.
 * `cycle`: the script is already in the chain. `budget`: its share is used up.
 */
export function checkLoop(cause: EventCause, scriptId: string, limits: LoopLimits): LoopVerdict | null {
  if (cause.depth > limits.maxDepth) return 'depth';
  if (limits.onCycle === 'stop' && cause.chain.some((link) => link.scriptId === scriptId)) return 'cycle';
  // Not `< 1`: a budget that is not a number, from an edited row, must stop the script too.
  return cause.budget >= 1 ? null : 'budget';
}

/** The execution that publishes events. */
export interface PublishingExecution {
  /** The event it ran for. */
  event: Pick<EventEnvelope, 'id' | 'cause'>;
  scriptId: string;
  executionId: string;
}

/**
 * The causes of the `count` events that one execution publishes: one step deeper, with the rest of its share split
 * between them.
 */
export function childCauses(
  { event: { id: eventId, cause }, scriptId, executionId }: PublishingExecution,
  count: number,
): EventCause[] {
  return dealOut(cause.budget - 1, count).map((budget) => ({
    rootEventId: cause.rootEventId,
    depth: cause.depth + 1,
    budget,
    chain: [...cause.chain, { eventId, scriptId, executionId }],
  }));
}

/** Splits a whole number as evenly as possible; the first parts get the remainder. @internal for tests */
export function dealOut(total: number, parts: number): number[] {
  const whole = Math.max(0, Math.floor(total)) || 0;
  const share = Math.floor(whole / parts);
  const dealt: number[] = [];
  for (let index = 0; index < parts; index++) dealt.push(share + (index < whole % parts ? 1 : 0));
  return dealt;
}
