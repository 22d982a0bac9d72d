import { setImmediate as nextTurn } from 'node:timers/promises';
import { WriteRefusedError } from './batching-writer.errors.js';
import { BatchingWriter } from './batching-writer.js';
import type { BatchingWriterOptions } from './batching-writer.options.js';
import { messageOf } from './errors.js';
import { PrintableLogger } from './printable-logger.js';
import { lineAbout, type LogSubject } from './log-line.js';
import { TenantTally } from './tenant-tally.js';

/** Limits of a writer. {@link BatchingWriterOptions} has units and defaults. */
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

/** What a writer needs to know about a kind of record. */
export interface RecordKind<T> {
  /** Name in the plural, for log lines: `execution records`. */
  name: string;
  write: (records: readonly T[]) => Promise<unknown>;
  sizeOf: (record: T) => number;
  tenantOf: (record: T) => string;
  /** How many events a record stands for. Default 1. */
  eventsOf?: (record: T) => number;
  /** What is logged about a record that is lost: enough to identify it, but no value of a payload. */
  describe: (record: T) => { about: LogSubject; details: object };
}

/** Where lost events are counted. */
interface DropCounter {
  eventDropped(reason: 'storage', count: number): void;
}

/** How many lost records of one tenant get a log line of their own in each minute. */
const LOSSES_ALONE = 10;

/** A record that was lost, and why. */
interface Loss<T> {
  record: T;
  error: unknown;
}

/**
 * Stores records in batches and survives outages of the database. A record that can't be stored after all is counted as
 * dropped for `storage` and logged in a structured line: the first ones of a tenant in each minute one by one, further
 * ones together with their number. When there is no more room, the tenant with the most records loses one.
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
        // Log once for each outage; its end is logged too.
        if (attempt > 1) return;
        this.logger.warn(`Can't store ${kind.name}; ${backlog} are waiting: ${messageOf(error)}`);
      },
      onRecovered: (attempts, backlog) =>
        this.logger.log(
          `Storing ${kind.name} works again after ${attempts} attempts; ${backlog} are waiting`,
        ),
    });
  }

  /** Milliseconds for which the oldest record has waited to be stored; 0 without one. */
  get oldestMs(): number {
    return this.writer.oldestMs;
  }

  /** True when there is no room: the next record is dropped, or displaces one of a tenant with more. */
  get isFull(): boolean {
    return this.writer.isFull;
  }

  /**
   * True when the tenant's next record would be dropped. The caller should slow down; {@link whenReady} says when to
   * continue.
   */
  isFullFor(tenantId: string): boolean {
    return this.writer.isFullFor(tenantId);
  }

  /** Records that are not stored yet. */
  get backlog(): number {
    return this.writer.backlog;
  }

  /**
   * Resolves when the record is stored. Rejects when it is dropped because the backlog is full, storage refused it or
   * the writer is closed.
   *
   * @param soon whether somebody waits for the record; it is then written without waiting for further records
   */
  add(record: T, soon = false): Promise<void> {
    const stored = this.writer.add(record, soon);
    stored.catch((error: unknown) => this.drop(record, error));
    return stored;
  }

  /** Resolves when there is room for this tenant's records again, or the writer is closed. */
  whenReady(tenantId: string): Promise<void> {
    return this.writer.whenReady(tenantId);
  }

  /**
   * Sets `rescue`, which gets records for which there is no room or no time. It returns true if it has kept the
   * record.
   */
  rescueWith(rescue: (record: T) => boolean): void {
    this.rescue = rescue;
  }

  /** Waits until everything added so far is stored or dropped. Returns false if that takes longer than `timeoutMs`. */
  flush(timeoutMs: number): Promise<boolean> {
    return this.writer.flush(timeoutMs);
  }

  /** How many records were neither stored nor rescued. */
  get lost(): number {
    return this.dropped;
  }

  /**
   * Waits until everything is stored or dropped, as long as there is progress. Returns false when nothing was stored
   * for `stallMs`, or `mayGoOn` returned false.
   */
  async catchUp(stallMs: number, mayGoOn: () => boolean = () => true): Promise<boolean> {
    for (let before = Infinity; this.backlog < before && (before === Infinity || mayGoOn());) {
      before = this.backlog;
      if (await this.writer.flush(stallMs)) return true;
    }
    return false;
  }

  /**
   * Stores what is left, as {@link catchUp} does, and accepts nothing more. What can't be stored is rescued or dropped;
   * returns how many records that were.
   */
  async close(stallMs: number, mayGoOn?: () => boolean): Promise<number> {
    await this.catchUp(stallMs, mayGoOn);
    const left = await this.writer.close(0);
    // After this turn, every rejection has reached `drop`.
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
    const { about, details } = this.kind.describe(record);
    this.logger.error(
      lineAbout(
        { ...about, tenantId },
        () =>
          count === 1
            ? `Lost 1 of the ${this.kind.name}: it could not be stored`
            : `Lost ${count} more ${this.kind.name}: they could not be stored; this is the last one`,
        { count, why: messageOf(error), ...(cause === undefined ? {} : { cause }), record: details },
      ),
    );
  }
}
