import { ScriptChangedError } from '../../scripts/script.errors.js';
import type { ScriptCondition } from '../../scripts/script.types.js';
import { Problem } from '../http/problem.js';

/** The revision in `If-Match`: none for `*`, or without the header. */
export function conditionOf(ifMatch: string | undefined): ScriptCondition {
  if (ifMatch === undefined || ifMatch.trim() === '*') return {};
  const [, baseRevision] = /^\s*(?:W\/)?"(\d{1,19})"\s*$/.exec(ifMatch) ?? [];
  // An ETag that we did not issue matches nothing.
  return { baseRevision: baseRevision ?? 'none' };
}

/** The same if the header is required. @throws Problem 428 */
export function neededConditionOf(ifMatch: string | undefined): ScriptCondition {
  if (ifMatch === undefined)
    throw new Problem(428, 'if-match-needed', 'Send If-Match with the ETag of the script that was edited.');
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
