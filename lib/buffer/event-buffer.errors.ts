import { ScriptsEventError } from '../common/errors.js';

/** Something was published while the application stops. */
export class EventBufferClosedError extends ScriptsEventError {
  readonly code = 'event-buffer-closed';
  override readonly category = 'unavailable';

  constructor() {
    super(
      'The application is stopping and takes no events in any more; roll the transaction back and let another node do the work.',
      { retryable: true },
    );
  }
}
