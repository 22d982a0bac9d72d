import type { SpanReference } from '../../common/event-trace.js';
import type { RunLease } from '../../common/run-lease.js';
import type { ClaimedDeadLetter } from '../dead-letter.types.js';

/** How a retry ended. */
export type RetryResult =
  | ({ status: 'completed'; executionId: string; durationMs?: number } & Partial<SpanReference>)
  | ({
      status: 'failed';
      executionId: string;
      error: {
        kind: string;
        message: string;
        line?: number | undefined;
        retryable?: boolean;
        retryAfterMs?: number;
      };
      durationMs: number;
    } & Partial<SpanReference>)
  /** Nothing ran: the event was undecided, and the script's filter doesn't match now. */
  | { status: 'filtered' }
  /** Nothing ran: the script is paused or deleted, or a limit holds it back. The attempt doesn't count. */
  | { status: 'not-run'; reason: string };

/**
 * Port: runs a dead letter again for the retry worker. A failure of the script is a result; an exception means that the
 * infrastructure failed, and the attempt doesn't count.
 */
export abstract class DeadLetterExecutor {
  /**
   * @param signal aborts if the worker stops or has lost the dead letter; the run must end as `cancelled`
   * @param lease the worker's claim, to be checked before each action that can't be undone
   */
  abstract execute(entry: ClaimedDeadLetter, signal: AbortSignal, lease: RunLease): Promise<RetryResult>;
}
