import type { QueuedEvent } from '../buffer/queued-event.js';

/**
 * Port to a buffer in memory for the events of schedules. Events that they replace in a full buffer are kept as dead
 * letters.
 */
export abstract class ScheduledEventQueue {
  /** Queues the events, and returns those that found no place. */
  abstract queueScheduled(events: readonly QueuedEvent[]): readonly QueuedEvent[];
}
