import { ScriptsEventError } from './errors.js';

/**
 * Throw it from a binding to choose what the script sees: `error.name` is `BindingError`, `error.code` is `code`, and
 * the message is shown as it is, up to 2,048 characters. Of any other error the script reads "failed", unless it is a
 * {@link ScriptsEventError}: so no connection string or path of the host leaks into a tenant's log.
 *
 * ```ts
 * throw new BindingCallError('over-quota', 'You have used the 1,000 look-ups of this month.');
 * ```
 *
 * @publicApi
 */
export class BindingCallError extends ScriptsEventError {
  constructor(
    /** What a script can tell errors apart by, for example `over-quota`. */
    readonly code: string,
    message: string,
    options: { retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, { ...options, wording: 'given' });
  }
}
