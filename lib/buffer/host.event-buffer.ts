import {
  DurableEventBuffer,
  type EnqueuedIn,
  type EnqueueInOptions,
  type SqlConnection,
} from './durable-event-buffer.js';
import {
  type EnqueueResult,
  EventBuffer,
  type EventBufferStats,
  type ProcessQueuedEvent,
} from './event-buffer.js';
import type { QueuedEvent } from './queued-event.js';

/** Finds a provider of the host by its class. Throws when there is none. */
export type FindProvider = <T>(type: abstract new (...args: never[]) => T) => T;

/**
 * The buffer that the host named by its class. Nest may make it after the parts of this package, and hands out an empty
 * object until then: it is looked up when it is needed, and nothing but the port's methods is handed on, so that Nest
 * calls its lifecycle hooks once.
 */
export function hostEventBuffer(
  type: abstract new (...args: never[]) => EventBuffer,
  find: FindProvider,
): EventBuffer {
  // A class that is no provider fails here, not in the middle of the start.
  find(type);
  if (!(type.prototype instanceof DurableEventBuffer)) return new HostEventBuffer(() => find(type));
  return new HostDurableEventBuffer(() => find(type) as DurableEventBuffer);
}

class HostEventBuffer extends EventBuffer {
  constructor(private readonly host: () => EventBuffer) {
    super();
  }

  get durable(): boolean {
    return this.host().durable;
  }

  start(process: ProcessQueuedEvent): Promise<void> {
    return this.host().start(process);
  }

  enqueue(events: readonly QueuedEvent[]): EnqueueResult {
    return this.host().enqueue(events);
  }

  close(): void {
    this.host().close();
  }

  drain(timeoutMs: number): Promise<boolean> {
    return this.host().drain(timeoutMs);
  }

  stop(graceMs: number): Promise<readonly QueuedEvent[]> {
    return this.host().stop(graceMs);
  }

  stats(): EventBufferStats {
    return this.host().stats();
  }
}

class HostDurableEventBuffer extends DurableEventBuffer {
  constructor(private readonly host: () => DurableEventBuffer) {
    super();
  }

  start(process: ProcessQueuedEvent): Promise<void> {
    return this.host().start(process);
  }

  enqueue(events: readonly QueuedEvent[]): EnqueueResult {
    return this.host().enqueue(events);
  }

  enqueueIn(
    connection: SqlConnection | null,
    events: readonly QueuedEvent[],
    options?: EnqueueInOptions,
  ): Promise<EnqueuedIn> {
    return this.host().enqueueIn(connection, events, options);
  }

  close(): void {
    this.host().close();
  }

  drain(timeoutMs: number): Promise<boolean> {
    return this.host().drain(timeoutMs);
  }

  stop(graceMs: number): Promise<readonly QueuedEvent[]> {
    return this.host().stop(graceMs);
  }

  stats(): EventBufferStats {
    return this.host().stats();
  }
}
