import { ScriptsEventError } from './errors.js';
import { formatDuration } from './duration-text.js';

/** A list, a count or statistics took too long in the database. Ask for less, or try again later. @publicApi */
export class QueryTooSlowError extends ScriptsEventError {
  readonly code = 'query-too-slow';
  override readonly category = 'unavailable';

  constructor(timeoutMs: number, cause?: unknown) {
    super(
      `The database took longer than ${formatDuration(timeoutMs)} for this query. Ask for a shorter time or fewer conditions, or try again later.`,
      { retryable: true, cause },
    );
  }
}
