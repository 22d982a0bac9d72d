import type { RunLease } from '../../common/run-lease.js';
import type { ClaimedDeadLetter } from '../dead-letter.types.js';

/** How a retry ended. */
export type RetryResult =
  | { status: 'completed'; executionId: string; durationMs?: number }
  | {
      status: 'failed';
      executionId: string;
      error: { kind: string; message: string; retryable?: boolean; retryAfterMs?: number };
      durationMs: number;
    }
  /** Nothing ran, as the event was undecided and the script's filter says no now. */
  | { status: 'filtered' }
  /** Nothing ran: the script is paused or gone meanwhile, or a limit holds it back. The attempt does not count. */
  | { status: 'not-run'; reason: string };

/**
 * Port through which the retry worker runs a dead letter again. A failure of the script is a result; an exception means
 * that the infrastructure failed, and the attempt does not count.
 */
export abstract class DeadLetterExecutor {
  /**
   * @param signal aborts when the worker stops or has lost the entry: end the run as `cancelled`
   * @param lease the worker's claim of the entry, to be asked before each act that cannot be taken back
   */
  abstract execute(entry: ClaimedDeadLetter, signal: AbortSignal, lease: RunLease): Promise<RetryResult>;
}
