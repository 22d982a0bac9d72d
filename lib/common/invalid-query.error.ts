import { ScriptsEventError } from './errors.js';

/**
 * An argument of a service is invalid: a condition of a list, a page, an option, or a tenant's id. Nothing was read or
 * changed.
 *
 * @publicApi
 */
export class InvalidQueryError extends ScriptsEventError {
  readonly code = 'invalid-query';
  override readonly category = 'invalid';

  constructor(
    /** The invalid field, for example `status` or `by`. */
    readonly field: string,
    problem: string,
  ) {
    super(`${problem}.`);
  }
}
