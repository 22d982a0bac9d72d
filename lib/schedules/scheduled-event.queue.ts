import type { QueuedEvent } from '../buffer/queued-event.js';

/**
 * Port: queues the events of schedules in the memory buffer. Events that they displace from a full buffer become dead
 * letters.
 */
export abstract class ScheduledEventQueue {
  /** Queues the events. Returns those for which there was no room. */
  abstract queueScheduled(events: readonly QueuedEvent[]): readonly QueuedEvent[];
}
