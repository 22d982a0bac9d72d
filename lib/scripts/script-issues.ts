import { fieldIssue } from '../common/invalid-query.error.js';
import { fieldsProblem } from '../options/strict-fields.js';
import { unknownNames } from '../options/unknown-names.js';
import { type ScriptIssue, ScriptSourceError, ScriptValidationError } from './script.errors.js';

/** Collects the problems of one call. A tenant's text in them is printable. */
export class ScriptIssues {
  readonly found: ScriptIssue[] = [];

  add(path: string, code: string, message: string, line?: number): undefined {
    const issue = fieldIssue(path, code, message);
    this.found.push(line === undefined ? issue : { ...issue, line });
    return undefined;
  }
}

/** Reports unknown names, because a mistyped field would silently have no effect. */
export function refuseUnknownNames(
  given: object,
  known: readonly string[],
  prefix: string,
  word: string,
  issues: ScriptIssues,
): void {
  const unknown = unknownNames(given, known);
  for (const { shown, near } of unknown.listed) {
    const advice = near === undefined ? `. Allowed: ${known.join(', ')}.` : `. Did you mean "${near}"?`;
    issues.add(`${prefix}${shown}`, 'unknown', `Unknown ${word}${advice}`);
  }
  if (unknown.more > 0)
    issues.add(
      prefix === '' ? 'script' : prefix.slice(0, -1),
      'unknown',
      `… and ${unknown.more} more unknown names.`,
    );
}

/**
 * Reports a problem if the fields of an argument can't be read.
 *
 * @param within what the path of one of its fields begins with, such as `event.`; left out for an argument of a method
 */
export function addFieldsProblem(
  path: string,
  given: unknown,
  known: readonly string[],
  issues: ScriptIssues,
  within = '',
): void {
  const what = `the ${path}`;
  const problem = fieldsProblem(what, given, known);
  if (!problem) return;
  const whole = problem.field === what;
  issues.add(whole ? path : `${within}${problem.field}`, whole ? 'type' : 'unknown', `${problem.message}.`);
}

/**
 * Throws if there is a problem.
 *
 * @throws {ScriptValidationError}, or {@link ScriptSourceError} if only the source is wrong
 */
export function refuseIssues({ found }: ScriptIssues): void {
  const [first] = found;
  if (!first) return;
  throw found.length === 1 && first.path === 'source'
    ? new ScriptSourceError(first)
    : new ScriptValidationError(found);
}
