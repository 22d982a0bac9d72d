import { valueInWords } from '../common/printable.js';
import { ScriptsEventError } from '../common/errors.js';
import type { DeadLetterStatus } from '../entities/index.js';

/** No such dead letter in the tenant. Says the same for another tenant's, so that ids cannot be probed. @publicApi */
export class DeadLetterNotFoundError extends ScriptsEventError {
  readonly code = 'dead-letter-not-found';
  override readonly category = 'not-found';

  constructor(readonly deadLetterId: string) {
    super(
      `Dead letter ${valueInWords(deadLetterId)} not found for this tenant. Check the id and the tenant.`,
    );
  }
}

/** The dead letter is in a state in which this cannot be done. @publicApi */
export class DeadLetterStateError extends ScriptsEventError {
  readonly code = 'dead-letter-state';
  override readonly category = 'conflict';

  constructor(
    readonly deadLetterId: string,
    /** Its status when it was looked at. */
    readonly status: DeadLetterStatus,
    act: 'replayed' | 'discarded',
    advice: string,
  ) {
    super(`Dead letter ${deadLetterId} is ${status} and cannot be ${act}: ${advice}.`, {
      retryable: status === 'retrying',
    });
  }
}
