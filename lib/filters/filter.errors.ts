import { ScriptsEventError } from '../common/errors.js';
import { listed, LONGEST_PLACE, printable } from '../common/printable.js';
import type { FilterIssue } from './filter.types.js';

/**
 * A filter is invalid. The error lists every problem, so that its author can correct all of them at once.
 *
 * @publicApi
 */
export class FilterError extends ScriptsEventError {
  readonly code = 'invalid-filter';
  override readonly category = 'invalid';
  /** The problems in the order in which they stand in the filter, at most 200. Never empty. */
  readonly issues: readonly FilterIssue[];

  /** @param issues one or more */
  constructor(issues: readonly FilterIssue[]) {
    super(messageFor(issues));
    this.issues = issues;
  }
}

function messageFor(issues: readonly FilterIssue[]): string {
  const count = issues.length === 1 ? 'a problem' : `${issues.length} problems`;
  const sentences = issues.map(({ path, message }) => `${printable(path, LONGEST_PLACE)}: ${message}`);
  return `The filter has ${count}. ${listed(sentences)}`;
}
