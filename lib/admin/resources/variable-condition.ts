import { MAX_INTEGER } from '../../common/sql.js';
import { VariableChangedError } from '../../variables/variable.errors.js';
import type { VariableCondition } from '../../variables/variable.types.js';
import { Problem } from '../http/problem.js';
import { tagIn } from './if-match.js';

/** The condition in `If-Match`; without a version for `*`, or without the header. */
export function variableConditionOf(ifMatch: string | undefined): VariableCondition {
  const tag = tagIn(ifMatch);
  if (tag === undefined) return {};
  const version = Number(tag);
  // No existing variable has version 0, so an ETag that the API has not sent matches nothing.
  return { baseVersion: version <= MAX_INTEGER ? version : 0 };
}

/** The result of a change. @throws Problem 412 with the current version if somebody else changed the variable first */
export async function unlessVariableChanged<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof VariableChangedError)) throw error;
    const { code, message, variableName: name, currentVersion: version } = error;
    throw new Problem(412, code, message, { members: { name, version } });
  }
}
