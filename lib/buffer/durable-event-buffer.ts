import { DURABLE_EVENT_BUFFER, EventBuffer } from './event-buffer.js';
import { InvalidEventBufferError } from './event-buffer.errors.js';
import type { QueuedEvent } from './queued-event.js';

/** A connection for SQL: a TypeORM `QueryRunner`, an `EntityManager`, or anything with the same method. */
export interface SqlConnection {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

/** How queued events are written. */
export interface EnqueueInOptions {
  /**
   * Whether the publisher gave the event its id: if the tenant has published that id before, nothing is written.
   * Default false.
   */
  once?: boolean;
  /**
   * Whether the events follow from a run of this buffer's workers: they are then accepted as long as that run lasts,
   * even after {@link close}. Default false.
   */
  followUp?: boolean;
}

/** What {@link DurableEventBuffer.enqueueIn} wrote. */
export interface EnqueuedIn {
  /** Queued events that will run once the transaction commits. */
  enqueued: number;
  /** Queued events left out because their event id had been published before. */
  duplicates: number;
}

/**
 * Port of a buffer whose queued events are rows in the host's database.
 *
 * `enqueue` (inherited) is best effort: it collects events and writes them a moment later. {@link enqueueIn} is the
 * guarantee: from the commit of the caller's transaction on, every queued event runs on some node, even after a crash.
 */
export abstract class DurableEventBuffer extends EventBuffer {
  get [DURABLE_EVENT_BUFFER](): true {
    return true;
  }

  /**
   * Writes the queued events with one statement in the caller's open transaction: nothing runs before its commit, and
   * nothing is left after its rollback. Without events, no statement is sent.
   *
   * Rejects with `EventBufferClosedError` after {@link close}.
   *
   * @param connection null: a connection of the buffer's own, and the statement is its own transaction
   */
  abstract enqueueIn(
    connection: SqlConnection | null,
    events: readonly QueuedEvent[],
    options?: EnqueueInOptions,
  ): Promise<EnqueuedIn>;
}

/** Whether events of this buffer survive a crash. For a class that has no instance yet, ask its prototype. */
export const isDurable = (buffer: object): buffer is DurableEventBuffer => DURABLE_EVENT_BUFFER in buffer;

/**
 * Checks a buffer that the host has written, perhaps without TypeScript.
 *
 * @throws InvalidEventBufferError if its `durable` contradicts its class, or it has no `enqueueIn`
 */
export function checkHostBuffer(buffer: EventBuffer): void {
  const { durable } = buffer as { durable?: boolean };
  const name = buffer.constructor.name;
  if (durable !== undefined && durable !== isDurable(buffer))
    throw InvalidEventBufferError.notDurable(name, durable);
  if (isDurable(buffer) && typeof buffer.enqueueIn !== 'function')
    throw InvalidEventBufferError.withoutEnqueueIn(name);
}
