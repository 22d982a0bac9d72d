import { ScriptsEventError } from './errors.js';

/** A list, a count or statistics took longer than the database may take for them. Ask for less, or later. @publicApi */
export class QueryTooSlowError extends ScriptsEventError {
  readonly code = 'query-too-slow';
  override readonly category = 'unavailable';

  constructor(timeoutMs: number, cause?: unknown) {
    super(
      `The database took longer than ${timeoutMs} ms for this query. Ask for a shorter time or fewer conditions, or try again later.`,
      { retryable: true, cause },
    );
  }
}
