import { ScriptsEventError } from '../common/errors.js';

/** A look at stored executions took longer than it may. Ask for a shorter time, or later. @publicApi */
export class ActivityTooSlowError extends ScriptsEventError {
  readonly code = 'activity-too-slow';
  override readonly category = 'unavailable';

  constructor(timeoutMs: number, cause?: unknown) {
    super(
      `The database took longer than ${timeoutMs} ms to look at stored executions. Ask for a shorter time.`,
      {
        retryable: true,
        cause,
      },
    );
  }
}
