import { ScriptsEventError } from './errors.js';

/** How many characters of a failed call's message a script sees. */
export const LONGEST_CALL_MESSAGE = 2_048;

/**
 * Throw this error from a binding to choose what the script sees: `error.name` is `BindingError`, `error.code` is
 * `code`, and the message is shown unchanged, up to 2,048 characters. For any error that is not a
 * {@link ScriptsEventError} the script sees only "failed", so that no connection string or path of the host leaks into
 * a tenant's log.
 *
 * ```ts
 * throw new BindingCallError('over-quota', 'You have used the 1,000 look-ups of this month.');
 * ```
 *
 * @publicApi
 */
export class BindingCallError extends ScriptsEventError {
  constructor(
    /** The code by which a script recognises the error, for example `over-quota`. */
    readonly code: string,
    message: string,
    options: { retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, { ...options, wording: 'given' });
  }
}
