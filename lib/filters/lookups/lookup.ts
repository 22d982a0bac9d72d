import { NESTED_LISTS } from '../filter.limits.js';
import type { FieldPath } from '../field-path.js';
import { elementOf } from '../json-form.js';
import type { MatchRun } from '../match-run.js';
import { Many, NestedTooDeep } from '../reach.js';
import type { LeadKey } from './lead.js';

/**
 * Receives what a lookup finds, possibly more than once.
 *
 * @param isExact whether the condition certainly holds; if not, the filter has to be checked
 */
export type Visit<Posting> = (posting: Posting, isExact: boolean) => void;

/**
 * Finds the postings for the values at one path.
 *
 * @typeParam Posting what one key leads to
 */
export abstract class Lookup<Posting> {
  constructor(
    readonly id: string,
    readonly path: FieldPath,
  ) {}

  /** How many keys have a posting. */
  abstract get size(): number;
  /** The posting of a key. The caller may add a filter to it. */
  abstract get(key: LeadKey): Posting | undefined;
  /** Sets the posting of a key, in place of the present one. */
  abstract set(key: LeadKey, posting: Posting): void;
  /** Removes the posting of a key, if there is one. */
  abstract delete(key: LeadKey): void;

  /**
   * Visits the postings of the values that a path has reached, and possibly others.
   *
   * @throws StepsUsedUp
   */
  visit(reached: unknown, run: MatchRun, visit: Visit<Posting>): void {
    // Handled first, because nearly every value is plain.
    if (typeof reached !== 'object' || reached === null) return this.visitValue(reached, run, visit);
    // Conditions on one field have to hold for the same element, which only the filter can check.
    const visitOne: Visit<Posting> = (posting) => visit(posting, false);
    eachCandidate(reached, run, (value) => this.visitValue(value, run, visitOne));
  }

  /** Visits the postings of one value, with `isExact` if a condition on it certainly holds. */
  protected abstract visitValue(value: unknown, run: MatchRun, visit: Visit<Posting>): void;
}

/**
 * Calls `tell` with everything that conditions look at: each value that a path has reached, and each element of its
 * lists at any depth.
 *
 * @throws StepsUsedUp, and the error that a condition would throw at the same value
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
