import { valueInWords } from '../common/printable.js';
import { ScriptsEventError } from '../common/errors.js';
import type { DeadLetterStatus } from '../entities/index.js';

/**
 * The tenant has no such dead letter. The error is the same for another tenant's dead letter, so that ids can't be
 * probed. @publicApi
 */
export class DeadLetterNotFoundError extends ScriptsEventError {
  readonly code = 'dead-letter-not-found';
  override readonly category = 'not-found';

  constructor(readonly deadLetterId: string) {
    super(
      `Dead letter ${valueInWords(deadLetterId)} not found for this tenant. Check the id and the tenant.`,
    );
  }
}

/** The dead letter's status doesn't allow this. @publicApi */
export class DeadLetterStateError extends ScriptsEventError {
  readonly code = 'dead-letter-state';
  override readonly category = 'conflict';

  constructor(
    readonly deadLetterId: string,
    /** Its status at the time of the check. */
    readonly status: DeadLetterStatus,
    act: 'replayed' | 'discarded',
    advice: string,
  ) {
    super(`Dead letter ${deadLetterId} is ${status} and cannot be ${act}: ${advice}.`, {
      retryable: status === 'retrying',
    });
  }
}
