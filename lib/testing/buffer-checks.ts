import { v7 as uuid } from 'uuid';
import type { EventBuffer } from '../buffer/event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { WaitTimeoutError } from './testing.errors.js';
import { formatDuration } from '../common/duration-text.js';

/**
 * How the contract creates the buffer under test.
 *
 * @publicApi
 */
export interface EventBufferFixture<Buffer extends EventBuffer = EventBuffer> {
  /** Creates a buffer with an empty queue and these limits, and doesn't start it. The check starts and stops it. */
  create(options: { workerCount: number; runsPerScript: number }): Buffer | Promise<Buffer>;
  /**
   * Resolves when every enqueued event is in the queue. Needed for a buffer that writes them a moment later. Default:
   * immediately.
   */
  queued?(buffer: Buffer): Promise<void>;
  /** `keepsOrder` of the buffer. If true, the contract checks that it keeps the order. Default false. */
  keepsOrder?: boolean;
  /**
   * `putsBack` of the buffer. If true, the contract checks what becomes of events answered with `later`. Default false.
   */
  putsBack?: boolean;
  /** Closes what `create` opened, after the buffer has stopped. */
  dispose?(): Promise<void>;
}

/**
 * One promise of a buffer, with its test.
 *
 * @publicApi
 */
export interface EventBufferCheck {
  /** The promise, as the title of a test. */
  title: string;
  /** Resolves if the promise holds; otherwise rejects with an `AssertionError` or a `WaitTimeoutError`. */
  run(): Promise<void>;
}

/** Milliseconds that a check waits for a state before it fails. */
export const CHECK_WAIT_MS = 60_000;
/** Milliseconds that running work gets to end at a stop. */
export const CHECK_STOP_MS = 5_000;
/** Milliseconds between two looks at a state. */
const LOOK_MS = 5;

/** What a check works with. */
export interface CheckedBuffer<Buffer extends EventBuffer> {
  open(workerCount?: number, runsPerScript?: number): Promise<Buffer>;
  queued(): Promise<void>;
  /** Returns a gate that holds work back until the check opens it or ends. */
  gate(): Gate;
}

/** Makes a check whose buffer is stopped, and whose fixture is disposed of, however it ends. */
export function checkOf<Buffer extends EventBuffer>(
  fixture: EventBufferFixture<Buffer>,
  title: string,
  body: (buffers: CheckedBuffer<Buffer>) => Promise<void>,
): EventBufferCheck {
  const run = async (): Promise<void> => {
    let buffer: Buffer | undefined;
    const open = async (workerCount = 4, runsPerScript = 2): Promise<Buffer> =>
      (buffer = await fixture.create({ workerCount, runsPerScript }));
    const queued = async (): Promise<void> => {
      if (buffer) await fixture.queued?.(buffer);
    };
    const gates: Gate[] = [];
    const gate = (): Gate => {
      const made = new Gate();
      gates.push(made);
      return made;
    };
    try {
      await body({ open, queued, gate });
    } finally {
      for (const { open: release } of gates) release();
      await buffer?.stop(CHECK_STOP_MS);
      await fixture.dispose?.();
    }
  };
  return { title, run };
}

/** A queued event with an id of its own. */
export function sampleEvent(part: Partial<QueuedEvent> = {}): QueuedEvent {
  const id = part.id ?? uuid();
  return {
    id,
    type: 'user.created',
    tenantId: 'acme',
    scriptId: 'script-0',
    payload: '{"userId":1,"email":"ada@example.com"}',
    occurredAt: '2026-01-02T03:04:05.000Z',
    actor: null,
    cause: { rootEventId: id, depth: 0, budget: 1000, chain: [] },
    attempt: 1,
    enqueuedAt: Date.now(),
    ...part,
  };
}

export const sampleEvents = (count: number, part: (at: number) => Partial<QueuedEvent>): QueuedEvent[] =>
  Array.from({ length: count }, (_, at) => sampleEvent(part(at)));

/** Waits for a state. @throws WaitTimeoutError that names it */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + CHECK_WAIT_MS;
  while (!holds()) {
    if (performance.now() > deadline)
      throw new WaitTimeoutError(`Waited ${formatDuration(CHECK_WAIT_MS)} in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** A promise that is resolved from outside. */
class Gate {
  readonly opened: Promise<void>;
  open!: () => void;

  constructor() {
    this.opened = new Promise((resolve) => (this.open = resolve));
  }
}
