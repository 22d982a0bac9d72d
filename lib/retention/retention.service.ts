import { setTimeout as sleep } from 'node:timers/promises';
import type { SchedulerRegistry } from '@nestjs/schedule';
import { PrintableLogger } from '../common/printable-logger.js';
import { lineAbout } from '../common/log-line.js';
import type { Clock } from '../common/clock.js';
import { DatabaseAwayError } from '../common/database-failure.js';
import { Outage } from '../common/outage.js';
import { inOwnContext } from '../common/own-context.js';
import { within } from '../common/within.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { RETAINED_KINDS, RETAINED_ROWS, type RetainedKind } from './retained-rows.js';
import type { DeletedBatch, DeletionRequest, RetentionRepository } from './retention.repository.js';
import type {
  RetentionOutcome,
  RetentionSettings,
  RetentionStats,
  RetentionSummary,
} from './retention.types.js';
import { formatDuration } from '../common/duration-text.js';

/** The interval of retention in the host's `SchedulerRegistry`. @internal for tests */
export const RETENTION_INTERVAL = 'scripts-event:retention';

/**
 * The first round starts at a random moment within this many milliseconds, so that processes that start together don't
 * delete together.
 */
const FIRST_ROUND_WITHIN_MS = 60_000;
/** Pause after a round that failed; after each further one it is twice as long, up to the interval. */
const AFTER_FAILURE_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * Deletes execution records and closed dead letters by age: on an interval, in small batches with pauses. It may run in
 * any number of processes: only one deletes at a time, and the others skip their round meanwhile.
 *
 * @publicApi
 */
export class RetentionService {
  private readonly logger = new PrintableLogger(RetentionService.name);
  private readonly outage = new Outage(this.logger, {
    begins: 'Retention will be retried later',
    ends: 'The database is back; retention continues.',
    fails: 'Retention fails',
  });
  private readonly stopping = new AbortController();
  private underWay: Promise<RetentionSummary> | undefined;
  /** The first round, or one more after one that failed. */
  private extraRound: NodeJS.Timeout | undefined;
  private failures = 0;
  private lastSuccessAt: number | null = null;
  private lastOutcome: RetentionOutcome | null = null;
  private startedAt: number | null = null;

  /** @internal */
  constructor(
    private readonly repository: RetentionRepository,
    private readonly metrics: MetricsRecorder,
    private readonly scheduler: SchedulerRegistry,
    private readonly clock: Clock,
    private readonly settings: RetentionSettings,
  ) {}

  /** Begins the interval, which the host's `SchedulerRegistry` lists. A second call does nothing. @internal */
  start(): void {
    if (this.stopping.signal.aborted || this.scheduler.doesExist('interval', RETENTION_INTERVAL)) return;
    const { intervalMs } = this.settings;
    this.startedAt = this.clock.now();
    this.scheduler.addInterval(
      RETENTION_INTERVAL,
      setInterval(() => void this.run(), intervalMs),
    );
    this.runIn(Math.random() * Math.min(FIRST_ROUND_WITHIN_MS, intervalMs));
  }

  /**
   * Runs one round: deletes rows until none is too old, for up to `retention.maxRoundTime`. Simultaneous calls share
   * one round. Never rejects: `outcome` says how it ended, and the log says why.
   *
   * For hosts that schedule retention themselves, with `retention.enabled: false`.
   */
  run(): Promise<RetentionSummary> {
    this.underWay ??= inOwnContext(() => this.round()).finally(() => (this.underWay = undefined));
    return this.underWay;
  }

  stats(): RetentionStats {
    const { lastSuccessAt, lastOutcome, startedAt } = this;
    return { lastSuccessAt, lastOutcome, startedAt, running: this.underWay !== undefined };
  }

  /** Starts no further batch, and waits up to `graceMs` for the current one. @internal */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.extraRound);
    this.startedAt = null;
    if (this.scheduler.doesExist('interval', RETENTION_INTERVAL))
      this.scheduler.deleteInterval(RETENTION_INTERVAL);
    if (this.underWay) await within(this.underWay, graceMs);
  }

  private async round(): Promise<RetentionSummary> {
    const begin = performance.now();
    const deleted = Object.fromEntries(RETAINED_KINDS.map((kind) => [kind, 0])) as Record<
      RetainedKind,
      number
    >;
    let outcome: RetentionOutcome = 'done';
    try {
      for (const kind of RETAINED_KINDS) {
        if (outcome === 'done') outcome = await this.deleteAll(kind, begin, deleted);
      }
      this.outage.worked();
      this.failures = 0;
    } catch (error) {
      this.outage.failed(error);
      outcome = 'failed';
      this.runAgainSoon();
    }
    return this.ended({ outcome, deleted, durationMs: Math.round(performance.now() - begin) });
  }

  /**
   * Plans an extra round, because an outage of a minute must not cost a whole interval. A host that schedules retention
   * itself gets no extra round.
   */
  private runAgainSoon(): void {
    const pauseMs = AFTER_FAILURE_MS * 2 ** this.failures;
    this.failures += 1;
    if (this.startedAt !== null && pauseMs < this.settings.intervalMs) this.runIn(pauseMs);
  }

  private runIn(ms: number): void {
    clearTimeout(this.extraRound);
    this.extraRound = setTimeout(() => void this.run(), ms).unref();
  }

  private ended(summary: RetentionSummary): RetentionSummary {
    const { outcome, deleted } = summary;
    this.lastOutcome = outcome;
    if (outcome === 'done') this.lastSuccessAt = this.clock.now();
    if (Object.values(deleted).some((count) => count > 0))
      this.logger.log(lineAbout({}, () => 'Retention deleted old rows.', summary));
    return summary;
  }

  private async deleteAll(
    kind: RetainedKind,
    begin: number,
    deleted: RetentionSummary['deleted'],
  ): Promise<RetentionOutcome> {
    const { ages, batchSize: limit, batchPauseMs, maxRoundTimeMs } = this.settings;
    const olderThanMs = ages[kind];
    if (olderThanMs === Number.POSITIVE_INFINITY) return 'done';
    for (let from: string | null = null; ;) {
      if (this.stopping.signal.aborted) return 'stopped';
      const batch = await this.deleteBatch({ kind, olderThanMs, limit, from });
      if (batch.busy) return 'busy';
      deleted[kind] += batch.deleted;
      if (batch.deleted > 0) this.metrics.retentionDeleted(RETAINED_ROWS[kind], batch.deleted);
      if (batch.deleted < limit) return 'done';
      if (performance.now() - begin + batchPauseMs >= maxRoundTimeMs) return 'more';
      from = batch.reached;
      await sleep(batchPauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  /**
   * Counts a statement that hangs as failed, such as after a connection was cut silently. Otherwise retention would
   * never run again.
   */
  private async deleteBatch(request: DeletionRequest): Promise<DeletedBatch> {
    const timeoutMs = this.settings.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
    const batch = this.repository.deleteBatch(request);
    if ((await within(batch, timeoutMs)) === 'done') return batch;
    throw new DatabaseAwayError(
      `a batch of ${request.kind} did not finish within ${formatDuration(timeoutMs)}`,
    );
  }
}
