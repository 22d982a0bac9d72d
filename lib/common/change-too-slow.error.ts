import { ScriptsEventError } from './errors.js';
import { formatDuration } from './duration-text.js';

/**
 * A change of many rows took too long in the database and was undone: no row has changed. Lower the limit, or try
 * again later.
 *
 * @publicApi
 */
export class ChangeTooSlowError extends ScriptsEventError {
  readonly code = 'change-too-slow';
  override readonly category = 'unavailable';

  constructor(timeoutMs: number, cause?: unknown) {
    super(
      `The change took longer than ${formatDuration(timeoutMs)} in the database and was undone, so nothing has changed. Set a lower limit, or try again later.`,
      { retryable: true, cause },
    );
  }
}
