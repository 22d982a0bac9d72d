import { NESTED_LISTS } from './filter.limits.js';
import { elementOf } from './json-form.js';
import type { MatchRun } from './match-run.js';
import { Many, NestedTooDeep } from './reach.js';

/** A test of one value in its JSON form. */
export type ValueTest = (value: unknown, run: MatchRun) => boolean;

/** True if the test holds for one of the values that a path reached. */
export function someValue(reached: unknown, test: ValueTest, run: MatchRun): boolean {
  if (!(reached instanceof Many)) return test(reached, run);
  for (const value of reached.values) {
    run.spend(1);
    if (test(value, run)) return true;
  }
  return false;
}

/** True if the test holds for the value itself or, in a list, for an element at any depth. */
export function someCandidate(value: unknown, test: ValueTest, run: MatchRun, depth = 1): boolean {
  if (test(value, run)) return true;
  if (!Array.isArray(value)) return false;
  if (depth > NESTED_LISTS) throw new NestedTooDeep();
  for (let index = 0; index < value.length; index += 1) {
    run.spend(1);
    if (someCandidate(elementOf(value, index), test, run, depth + 1)) return true;
  }
  return false;
}

/** True if the test holds for an element, at any depth, that is not a list itself. */
export function someInnermost(list: readonly unknown[], test: ValueTest, run: MatchRun, depth = 1): boolean {
  if (depth > NESTED_LISTS) throw new NestedTooDeep();
  for (let index = 0; index < list.length; index += 1) {
    run.spend(1);
    const element = elementOf(list, index);
    if (Array.isArray(element) ? someInnermost(element, test, run, depth + 1) : test(element, run))
      return true;
  }
  return false;
}
