import type { ProcessingVerdict } from '../buffer/event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { RunLease } from '../common/run-lease.js';

/**
 * Port: what a worker does with a queued event. It runs the script, and keeps the event as a dead letter if the run
 * doesn't complete.
 */
export abstract class QueuedEventProcessor {
  /** What happens to the events that are still waiting at a stop, for the log. */
  abstract readonly restAtStop: string;

  /**
   * Resolves when events may be processed.
   *
   * @param bootstrapped resolves to true once the whole application has bootstrapped, to false if it stops before
   * @throws RunCancelledError for an event that waits for the next start
   */
  abstract ready(bootstrapped: Promise<boolean>): Promise<void>;

  /**
   * @param ended called when the script has run; its result is not stored yet
   * @throws only with a durable buffer, if storage is unavailable or the node stops; the event is delivered again
   */
  abstract process(
    event: QueuedEvent,
    signal: AbortSignal,
    delivery: number,
    lease?: RunLease,
    ended?: () => void,
  ): Promise<ProcessingVerdict>;
}
