import type { QueuedEvent } from '../buffer/queued-event.js';

/** Port: takes events of schedules into a buffer in memory. What has to give way to them is kept as any other event. */
export abstract class ScheduledEventQueue {
  /** Returns those that found no place. */
  abstract queueScheduled(events: readonly QueuedEvent[]): readonly QueuedEvent[];
}
