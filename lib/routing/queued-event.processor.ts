import type { ProcessingVerdict } from '../buffer/event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { RunLease } from '../common/run-lease.js';

/**
 * Port: what a worker does with a queued event. It is executed, and kept as a dead letter when that does not complete.
 */
export abstract class QueuedEventProcessor {
  /** What becomes of the events that a stop finds waiting, for the log. */
  abstract readonly restAtStop: string;

  /**
   * Resolves when events may be processed.
   *
   * @param bootstrapped true once the whole application is, false when it stops before
   * @throws RunCancelledError for an event that waits for the next start
   */
  abstract ready(bootstrapped: Promise<boolean>): Promise<void>;

  /** @throws only with a durable buffer, when storage is away or the node stops: the event is delivered again */
  abstract process(
    event: QueuedEvent,
    signal: AbortSignal,
    delivery: number,
    lease?: RunLease,
  ): Promise<ProcessingVerdict>;
}
