import { ScriptsEventError } from '../common/errors.js';

/** The node stopped or lost its lease while the script ran. The event goes back to the queue. */
export class RunCancelledError extends ScriptsEventError {
  readonly code = 'run-cancelled';
  override readonly category = 'unavailable';

  constructor() {
    super('The run was cancelled because this node is stopping. The event will be delivered again.', {
      retryable: true,
    });
  }
}
