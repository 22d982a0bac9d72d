import type { RunLease } from '../common/run-lease.js';
import { InvalidEventBufferError } from './event-buffer.errors.js';
import type { QueuedEvent } from './queued-event.js';

/**
 * How a queued event ended. `completed`: its script ran to completion. `kept`: it became a dead letter. `later`:
 * nothing ran, because the database is unavailable; only returned to a buffer with `putsBack`.
 */
export type ProcessingVerdict = 'completed' | 'kept' | 'later';

/**
 * What a worker does with one queued event.
 *
 * `delivery` is 1 the first time. It is higher if the result of an earlier delivery could not be stored, because a node
 * died or the database was unavailable; the script may then have run already. `lease` says whether the worker may still
 * run it; it is left out if no other process could take it over. `ended` is called once the script has run: what is
 * left is to store the result, and meanwhile another event may run. It may be left out, and may not be called if
 * nothing ran. Resolving without a value means `completed`.
 */
export type ProcessQueuedEvent = (
  event: QueuedEvent,
  signal: AbortSignal,
  delivery: number,
  lease?: RunLease,
  ended?: () => void,
) => Promise<ProcessingVerdict | void>;

/** What happened to the queued events given to {@link EventBuffer.enqueue}. */
export interface EnqueueResult {
  accepted: number;
  /**
   * Those that didn't fit, in order. The caller keeps them as dead letters or drops them, as `buffer.overflow` says.
   */
  overflowed: readonly QueuedEvent[];
  /**
   * Queued events that were accepted before and that these displaced, because their tenant has the most waiting. The
   * caller treats them like `overflowed`. Left out: none.
   */
  displaced?: readonly QueuedEvent[];
}

/** The current state of a buffer. */
export interface EventBufferStats {
  /** Queued events that are waiting. */
  depth: number;
  /** How many may wait; `null` if there is no limit. */
  capacity: number | null;
  /** Queued events being processed. */
  busy: number;
  workers: number;
  /** Age of the oldest waiting queued event; 0 if none waits. */
  oldestMs: number;
  /** How many of the waiting events a limit or their order delays, by reason. Left out if the buffer doesn't know. */
  limited?: Readonly<Record<string, number>>;
}

/**
 * Marks a durable buffer. It is on the prototype, so that it can be read before the class has an instance, and it is
 * the same symbol in every copy of this package that an application may have loaded.
 */
export const DURABLE_EVENT_BUFFER = Symbol.for('nestjs-scripts-event.durable-event-buffer');

/**
 * Port between capture and execution: a queue with workers, fair to tenants, with a limit for each script.
 *
 * ```
 * created ── start(process) ──► open ── close() ──► closed
 *              workers run       │ enqueue accepted   │ everything enqueued overflows
 *                                └ drain(ms): waits until nothing waits and nothing runs
 * ```
 *
 * One buffer serves one application. {@link InMemoryEventBuffer} is the default; an engine that survives crashes
 * extends `DurableEventBuffer`.
 */
export abstract class EventBuffer {
  /** Whether an event answered with `later` keeps its place and is delivered again. Default false. */
  readonly putsBack: boolean = false;

  /**
   * Whether a script's events with the same ordering key run one at a time, in the order in which they were published,
   * and a failed one blocks the next ones as {@link QueuedEvent.ordering} says. If false, scripts with an `orderingKey`
   * don't run. Default false.
   */
  readonly keepsOrder: boolean = false;

  /** The message of a dead letter for an event that didn't fit. */
  readonly overflowMessage: string = 'The event buffer of buffer.adapter accepted no more events.';

  /**
   * Whether accepted queued events survive a crash of this process: true if and only if the buffer extends
   * `DurableEventBuffer`.
   */
  get durable(): boolean {
    return DURABLE_EVENT_BUFFER in this;
  }

  /** @throws InvalidEventBufferError if the value contradicts the class */
  set durable(value: never) {
    if (value !== this.durable) throw InvalidEventBufferError.notDurable(this.constructor.name, value);
  }

  /**
   * Starts the workers. `process` settles when the queued event is done. It rejects only for a fault of the
   * infrastructure, such as an unavailable database; a durable engine then delivers the event again.
   */
  abstract start(process: ProcessQueuedEvent): Promise<void>;

  /** Accepts queued events, without blocking and without throwing. */
  abstract enqueue(events: readonly QueuedEvent[]): EnqueueResult;

  /**
   * Closes the buffer: everything enqueued from now on overflows. Queued events still run, except that a durable buffer
   * starts nothing new; its rows wait for another node or the next start.
   */
  abstract close(): void;

  /**
   * Resolves to true when nothing waits and nothing runs, or to false after `timeoutMs`. After {@link close}, a durable
   * buffer waits only for what this process has begun.
   */
  abstract drain(timeoutMs: number): Promise<boolean>;

  /**
   * Stops the workers: aborts the signals of running events and waits for them up to `graceMs`. Returns the queued
   * events that only this process has, for the caller to keep. From memory these are all waiting events; from a durable
   * engine only those that it could not store because the database is unavailable.
   */
  abstract stop(graceMs: number): Promise<readonly QueuedEvent[]>;

  abstract stats(): EventBufferStats;
}
