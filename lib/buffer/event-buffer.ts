import type { QueuedEvent } from './queued-event.js';

/** What a worker does with one queued event. */
export type ProcessQueuedEvent = (event: QueuedEvent, signal: AbortSignal) => Promise<void>;

/** What became of the queued events handed to {@link EventBuffer.enqueue}. */
export interface EnqueueResult {
  accepted: number;
  /** The ones that found no place, in order. The caller keeps them as dead letters or drops them, by policy. */
  overflowed: readonly QueuedEvent[];
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
}

/**
 * Port between capture and execution: a queue with a worker pool, fair over tenants, with a limit per script.
 *
 * ```
 * created ── start(process) ──► open ── close() ──► closed
 *              workers run       │ enqueue accepted   │ everything enqueued overflows
 *                                └ drain(ms): waits until nothing waits and nothing runs
 * ```
 *
 * One buffer serves one application. {@link InMemoryEventBuffer} is the default; a durable engine is one more class.
 */
export abstract class EventBuffer {
  /** True when accepted queued events survive a crash of this process. */
  abstract readonly durable: boolean;

  /**
   * Begins to process. `process` settles when the queued event is done and never rejects in normal work; a rejection is
   * a fault of the infrastructure (storage away), which a durable engine answers by delivering the event again.
   */
  abstract start(process: ProcessQueuedEvent): Promise<void>;

  /** Takes queued events in without blocking and without throwing. */
  abstract enqueue(events: readonly QueuedEvent[]): EnqueueResult;

  /** Takes nothing in any more; what is enqueued from now on overflows. Queued work goes on. */
  abstract close(): void;

  /** Waits until nothing waits and nothing runs. False when `timeoutMs` passed first. */
  abstract drain(timeoutMs: number): Promise<boolean>;

  /**
   * Ends the work: running ones see their signal abort and are waited for up to `graceMs`. Returns what still waits,
   * for the caller to keep; a durable engine returns nothing, as its rows stay.
   */
  abstract stop(graceMs: number): Promise<readonly QueuedEvent[]>;

  abstract stats(): EventBufferStats;
}
