import { ScriptsEventError } from './errors.js';

/**
 * The application is stopping and checks no more sources. Nothing was saved; the same call succeeds on another node or
 * after the next start.
 *
 * @publicApi
 */
export class SourceCheckStoppedError extends ScriptsEventError {
  readonly code = 'source-check-stopped';
  override readonly category = 'unavailable';

  constructor() {
    super('The application is stopping and no longer checks sources. Save again after the restart.', {
      retryable: true,
    });
  }
}
