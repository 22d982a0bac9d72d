import { PrintableLogger } from '../common/printable-logger.js';
import { BatchingWriter } from '../common/batching-writer.js';
import type { BatchingWriterOptions } from '../common/batching-writer.options.js';
import { messageOf } from '../common/errors.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';

/** Bounds of a writer; {@link BatchingWriterOptions} has units and defaults. */
export type WriterBounds = Pick<
  BatchingWriterOptions<never>,
  | 'maxBatchItems'
  | 'maxBatchBytes'
  | 'maxWaitMs'
  | 'maxBacklogItems'
  | 'maxBacklogBytes'
  | 'retryMs'
  | 'maxRetryMs'
  | 'writeTimeoutMs'
>;

/** What a kind of record is, to its writer. */
export interface RecordKind<T> {
  /** In the plural, for log lines: `execution records`. */
  name: string;
  write: (records: readonly T[]) => Promise<unknown>;
  sizeOf: (record: T) => number;
  /** What is logged of a record that is lost: enough to know what it was, no value of a payload. */
  describe: (record: T) => object;
}

/**
 * Stores records in batches through an outage of the database. A record that cannot be stored after all is never lost
 * without a word: it is counted as dropped for `storage`, and logged in one structured line.
 */
export abstract class RecordingWriter<T> {
  private readonly logger: PrintableLogger;
  private readonly writer: BatchingWriter<T>;

  constructor(
    private readonly kind: RecordKind<T>,
    private readonly metrics: MetricsRecorder,
    bounds: WriterBounds = {},
  ) {
    this.logger = new PrintableLogger(new.target.name);
    this.writer = new BatchingWriter<T>({
      ...bounds,
      name: kind.name,
      write: kind.write,
      sizeOf: kind.sizeOf,
      onRetry: (error, attempt, backlog) => {
        // Once per outage: the end of it is logged too.
        if (attempt > 1) return;
        this.logger.warn(`${kind.name}: storage is away, ${backlog} wait: ${messageOf(error)}`);
      },
      onRecovered: (attempts, backlog) =>
        this.logger.log(`${kind.name}: storage is back after ${attempts} attempts, ${backlog} wait`),
    });
  }

  /** True when the next record would be dropped: slow down; {@link whenReady} says when to go on. */
  get isFull(): boolean {
    return this.writer.isFull;
  }

  /** Records that are not stored yet. */
  get backlog(): number {
    return this.writer.backlog;
  }

  /** Resolves when the record is stored. Rejects when it is dropped: backlog full, refused by storage, closed. */
  add(record: T): Promise<void> {
    const stored = this.writer.add(record);
    stored.catch((error: unknown) => this.drop(record, error));
    return stored;
  }

  /** Resolves when there is space again, or the writer is closed. */
  whenReady(): Promise<void> {
    return this.writer.whenReady();
  }

  /** Waits until everything added so far is stored or dropped; false when `timeoutMs` passed first. */
  flush(timeoutMs: number): Promise<boolean> {
    return this.writer.flush(timeoutMs);
  }

  /** Waits until everything is stored or dropped, for as long as it gets on; false when nothing was for `stallMs`. */
  async catchUp(stallMs: number): Promise<boolean> {
    for (let before = Infinity; this.backlog < before;) {
      before = this.backlog;
      if (await this.writer.flush(stallMs)) return true;
    }
    return false;
  }

  /**
   * Stores what there is, as {@link catchUp} does, and takes nothing in any more. What is left is dropped; returns how
   * many that were.
   */
  async close(stallMs: number): Promise<number> {
    await this.catchUp(stallMs);
    const left = await this.writer.close(0);
    return left.length;
  }

  private drop(record: T, error: unknown): void {
    this.metrics.eventDropped('storage', 1);
    const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : undefined;
    this.logger.error({
      message: `${this.kind.name}: one could not be stored`,
      why: messageOf(error),
      ...(cause === undefined ? {} : { cause }),
      record: this.kind.describe(record),
    });
  }
}
