import { ScriptsEventError } from '../common/errors.js';

/** The node stops, or has lost its lease, while the script ran: the event goes back to the queue. */
export class RunCancelledError extends ScriptsEventError {
  readonly code = 'run-cancelled';
  override readonly category = 'unavailable';

  constructor() {
    super('The run was cancelled because this node is stopping. The event will be delivered again.', {
      retryable: true,
    });
  }
}
