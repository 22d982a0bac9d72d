import { ScriptsEventError } from './errors.js';

/**
 * A service was asked with a value that is not valid: a condition of a list, a page, an option, a tenant's id.
 * Nothing was read or changed.
 *
 * @publicApi
 */
export class InvalidQueryError extends ScriptsEventError {
  readonly code = 'invalid-query';
  override readonly category = 'invalid';

  constructor(
    /** The field that is wrong, for example `status` or `by`. */
    readonly field: string,
    problem: string,
  ) {
    super(`${problem}.`);
  }
}
