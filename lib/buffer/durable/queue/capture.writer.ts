import { PrintableLogger } from '../../../common/printable-logger.js';
import { BatchingWriter } from '../../../common/batching-writer.js';
import { messageOf } from '../../../common/errors.js';
import type { QueuedEvent } from '../../queued-event.js';
import type { Sql } from '../durable-database.js';
import type { DurableSettings } from '../graphile-worker.options.js';
import type { JobWriter } from './job-writer.js';

/**
 * Writes captured events in batches, and keeps them in memory while the database is unavailable.
 *
 * A batch whose answer was lost may have been written. It is written again, and its events then count as delivered once
 * before, so that the worker checks whether they have already run.
 *
 * Events for scripts with an ordering key are written separately: a publisher's open transaction may hold their key,
 * and other events must not wait for it.
 */
export class CaptureWriter {
  private readonly uncertain = new WeakSet<QueuedEvent>();
  private displaced: QueuedEvent[] = [];
  private readonly unordered: BatchingWriter<QueuedEvent>;
  private readonly ordered: BatchingWriter<QueuedEvent>;

  /**
   * @param lockTimeoutMs shorter than the time for which `sql` waits for an answer, because the server still executes a
   * statement that `sql` gave up while it waited for a lock
   */
  constructor(
    private readonly sql: Sql,
    private readonly writer: JobWriter,
    private readonly settings: Pick<DurableSettings, 'captureSize' | 'onRefused'>,
    private readonly logger: PrintableLogger,
    private readonly lockTimeoutMs: number,
  ) {
    this.unordered = this.makeWriter('durable capture');
    this.ordered = this.makeWriter('durable capture of ordered events');
  }

  /** Events that are not stored yet. */
  get backlog(): number {
    return this.unordered.backlog + this.ordered.backlog;
  }

  /** Milliseconds for which the oldest of them has waited; 0 if there is none. */
  get oldestMs(): number {
    return Math.max(this.unordered.oldestMs, this.ordered.oldestMs);
  }

  /** True if there is no room for the tenant's next event of this kind. */
  isFullFor({ tenantId, ordering }: QueuedEvent): boolean {
    return (ordering ? this.ordered : this.unordered).isFullFor(tenantId);
  }

  /** Accepts an event for which there is room. Returns the events of other tenants that it displaced. */
  add(event: QueuedEvent): QueuedEvent[] {
    this.displaced = [];
    void (event.ordering ? this.ordered : this.unordered).add(event);
    return this.displaced;
  }

  /** Waits until everything added so far is stored or refused. Returns false if that takes longer than `timeoutMs`. */
  async flush(timeoutMs: number): Promise<boolean> {
    const flushed = await Promise.all([this.unordered.flush(timeoutMs), this.ordered.flush(timeoutMs)]);
    return flushed.every(Boolean);
  }

  /** Accepts nothing more and flushes for up to `timeoutMs`. Returns what could not be stored. */
  async close(timeoutMs: number): Promise<QueuedEvent[]> {
    const left = await Promise.all([this.unordered.close(timeoutMs), this.ordered.close(timeoutMs)]);
    return left.flat();
  }

  private makeWriter(name: string): BatchingWriter<QueuedEvent> {
    return new BatchingWriter({
      name,
      write: (events) => this.write(events),
      sizeOf: (event) => event.payload.length,
      tenantOf: (event) => event.tenantId,
      onDisplaced: (event) => this.displaced.push(event),
      maxBatchItems: 500,
      maxWaitMs: 5,
      maxBacklogItems: this.settings.captureSize,
      onRefused: this.settings.onRefused,
      onRetry: (error, attempt, backlog) => {
        if (attempt > 1) return;
        const why = messageOf(error);
        this.logger.warn(`Events can't be written to the database; ${backlog} are waiting in memory: ${why}`);
      },
      onRecovered: (_, backlog) =>
        this.logger.log(`The database accepts events again; writing the ${backlog} that waited.`),
    });
  }

  private async write(events: readonly QueuedEvent[]): Promise<void> {
    try {
      const deliveries = (event: QueuedEvent): number => (this.uncertain.has(event) ? 1 : 0);
      const { lockTimeoutMs } = this;
      await this.writer.write(this.sql, events, { once: false, deliveries, lockTimeoutMs });
    } catch (error) {
      for (const event of events) this.uncertain.add(event);
      throw error;
    }
  }
}
