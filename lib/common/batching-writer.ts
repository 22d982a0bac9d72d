import { Backlog, type TenantEntries } from './batching-writer.backlog.js';
import { WriteRefusedError, WriterClosedError, WriterFullError } from './batching-writer.errors.js';
import { type BatchingWriterOptions, resolveWriterOptions } from './batching-writer.options.js';
import { DatabaseAwayError } from './database-failure.js';
import { inOwnContext } from './own-context.js';
import { within } from './within.js';
import { formatDuration } from './duration-text.js';

interface Entry<T> {
  item: T;
  lane: TenantEntries<Entry<T>>;
  bytes: number;
  addedAt: number;
  /** Its position in the order of arrival, from 1. */
  place: number;
  resolve: () => void;
  reject: (error: Error) => void;
  settled: boolean;
}

/** A flush that waits for the items up to `place`, of which `left` are not settled. */
interface FlushWaiter {
  upTo: number;
  left: number;
  resolve: () => void;
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
 * - While no write is in progress, an item is written at once. Items that arrive during a write are gathered until
 *   somebody waits for one of them.
 * - While storage is unavailable, the same batch is tried again with back-off, without end. The backlog is limited;
 *   {@link isFull} and {@link whenReady} let the caller slow down before it is full.
 * - A batch that is refused for its data is split until the bad item is alone. Only that item is given up.
 * - If the backlog is full, an item of a tenant with less displaces the newest item of the tenant with the most, so
 *   that no tenant's flood takes the room of the others.
 */
export class BatchingWriter<T> {
  private readonly options: Required<BatchingWriterOptions<T>>;
  private readonly waiting: Backlog<Entry<T>>;
  private underWay: Entry<T>[] = [];
  private bytes = 0;
  private added = 0;
  private settled = 0;
  private running: Promise<void> | undefined;
  private busy = false;
  private gathering = false;
  /** Whether somebody waits for one of the waiting items. */
  private awaited = false;
  private closed = false;
  private abandoned = false;
  private wake: (() => void) | undefined;
  private waitingForSpace: (() => void)[] = [];
  private waitingForFlush: FlushWaiter[] = [];

  constructor(options: BatchingWriterOptions<T>) {
    this.options = resolveWriterOptions(options);
    const { maxBacklogItems, maxBacklogBytes } = this.options;
    // An item counts as much as its share of the bytes, so that many small ones weigh as much as a few large ones.
    this.waiting = new Backlog(Math.ceil(maxBacklogBytes / maxBacklogItems));
  }

  /** Items that are not stored yet. */
  get backlog(): number {
    return this.added - this.settled;
  }

  /** Milliseconds for which the oldest item has waited to be stored; 0 without one. */
  get oldestMs(): number {
    const oldest = this.underWay.find(({ settled }) => !settled) ?? this.waiting.peek();
    return oldest === undefined ? 0 : performance.now() - oldest.addedAt;
  }

  /** True when the backlog is full: a new item is refused, or displaces one of a tenant with more. */
  get isFull(): boolean {
    return this.backlog >= this.options.maxBacklogItems || this.bytes >= this.options.maxBacklogBytes;
  }

  /** True when the next item of this tenant would be refused. */
  isFullFor(tenantId: string): boolean {
    return this.isFull && !this.waiting.hasHeavier(tenantId, 0);
  }

  /**
   * Resolves when the item is stored. Rejects with {@link WriterFullError} when there is no room or another tenant's
   * item has displaced it, with {@link WriterClosedError} or with {@link WriteRefusedError}. A caller that doesn't
   * await it causes no unhandled rejection.
   *
   * @param soon whether somebody waits for the item; it is then written without waiting for further items
   */
  add(item: T, soon = false): Promise<void> {
    const stored = this.accept(item, soon);
    stored.catch(() => undefined);
    return stored;
  }

  /**
   * Resolves immediately unless the backlog is full (for this tenant, if one is given). Then it resolves when half of
   * the backlog is free again or the writer is closed.
   */
  whenReady(tenantId?: string): Promise<void> {
    const full = tenantId === undefined ? this.isFull : this.isFullFor(tenantId);
    if (!full || this.closed) return Promise.resolve();
    return new Promise((resolve) => this.waitingForSpace.push(resolve));
  }

  /**
   * Waits until everything added so far is stored or refused, without waiting for further items or for the end of a
   * delay. Returns false if that takes longer than `timeoutMs`; writing continues.
   */
  async flush(timeoutMs: number): Promise<boolean> {
    if (this.backlog === 0) return true;
    const waiter = { upTo: this.added, left: this.backlog };
    const flushed = new Promise<void>((resolve) => this.waitingForFlush.push({ ...waiter, resolve }));
    this.wake?.();
    return (await within(flushed, timeoutMs)) === 'done';
  }

  /**
   * Accepts nothing more and flushes for up to `timeoutMs`. Returns what could not be stored, oldest first, for the
   * caller to log. A second call returns nothing.
   */
  async close(timeoutMs: number): Promise<readonly T[]> {
    if (this.closed) return [];
    this.closed = true;
    this.releaseSpaceWaiters();
    if (await this.flush(timeoutMs)) return [];
    this.abandoned = true;
    this.wake?.();
    const left = [...this.underWay, ...this.waiting.clear()].filter((entry) => !entry.settled);
    for (const entry of left) this.settle(entry, new WriterClosedError(this.options.name));
    return left.map((entry) => entry.item);
  }

  private accept(item: T, soon: boolean): Promise<void> {
    const { name, sizeOf, tenantOf, maxBatchItems } = this.options;
    if (this.closed) return Promise.reject(new WriterClosedError(name));
    const bytes = sizeOf(item);
    const tenantId = tenantOf(item);
    while (this.isFull && this.waiting.hasHeavier(tenantId, bytes)) this.displace();
    if (this.isFull) return Promise.reject(new WriterFullError(name, this.backlog, this.bytes));
    return new Promise((resolve, reject) => {
      const place = (this.added += 1);
      const lane = this.waiting.laneOf(tenantId);
      const addedAt = performance.now();
      this.waiting.push({ item, lane, bytes, addedAt, place, resolve, reject, settled: false });
      this.bytes += bytes;
      if (soon) this.awaited = true;
      if (this.gathering && (soon || this.waiting.length >= maxBatchItems)) this.wake?.();
      // A microtask later, so that items added together share the first batch. In a context of its own, because a batch
      // has items of many callers.
      this.running ??= inOwnContext(() => Promise.resolve().then(() => this.run()));
    });
  }

  private displace(): void {
    const { name, onDisplaced } = this.options;
    const entry = this.waiting.takeNewestOfHeaviest();
    if (!entry) return;
    this.settle(entry, new WriterFullError(name, this.backlog, this.bytes));
    quietly(() => onDisplaced(entry.item));
  }

  private async run(): Promise<void> {
    this.busy = false;
    while (this.waiting.length > 0 && !this.abandoned) {
      if (this.busy) await this.gather();
      this.underWay = this.takeBatch();
      await this.store(this.underWay);
      this.underWay = [];
    }
    this.running = undefined;
  }

  /** Waits until a batch is full, its oldest item has waited long enough, or somebody waits for one of its items. */
  private async gather(): Promise<void> {
    const oldest = this.waiting.peek();
    if (oldest === undefined || this.awaited || this.waitingForFlush.length > 0) return;
    if (this.waiting.length >= this.options.maxBatchItems) return;
    this.gathering = true;
    await this.pause(this.options.maxWaitMs - (performance.now() - oldest.addedAt));
    this.gathering = false;
  }

  private takeBatch(): Entry<T>[] {
    const { maxBatchItems, maxBatchBytes } = this.options;
    const batch: Entry<T>[] = [];
    let bytes = 0;
    for (let next = this.waiting.peek(); next && batch.length < maxBatchItems; next = this.waiting.peek()) {
      bytes += next.bytes;
      if (batch.length > 0 && bytes > maxBatchBytes) break;
      this.waiting.shift();
      batch.push(next);
    }
    if (this.waiting.length === 0) this.awaited = false;
    return batch;
  }

  private async store(batch: readonly Entry<T>[]): Promise<void> {
    for (let attempt = 1; !this.abandoned; attempt++) {
      try {
        await this.write(batch);
        // Read before the callers continue: a caller that adds its next item once this one is stored must find the
        // writer idle.
        this.busy = this.waiting.length > 0;
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

  /** A statement that hangs, for example because a connection was cut silently, counts as storage being unavailable. */
  private async write(batch: readonly Entry<T>[]): Promise<void> {
    const { name, write, writeTimeoutMs } = this.options;
    const written = write(batch.map((entry) => entry.item));
    if ((await within(written, writeTimeoutMs)) === 'done') return;
    throw new DatabaseAwayError(`${name}: a write did not finish within ${formatDuration(writeTimeoutMs)}`);
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
    this.waiting.settled(entry);
    if (error === undefined) entry.resolve();
    else entry.reject(error);
    const { maxBacklogItems, maxBacklogBytes } = this.options;
    if (this.backlog * 2 <= maxBacklogItems && this.bytes * 2 <= maxBacklogBytes) this.releaseSpaceWaiters();
    for (const waiter of this.waitingForFlush) if (entry.place <= waiter.upTo) waiter.left -= 1;
    // The oldest waiter waits for the fewest items.
    while (this.waitingForFlush[0]?.left === 0) this.waitingForFlush.shift()?.resolve();
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

/** A callback that throws must not end the writer. */
function quietly(callback: () => void): void {
  try {
    callback();
  } catch {
    // There is nobody to report it to.
  }
}
