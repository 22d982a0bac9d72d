import {
  checkHostBuffer,
  DurableEventBuffer,
  type EnqueuedIn,
  type EnqueueInOptions,
  isDurable,
  type SqlConnection,
} from './durable-event-buffer.js';
import {
  type EnqueueResult,
  EventBuffer,
  type EventBufferStats,
  type ProcessQueuedEvent,
} from './event-buffer.js';
import type { QueuedEvent } from './queued-event.js';

/** Finds a provider of the host by its class. Throws if there is none. */
export type FindProvider = <T>(type: abstract new (...args: never[]) => T) => T;

/**
 * The buffer that the host named by its class. Nest may create it later than the parts of this package, and until then
 * hands out an empty object. So each use looks it up. Only the port's methods are passed on, so that Nest calls its
 * lifecycle hooks once.
 */
export function hostEventBuffer(
  type: abstract new (...args: never[]) => EventBuffer,
  find: FindProvider,
): EventBuffer {
  // A class that is not a provider must fail here, not in the middle of the start.
  find(type);
  const prototype: object = type.prototype;
  if (!isDurable(prototype)) return new HostEventBuffer(() => find(type));
  return new HostDurableEventBuffer(() => find(type) as DurableEventBuffer);
}

/** Reads the buffer's properties from the host's buffer, which exists only later. */
function readThrough(buffer: EventBuffer, host: () => EventBuffer): void {
  for (const field of ['putsBack', 'keepsOrder', 'overflowMessage'] as const)
    Object.defineProperty(buffer, field, { get: () => host()[field] });
}

function checked<Buffer extends EventBuffer>(buffer: Buffer): Buffer {
  checkHostBuffer(buffer);
  return buffer;
}

class HostEventBuffer extends EventBuffer {
  constructor(private readonly host: () => EventBuffer) {
    super();
    readThrough(this, host);
  }

  async start(process: ProcessQueuedEvent): Promise<void> {
    await checked(this.host()).start(process);
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
    readThrough(this, host);
  }

  async start(process: ProcessQueuedEvent): Promise<void> {
    await checked(this.host()).start(process);
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
