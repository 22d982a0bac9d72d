import type { EventEnvelope } from '../common/event-envelope.js';

/**
 * One event for one script, waiting in the event buffer. Plain data only, so that it can be a row of a durable engine:
 * no request-scoped object, entity manager or async context of the publisher.
 */
export interface QueuedEvent extends EventEnvelope {
  /** The event's id: queued events of one event for several scripts have the same. */
  readonly id: string;
  readonly scriptId: string;
  /** 1 for the first execution, one more for each retry or replay. */
  readonly attempt: number;
  /** When it entered the buffer, milliseconds since the epoch: queue time is counted from here. */
  readonly enqueuedAt: number;
  /** Set when the script asks for order: events with the same key run one at a time, in the order they were published. */
  readonly ordering?: EventOrdering;
  /** Set when the script's filter took too many steps on the payload: it is not run, but kept as a dead letter. */
  readonly undecided?: true;
  /** Further scripts of the tenant whose filters did: one queued event stands for all, since each would hold the payload. */
  readonly otherScriptIds?: readonly string[];
}

/** The place of a queued event in an order. Kept by durable buffers only. */
export interface EventOrdering {
  /** The value at the script's ordering key, as text; at most 200 characters. */
  readonly key: string;
  /** When one fails: `block` the key until its dead letter is closed, or `skip` to the next one. */
  readonly onFailure: 'block' | 'skip';
}
