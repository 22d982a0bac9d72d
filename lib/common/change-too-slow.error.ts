import { ScriptsEventError } from './errors.js';

/**
 * A change of many rows took longer than the database may take for it, and was undone: none of them has changed. Lower the
 * limit, or try again later.
 *
 * @publicApi
 */
export class ChangeTooSlowError extends ScriptsEventError {
  readonly code = 'change-too-slow';
  override readonly category = 'unavailable';

  constructor(timeoutMs: number, cause?: unknown) {
    super(
      `The database took longer than ${timeoutMs} ms for this change and has undone it, so nothing has changed. Set a lower limit, or try again later.`,
      { retryable: true, cause },
    );
  }
}
