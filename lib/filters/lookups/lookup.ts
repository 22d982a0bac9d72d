import { NESTED_LISTS } from '../filter.limits.js';
import type { FieldPath } from '../field-path.js';
import { elementOf } from '../json-form.js';
import type { MatchRun } from '../match-run.js';
import { Many, NestedTooDeep } from '../reach.js';
import type { LeadKey } from './lead.js';

/**
 * Told what a lookup leads to; the same may be told more than once.
 *
 * @param isExact whether what is looked up by holds of the data; otherwise that is to be asked
 */
export type Visit<Posting> = (posting: Posting, isExact: boolean) => void;

/**
 * Goes from the values at one path to what stands under them.
 *
 * @typeParam Posting what stands under one key
 */
export abstract class Lookup<Posting> {
  constructor(
    readonly id: string,
    readonly path: FieldPath,
  ) {}

  /** How many keys have something under them. */
  abstract get size(): number;
  /** What stands under a key. Whoever asks may go on to put a filter into it. */
  abstract get(key: LeadKey): Posting | undefined;
  /** Puts something under a key, in place of what stands there. */
  abstract set(key: LeadKey, posting: Posting): void;
  /** Takes out what stands under a key, if anything does. */
  abstract delete(key: LeadKey): void;

  /**
   * Visits what stands under the values that a path has reached, and perhaps more.
   *
   * @throws StepsUsedUp
   */
  visit(reached: unknown, run: MatchRun, visit: Visit<Posting>): void {
    // Nearly every value is plain and needs no handling of lists.
    if (typeof reached !== 'object' || reached === null) return this.visitValue(reached, run, visit);
    // Conditions on one field have to hold for the same element, which is for the filter to see.
    const visitOne: Visit<Posting> = (posting) => visit(posting, false);
    eachCandidate(reached, run, (value) => this.visitValue(value, run, visitOne));
  }

  /** Visits what stands under one value, exactly where it is certain that a condition on it holds. */
  protected abstract visitValue(value: unknown, run: MatchRun, visit: Visit<Posting>): void;
}

/**
 * Tells each value that a path has reached and each element of its lists at any depth: all that conditions look at.
 *
 * @throws StepsUsedUp, and what conditions throw where they come to the same place
 */
export function eachCandidate(reached: unknown, run: MatchRun, tell: (value: unknown) => void): void {
  if (typeof reached !== 'object' || reached === null) tell(reached);
  else if (reached instanceof Many) {
    for (const value of reached.values) {
      run.spend(1);
      eachElement(value, run, tell, 0);
    }
  } else eachElement(reached, run, tell, 0);
}

function eachElement(value: unknown, run: MatchRun, tell: (value: unknown) => void, depth: number): void {
  if (!Array.isArray(value)) {
    if (typeof value !== 'object' || value === null) tell(value);
    return;
  }
  if (depth >= NESTED_LISTS) throw new NestedTooDeep();
  for (let index = 0; index < value.length; index += 1) {
    run.spend(1);
    eachElement(elementOf(value, index), run, tell, depth + 1);
  }
}
