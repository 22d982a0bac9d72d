import { ScriptsEventError } from '../common/errors.js';
import type { FilterIssue } from './filter.types.js';

const LISTED_IN_MESSAGE = 10;

/**
 * A filter is refused. Carries every problem at once, so that its author corrects it in one go.
 *
 * @publicApi
 */
export class FilterError extends ScriptsEventError {
  readonly code = 'invalid-filter';
  /** The problems in the order in which they stand in the filter, at most 200. Never empty. */
  readonly issues: readonly FilterIssue[];

  constructor(issues: readonly FilterIssue[]) {
    super(messageFor(issues));
    this.issues = issues;
  }
}

function messageFor(issues: readonly FilterIssue[]): string {
  const listed = issues.slice(0, LISTED_IN_MESSAGE).map((issue) => `${issue.path}: ${issue.message}`);
  const rest = issues.length - listed.length;
  if (rest > 0) listed.push(`… and ${rest} more.`);
  const count = issues.length === 1 ? 'a problem' : `${issues.length} problems`;
  return `The filter has ${count}. ${listed.join(' ')}`;
}
