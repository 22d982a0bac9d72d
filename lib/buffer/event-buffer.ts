import type { RunLease } from '../common/run-lease.js';
import { InvalidEventBufferError } from './event-buffer.errors.js';
import type { QueuedEvent } from './queued-event.js';

/**
 * How a queued event ended: its script ran to completion, or it is kept as a dead letter. `later`: nothing ran, as the
 * database is away; only said to a buffer that puts events back.
 */
export type ProcessingVerdict = 'completed' | 'kept' | 'later';

/**
 * What a worker does with one queued event.
 *
 * `delivery` is 1 the first time. It is higher when an earlier delivery did not end in an answer that could be stored (a
 * node died, the database was away): the script may then have run already.
 * `lease` says whether the worker may still run it: left out where no other process could take it over.
 * Resolving without a value means `completed`.
 */
export type ProcessQueuedEvent = (
  event: QueuedEvent,
  signal: AbortSignal,
  delivery: number,
  lease?: RunLease,
) => Promise<ProcessingVerdict | void>;

/** What became of the queued events handed to {@link EventBuffer.enqueue}. */
export interface EnqueueResult {
  accepted: number;
  /** The ones that found no place, in order. The caller keeps them as dead letters or drops them, by policy. */
  overflowed: readonly QueuedEvent[];
  /**
   * Queued events that were accepted before and gave way to these, as their tenant has most waiting. The caller does the
   * same with them. Left out: none.
   */
  displaced?: readonly QueuedEvent[];
}

/** A buffer's state now. */
export interface EventBufferStats {
  /** Queued events that wait. */
  depth: number;
  /** Most that may wait; `null` when the engine sets no bound. */
  capacity: number | null;
  /** Queued events being processed. */
  busy: number;
  workers: number;
  /** Age of the oldest waiting queued event, 0 when none waits. */
  oldestMs: number;
  /** Of `depth`, the ones that a limit or their order holds back, by reason. Left out when the engine does not know. */
  limited?: Readonly<Record<string, number>>;
}

/**
 * Marks a durable buffer. It stands on the prototype, so that a class answers before it has an instance, and is the same
 * symbol in every copy of this package that an application may have loaded.
 */
export const DURABLE_EVENT_BUFFER = Symbol.for('nestjs-scripts-event.durable-event-buffer');

/**
 * Port between capture and execution: a queue with a worker pool, fair over tenants, with a limit per script.
 *
 * ```
 * created ── start(process) ──► open ── close() ──► closed
 *              workers run       │ enqueue accepted   │ everything enqueued overflows
 *                                └ drain(ms): waits until nothing waits and nothing runs
 * ```
 *
 * One buffer serves one application. {@link InMemoryEventBuffer} is the default; an engine that survives crashes extends
 * `DurableEventBuffer`.
 */
export abstract class EventBuffer {
  /** True when an event that is answered with `later` waits in its place and comes again by itself. Default false. */
  readonly putsBack: boolean = false;

  /**
   * True when events of a script with the same ordering key run one at a time, in the order they were published, and one
   * that failed holds back the next ones as {@link QueuedEvent.ordering} says. While it is false, scripts with an
   * `orderingKey` do not run. Default false.
   */
  readonly keepsOrder: boolean = false;

  /** What a dead letter says of an event that found no place. */
  readonly overflowMessage: string = 'The event buffer of buffer.adapter accepted no more events.';

  /**
   * True when accepted queued events survive a crash of this process: those of a buffer that extends
   * `DurableEventBuffer` do, others do not.
   */
  get durable(): boolean {
    return DURABLE_EVENT_BUFFER in this;
  }

  /** @throws InvalidEventBufferError for what the class does not say */
  set durable(value: never) {
    if (value !== this.durable) throw InvalidEventBufferError.notDurable(this.constructor.name, value);
  }

  /**
   * Begins to process. `process` settles when the queued event is done and never rejects in normal work; a rejection is
   * a fault of the infrastructure (storage away), which a durable engine answers by delivering the event again.
   */
  abstract start(process: ProcessQueuedEvent): Promise<void>;

  /** Takes queued events in without blocking and without throwing. */
  abstract enqueue(events: readonly QueuedEvent[]): EnqueueResult;

  /**
   * Takes nothing in any more; what is enqueued from now on overflows. Queued work goes on, except that a durable buffer
   * begins nothing new: its rows wait for another node or for the next start.
   */
  abstract close(): void;

  /**
   * Waits until nothing waits and nothing runs; after {@link close}, a durable buffer waits only for what this process
   * has begun. False when `timeoutMs` passed first.
   */
  abstract drain(timeoutMs: number): Promise<boolean>;

  /**
   * Ends the work: running ones see their signal abort and are waited for up to `graceMs`. Returns what only this
   * process still has, for the caller to keep: from memory all that waits, from a durable engine nothing but what it
   * could not store because the database is away.
   */
  abstract stop(graceMs: number): Promise<readonly QueuedEvent[]>;

  abstract stats(): EventBufferStats;
}
