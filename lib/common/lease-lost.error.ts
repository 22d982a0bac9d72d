import { ScriptsEventError } from './errors.js';

/**
 * This process can no longer be sure that what it runs is its own: it stood still, or lost touch with the database, for
 * longer than its lease. It is run again.
 */
export class LeaseLostError extends ScriptsEventError {
  readonly code = 'lease-lost';
  override readonly category = 'unavailable';

  constructor() {
    super('This process lost its lease on the run; the event runs again.', { retryable: true });
  }
}
