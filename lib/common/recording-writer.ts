import { setImmediate as nextTurn } from 'node:timers/promises';
import { WriteRefusedError } from './batching-writer.errors.js';
import { BatchingWriter } from './batching-writer.js';
import type { BatchingWriterOptions } from './batching-writer.options.js';
import { messageOf } from './errors.js';
import { PrintableLogger } from './printable-logger.js';
import { TenantTally } from './tenant-tally.js';

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
  tenantOf: (record: T) => string;
  /** Events that a record stands for. Default 1. */
  eventsOf?: (record: T) => number;
  /** What is logged of a record that is lost: enough to know what it was, no value of a payload. */
  describe: (record: T) => object;
}

/** Where lost events are counted. */
interface DropCounter {
  eventDropped(reason: 'storage', count: number): void;
}

/** Of so many lost records of a tenant and minute each has its own line. */
const LOSSES_ALONE = 10;

/** A record that was lost, and why. */
interface Loss<T> {
  record: T;
  error: unknown;
}

/**
 * Stores records in batches through an outage of the database. A record that cannot be stored after all is never lost
 * without a word: it is counted as dropped for `storage`, and logged in a structured line, the first of a tenant and
 * minute by themselves and those that follow with their number. When there is no more room, the tenant loses that has most.
 */
export abstract class RecordingWriter<T> {
  private readonly logger: PrintableLogger;
  private readonly writer: BatchingWriter<T>;
  private readonly losses = new TenantTally<Loss<T>>(
    (tenantId, count, loss) => this.tellOfLoss(tenantId, count, loss),
    LOSSES_ALONE,
  );
  private dropped = 0;
  private rescue: ((record: T) => boolean) | undefined;

  constructor(
    private readonly kind: RecordKind<T>,
    private readonly metrics: DropCounter,
    bounds: WriterBounds = {},
  ) {
    this.logger = new PrintableLogger(new.target.name);
    this.writer = new BatchingWriter<T>({
      ...bounds,
      name: kind.name,
      write: kind.write,
      sizeOf: kind.sizeOf,
      tenantOf: kind.tenantOf,
      onRetry: (error, attempt, backlog) => {
        // Once for each outage, whose end is logged too.
        if (attempt > 1) return;
        this.logger.warn(`Can't store ${kind.name}; ${backlog} are waiting: ${messageOf(error)}`);
      },
      onRecovered: (attempts, backlog) =>
        this.logger.log(
          `Storing ${kind.name} works again after ${attempts} attempts; ${backlog} are waiting`,
        ),
    });
  }

  /** True when there is no room: the next record is dropped, or takes the place of one of a tenant with more. */
  get isFull(): boolean {
    return this.writer.isFull;
  }

  /** True when the tenant's next record would be dropped: slow down; {@link whenReady} says when to go on. */
  isFullFor(tenantId: string): boolean {
    return this.writer.isFullFor(tenantId);
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

  /** Resolves when there is room for the tenant's records again, or the writer is closed. */
  whenReady(tenantId: string): Promise<void> {
    return this.writer.whenReady(tenantId);
  }

  /** From now on a record for which there is no room or no time is offered to `rescue`; true: it is kept there. */
  rescueWith(rescue: (record: T) => boolean): void {
    this.rescue = rescue;
  }

  /** Waits until everything added so far is stored or dropped; false when `timeoutMs` passed first. */
  flush(timeoutMs: number): Promise<boolean> {
    return this.writer.flush(timeoutMs);
  }

  /** Records that were neither stored nor rescued. */
  get lost(): number {
    return this.dropped;
  }

  /**
   * Waits until everything is stored or dropped, for as long as it gets on; false when nothing was for `stallMs`, or when
   * `mayGoOn` has said no.
   */
  async catchUp(stallMs: number, mayGoOn: () => boolean = () => true): Promise<boolean> {
    for (let before = Infinity; this.backlog < before && (before === Infinity || mayGoOn());) {
      before = this.backlog;
      if (await this.writer.flush(stallMs)) return true;
    }
    return false;
  }

  /**
   * Stores what there is, as {@link catchUp} does, and takes nothing in any more. What is left is rescued or dropped;
   * returns how many that were.
   */
  async close(stallMs: number, mayGoOn?: () => boolean): Promise<number> {
    await this.catchUp(stallMs, mayGoOn);
    const left = await this.writer.close(0);
    // By then every rejection has reached `drop`.
    await nextTurn();
    this.losses.tell();
    return left.length;
  }

  private drop(record: T, error: unknown): void {
    if (!(error instanceof WriteRefusedError) && this.rescue?.(record)) return;
    this.dropped += 1;
    this.metrics.eventDropped('storage', this.kind.eventsOf?.(record) ?? 1);
    this.losses.add(this.kind.tenantOf(record), { record, error });
  }

  private tellOfLoss(tenantId: string, count: number, { record, error }: Loss<T>): void {
    const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : undefined;
    this.logger.error({
      message:
        count === 1
          ? `Lost 1 of the ${this.kind.name}: it could not be stored`
          : `Lost ${count} more ${this.kind.name}: they could not be stored; this is the last one`,
      tenantId,
      count,
      why: messageOf(error),
      ...(cause === undefined ? {} : { cause }),
      record: this.kind.describe(record),
    });
  }
}
