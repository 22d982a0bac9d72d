import { ScriptChangedError } from '../../scripts/script.errors.js';
import type { ScriptCondition } from '../../scripts/script.types.js';
import { Problem } from '../http/problem.js';
import { needIfMatch, tagIn } from './if-match.js';

/** The condition in `If-Match`; without a revision for `*`, or without the header. */
export function conditionOf(ifMatch: string | undefined): ScriptCondition {
  const baseRevision = tagIn(ifMatch);
  return baseRevision === undefined ? {} : { baseRevision };
}

/** The same if the header is required. @throws Problem 428 */
export function neededConditionOf(ifMatch: string | undefined): ScriptCondition {
  needIfMatch(ifMatch, 'script');
  return conditionOf(ifMatch);
}

/** The result of a change. @throws Problem 412 with the current revision if somebody else changed the script first */
export async function unlessChanged<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof ScriptChangedError)) throw error;
    throw new Problem(412, error.code, error.message, { members: { revision: error.currentRevision } });
  }
}
