import { ScriptsEventError } from './errors.js';
import { printable } from './printable.js';

/** How many characters of a path an issue has. Paths made here are far shorter. */
const LONGEST_PATH = 200;

/** One problem of an argument, in the form that all errors about fields have. @publicApi */
export interface FieldIssue {
  /** The field, for example `hosts[0]`. */
  path: string;
  /** What kind of problem it is, for programs. */
  code: string;
  /** What is wrong and what to write instead. */
  message: string;
}

/** The issue of a field. A path and a message that repeat a tenant's text are printable. */
export const fieldIssue = (path: string, code: string, message: string): FieldIssue => ({
  path: printable(path, LONGEST_PATH),
  code,
  message: printable(message),
});

/**
 * An argument of a service is invalid: a condition of a list, a page, an option, or a tenant's id. Nothing was read or
 * changed.
 *
 * @publicApi
 */
export class InvalidQueryError extends ScriptsEventError {
  readonly code = 'invalid-query';
  override readonly category = 'invalid';
  /** The problem with its field, as other errors about fields list theirs. Always one. */
  readonly issues: readonly [FieldIssue];

  constructor(
    /** The invalid field, for example `status` or `by`. */
    readonly field: string,
    problem: string,
  ) {
    super(`${problem}.`);
    this.issues = [fieldIssue(field, 'invalid', this.message)];
  }
}
