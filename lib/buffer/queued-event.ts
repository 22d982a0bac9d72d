import type { EventEnvelope } from '../common/event-envelope.js';

/**
 * One event for one script, waiting in the event buffer. It is plain data, so that it can be a row of a durable engine;
 * it has no request-scoped object, entity manager or async context of the publisher.
 */
export interface QueuedEvent extends EventEnvelope {
  /** The event's id, the same for all scripts that the event is queued for. */
  readonly id: string;
  readonly scriptId: string;
  /** 1 for the first execution, one more for each retry or replay. */
  readonly attempt: number;
  /** When it entered the buffer, in milliseconds since the epoch. Queue time is measured from here. */
  readonly enqueuedAt: number;
  /**
   * Set if the script has an ordering key: events with the same key run one at a time, in the order in which they were
   * published.
   */
  readonly ordering?: EventOrdering;
  /**
   * Set if the script's filter needs too many steps on the payload: the event is not run, but kept as a dead letter.
   */
  readonly undecided?: true;
  /**
   * The tenant's other scripts whose filters also need too many steps. One queued event stands for all, so that the
   * payload is stored once.
   */
  readonly otherScriptIds?: readonly string[];
}

/** The place of a queued event in an order. Kept by durable buffers only. */
export interface EventOrdering {
  /** The value at the script's ordering key, as text; at most 200 characters. */
  readonly key: string;
  /**
   * What happens when one fails. `block`: the key waits until its dead letter is closed. `skip`: the next event runs.
   */
  readonly onFailure: 'block' | 'skip';
}
