import { valueInWords } from '../common/printable.js';
import { ScriptsEventError } from '../common/errors.js';

/**
 * The tenant has no such execution. The error is the same for another tenant's execution, so that ids can't be probed.
 */
export class ExecutionNotFoundError extends ScriptsEventError {
  readonly code = 'execution-not-found';
  override readonly category = 'not-found';

  constructor(id: string) {
    super(`Execution ${valueInWords(id)} not found for this tenant. Retention may have deleted it.`);
  }
}
