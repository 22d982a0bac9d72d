import type { QueuedEvent } from '../buffer/queued-event.js';

/**
 * Port to the memory buffer for the events of schedules. Events that they replace in a full buffer become dead
 * letters.
 */
export abstract class ScheduledEventQueue {
  /** Queues the events. Returns those for which there was no room. */
  abstract queueScheduled(events: readonly QueuedEvent[]): readonly QueuedEvent[];
}
