import { ScriptsEventError } from './errors.js';

/**
 * This process can no longer be sure that it owns what it runs: it stood still, or lost contact with the database, for
 * longer than its lease. The run is repeated.
 */
export class LeaseLostError extends ScriptsEventError {
  readonly code = 'lease-lost';
  override readonly category = 'unavailable';

  constructor() {
    super('This process lost its lease on the run; the event runs again.', { retryable: true });
  }
}
