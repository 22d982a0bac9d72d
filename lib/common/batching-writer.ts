import { WriteRefusedError, WriterClosedError, WriterFullError } from './batching-writer.errors.js';
import { type BatchingWriterOptions, resolveWriterOptions } from './batching-writer.options.js';
import { DatabaseAwayError } from './database-failure.js';
import { inOwnContext } from './own-context.js';
import { within } from './within.js';

interface Entry<T> {
  item: T;
  bytes: number;
  addedAt: number;
  resolve: () => void;
  reject: (error: Error) => void;
  settled: boolean;
}

/**
 * Group commit: many small writes become few statements.
 *
 * ```
 * idle ── add ──► writing (at once) ──► does something wait? ── no ──► idle
 *                    ▲                        │ yes
 *                    └── 100 items or 10 ms ──┘
 * ```
 *
 * - While nothing is under way an item is written at once; what comes during a write is gathered.
 * - Storage that is away is tried again with back-off, the same batch in the same order, for ever: the backlog is what
 *   bounds it, and {@link isFull} and {@link whenReady} let the caller slow down before it does.
 * - A batch that is refused for its data is split until the bad item stands alone; only that one is given up.
 */
export class BatchingWriter<T> {
  private readonly options: Required<BatchingWriterOptions<T>>;
  private queue: Entry<T>[] = [];
  private underWay: Entry<T>[] = [];
  private bytes = 0;
  private added = 0;
  private settled = 0;
  private running: Promise<void> | undefined;
  private busy = false;
  private gathering = false;
  private closed = false;
  private abandoned = false;
  private wake: (() => void) | undefined;
  private waitingForSpace: (() => void)[] = [];
  private waitingForFlush: { upTo: number; resolve: () => void }[] = [];

  constructor(options: BatchingWriterOptions<T>) {
    this.options = resolveWriterOptions(options);
  }

  /** Items that are not stored yet. */
  get backlog(): number {
    return this.added - this.settled;
  }

  /** True when the next {@link add} would be refused for lack of space. */
  get isFull(): boolean {
    return this.backlog >= this.options.maxBacklogItems || this.bytes >= this.options.maxBacklogBytes;
  }

  /**
   * Resolves when the item is stored. Rejects with {@link WriterFullError}, {@link WriterClosedError} or
   * {@link WriteRefusedError}; a caller that does not await it causes no unhandled rejection.
   */
  add(item: T): Promise<void> {
    const stored = this.accept(item);
    stored.catch(() => undefined);
    return stored;
  }

  /** Resolves at once unless the backlog is full; then when half of it is free again or the writer is closed. */
  whenReady(): Promise<void> {
    if (!this.isFull || this.closed) return Promise.resolve();
    return new Promise((resolve) => this.waitingForSpace.push(resolve));
  }

  /**
   * Waits until everything added so far is stored or refused; does not wait for company or for the end of a back-off.
   * False when `timeoutMs` passed first; the writing goes on then.
   */
  async flush(timeoutMs: number): Promise<boolean> {
    if (this.backlog === 0) return true;
    const upTo = this.added;
    const flushed = new Promise<void>((resolve) => this.waitingForFlush.push({ upTo, resolve }));
    this.wake?.();
    return (await within(flushed, timeoutMs)) === 'done';
  }

  /**
   * Takes nothing in any more and flushes for up to `timeoutMs`. Returns what could not be stored, oldest first: the
   * caller logs it. A second call returns nothing.
   */
  async close(timeoutMs: number): Promise<readonly T[]> {
    if (this.closed) return [];
    this.closed = true;
    this.releaseSpaceWaiters();
    if (await this.flush(timeoutMs)) return [];
    this.abandoned = true;
    this.wake?.();
    const left = [...this.underWay, ...this.queue].filter((entry) => !entry.settled);
    this.queue = [];
    for (const entry of left) this.settle(entry, new WriterClosedError(this.options.name));
    return left.map((entry) => entry.item);
  }

  private accept(item: T): Promise<void> {
    const { name, sizeOf, maxBatchItems } = this.options;
    if (this.closed) return Promise.reject(new WriterClosedError(name));
    if (this.isFull) return Promise.reject(new WriterFullError(name, this.backlog, this.bytes));
    return new Promise((resolve, reject) => {
      const bytes = sizeOf(item);
      this.queue.push({ item, bytes, addedAt: performance.now(), resolve, reject, settled: false });
      this.added += 1;
      this.bytes += bytes;
      if (this.gathering && this.queue.length >= maxBatchItems) this.wake?.();
      // A microtask later, so that items added in one go share the first batch. What it writes is everybody's.
      this.running ??= inOwnContext(() => Promise.resolve().then(() => this.run()));
    });
  }

  private async run(): Promise<void> {
    this.busy = false;
    while (this.queue.length > 0 && !this.abandoned) {
      if (this.busy) await this.gather();
      this.underWay = this.takeBatch();
      await this.store(this.underWay);
      this.underWay = [];
    }
    this.running = undefined;
  }

  /** Waits until a batch is full or its oldest item has waited long enough. A flush cuts it short. */
  private async gather(): Promise<void> {
    const oldest = this.queue[0];
    if (oldest === undefined || this.waitingForFlush.length > 0) return;
    if (this.queue.length >= this.options.maxBatchItems) return;
    this.gathering = true;
    await this.pause(this.options.maxWaitMs - (performance.now() - oldest.addedAt));
    this.gathering = false;
  }

  private takeBatch(): Entry<T>[] {
    const { maxBatchItems, maxBatchBytes } = this.options;
    let count = 0;
    for (let bytes = 0; count < Math.min(maxBatchItems, this.queue.length); count++) {
      bytes += this.queue[count]?.bytes ?? 0;
      if (count > 0 && bytes > maxBatchBytes) break;
    }
    return this.queue.splice(0, count);
  }

  private async store(batch: readonly Entry<T>[]): Promise<void> {
    for (let attempt = 1; !this.abandoned; attempt++) {
      try {
        await this.write(batch);
        // Read before the callers go on: one that adds its next item when this one is stored finds the writer idle.
        this.busy = this.queue.length > 0;
        for (const entry of batch) this.settle(entry);
        if (attempt > 1) quietly(() => this.options.onRecovered(attempt - 1, this.backlog));
        return;
      } catch (error) {
        if (this.abandoned) return;
        if (this.options.failureOf(error) === 'data') return await this.isolate(batch, error);
        quietly(() => this.options.onRetry(error, attempt, this.backlog));
        const { retryMs, maxRetryMs } = this.options;
        await this.pause(Math.min(maxRetryMs, retryMs * 2 ** Math.min(attempt - 1, 20)));
      }
    }
  }

  /** A statement that hangs (a connection cut without a word) counts as storage being away. */
  private async write(batch: readonly Entry<T>[]): Promise<void> {
    const { name, write, writeTimeoutMs } = this.options;
    const written = write(batch.map((entry) => entry.item));
    if ((await within(written, writeTimeoutMs)) === 'done') return;
    throw new DatabaseAwayError(`${name}: a write did not end within ${writeTimeoutMs} ms`);
  }

  private async isolate(batch: readonly Entry<T>[], error: unknown): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    if (batch.length > 1) {
      await this.store(batch.slice(0, middle));
      return await this.store(batch.slice(middle));
    }
    for (const entry of batch) {
      quietly(() => this.options.onRefused(entry.item, error));
      this.settle(entry, new WriteRefusedError(this.options.name, error));
    }
  }

  private settle(entry: Entry<T>, error?: Error): void {
    if (entry.settled) return;
    entry.settled = true;
    this.settled += 1;
    this.bytes -= entry.bytes;
    if (error === undefined) entry.resolve();
    else entry.reject(error);
    const { maxBacklogItems, maxBacklogBytes } = this.options;
    if (this.backlog * 2 <= maxBacklogItems && this.bytes * 2 <= maxBacklogBytes) this.releaseSpaceWaiters();
    // Items are settled in the order they came, so a count tells which ones are done.
    while ((this.waitingForFlush[0]?.upTo ?? Infinity) <= this.settled)
      this.waitingForFlush.shift()?.resolve();
  }

  private releaseSpaceWaiters(): void {
    for (const resolve of this.waitingForSpace.splice(0)) resolve();
  }

  /** Sleeps until the time is over or somebody calls `wake`. */
  private pause(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake?.(), milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
    });
  }
}

/** A caller's log line must not end the writer. */
function quietly(callback: () => void): void {
  try {
    callback();
  } catch {
    // Nothing is left to tell it to.
  }
}
