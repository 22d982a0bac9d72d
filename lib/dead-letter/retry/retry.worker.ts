import { setTimeout as sleep } from 'node:timers/promises';
import type { SchedulerRegistry } from '@nestjs/schedule';
import { PrintableLogger } from '../../common/printable-logger.js';
import { databaseFailureOf, isOutage } from '../../common/database-failure.js';
import { messageOf } from '../../common/errors.js';
import { lineAbout, type LogSubject } from '../../common/log-line.js';
import { keptWorkers } from '../../common/kept-workers.js';
import { instant } from '../../common/instant.js';
import { Outage } from '../../common/outage.js';
import { SystemClock } from '../../common/clock.js';
import { ThrottledLog } from '../../common/throttled-log.js';
import { inOwnContext } from '../../common/own-context.js';
import { within } from '../../common/within.js';
import type { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import type { ExhaustionListener } from '../dead-letter.writer.js';
import type { DeadLetterExecutor } from './dead-letter.executor.js';
import type { DeadLetterQueueRepository } from '../store/dead-letter-queue.repository.js';
import type { ClaimedDeadLetter, RetryMark } from '../dead-letter.types.js';
import { DueEntries } from './due-entries.js';
import { type LeasedEntry, LeaseKeeper } from './lease-keeper.js';
import type { RetryStrategy } from './retry.strategy.js';
import { poisonVerdict, retryVerdict, type RetryVerdict } from './retry.verdict.js';
import {
  EMPTY_TICK,
  RETRY_WORKER_DEFAULTS,
  type RetryWorkerOptions,
  type TickSummary,
} from './retry-worker.options.js';

/** The worker's interval in the host's `SchedulerRegistry`. @internal for tests */
export const RETRY_INTERVAL = 'scripts-event:retry-worker';

/** Number of batches after which a tick ends, so that its other work gets done; the next tick follows immediately. */
const MAX_BATCHES_PER_TICK = 50;
/** How many milliseconds a cancelled run gets to end. A child process is killed within one second. */
const CANCEL_GRACE_MS = 3_000;

/**
 * Runs due dead letters again, on an interval, one tick at a time. Any number of processes share the work: one process
 * claims each entry with a lease. It prolongs the lease while the script runs, and checks it before each binding call;
 * a result that arrives after the lease has ended is refused. A retry that fails updates its dead letter and never
 * makes a second one.
 */
export class RetryWorker {
  private readonly logger = new PrintableLogger(RetryWorker.name);
  /** For messages that may come with each dead letter. */
  private readonly log = new ThrottledLog(this.logger, new SystemClock());
  private readonly options: RetryWorkerOptions;
  private readonly leases: LeaseKeeper;
  private readonly totals: TickSummary = { ...EMPTY_TICK };
  /** Aborts at the end of a stop's grace periods: nothing is written after that. */
  private readonly abandoned = new AbortController();
  private underWay: Promise<TickSummary> | undefined;
  private due: DueEntries | undefined;
  private again = false;
  private readonly outage = new Outage(this.logger, {
    begins: 'Retries are waiting for the database',
    ends: 'The database is back; retries continue.',
    fails: 'Retrying dead letters fails',
  });
  private lookedAt: number | null = null;
  private stopping: Promise<void> | undefined;

  /** @internal */
  constructor(
    private readonly repository: DeadLetterQueueRepository,
    private readonly executor: DeadLetterExecutor,
    private readonly strategy: RetryStrategy,
    private readonly alerts: ExhaustionListener,
    private readonly metrics: MetricsRecorder,
    private readonly scheduler: SchedulerRegistry,
    options: Partial<RetryWorkerOptions> = {},
  ) {
    this.options = { ...RETRY_WORKER_DEFAULTS, ...options };
    this.leases = new LeaseKeeper(repository, this.options.leaseMs, (entry) =>
      this.log.warn(
        'lease',
        lineAbout(
          subjectOf(entry),
          ({ deadLetter }) =>
            `Dead letter${deadLetter}: this process lost its lease and aborted the run; another process may run it`,
        ),
      ),
    );
  }

  /** Runs a tick immediately and then on the interval, which the host's `SchedulerRegistry` lists. */
  start(): void {
    if (this.stopping || this.scheduler.doesExist('interval', RETRY_INTERVAL)) return;
    // @Interval takes constants only and overlaps with itself; tick() does not.
    const interval = setInterval(() => void this.tick(), this.options.intervalMs);
    this.scheduler.addInterval(RETRY_INTERVAL, interval);
    this.poke();
  }

  /** Looks for due entries soon, without waiting for the interval. Returns at once and never throws. */
  poke(): void {
    this.again = this.underWay !== undefined;
    void this.tick();
  }

  /**
   * Runs due dead letters until none is left or a limit is reached. Simultaneous calls share one tick, which then looks
   * again. Never rejects: while the database is unavailable nothing is claimed, and the next tick tries again.
   */
  tick(): Promise<TickSummary> {
    if (this.stopping) return Promise.resolve({ ...EMPTY_TICK });
    this.due?.lookAgain();
    this.underWay ??= inOwnContext(() => this.run()).finally(() => {
      this.underWay = undefined;
      if (!this.again) return;
      this.again = false;
      void this.tick();
    });
    return this.underWay;
  }

  /**
   * What this process has done since it started, how many retries it runs now, whether it reaches the database, whether
   * something else keeps it from working, and how many milliseconds ago the database last answered (null when it has
   * not yet).
   */
  stats(): TickSummary & { running: number; away: boolean; failing: boolean; sinceLookMs: number | null } {
    const sinceLookMs = this.lookedAt === null ? null : Math.round(performance.now() - this.lookedAt);
    const { isOn: away, isFailing: failing } = this.outage;
    return { ...this.totals, running: this.leases.size, away, failing, sinceLookMs };
  }

  /**
   * Claims nothing more, waits up to `graceMs` for running retries, then cancels them. Incomplete ones are released,
   * due as before, and their attempts don't count. A second call waits for the first.
   */
  stop(graceMs: number): Promise<void> {
    this.stopping ??= this.stopOnce(graceMs).finally(() => this.log.tell());
    return this.stopping;
  }

  private async stopOnce(graceMs: number): Promise<void> {
    if (this.scheduler.doesExist('interval', RETRY_INTERVAL)) this.scheduler.deleteInterval(RETRY_INTERVAL);
    if (!this.underWay) return;
    const released = this.releaseUnused();
    const ended = Promise.all([this.underWay, released]);
    if ((await within(ended, graceMs)) === 'done') return;
    this.leases.abortAll();
    if ((await within(ended, CANCEL_GRACE_MS)) === 'done') return;
    this.abandoned.abort();
    this.logger.warn(`${this.leases.size} retries did not finish; they run again when their leases expire`);
  }

  private async run(): Promise<TickSummary> {
    const summary = { ...EMPTY_TICK };
    try {
      summary.discarded = await this.repository.discardOrphans();
      await this.drain(summary);
      this.outage.worked();
    } catch (error) {
      this.outage.failed(error);
    }
    for (const key of Object.keys(summary) as (keyof TickSummary)[]) this.totals[key] += summary[key];
    if (!this.stopping) this.alerts.poke();
    return summary;
  }

  private async drain(summary: TickSummary): Promise<void> {
    const { batchSize, concurrency, severalTenants, heavyTenants } = this.options;
    const due = new DueEntries({
      claim: (limit, besides) => this.claim(limit, besides, summary),
      batchSize,
      places: concurrency,
      kept: () => keptWorkers(concurrency, severalTenants()),
      heavyTenants,
      most: batchSize * MAX_BATCHES_PER_TICK,
    });
    this.due = due;
    const runners = Array.from({ length: concurrency }, async () => {
      for (let leased = await due.next(); leased; leased = await due.next()) {
        await this.retry(leased, summary).finally(() => due.done(leased!));
      }
    });
    const results = await Promise.allSettled(runners);
    this.due = undefined;
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    if (due.moreMayBeDue) this.again = true;
  }

  private async claim(
    limit: number,
    besides: readonly string[],
    summary: TickSummary,
  ): Promise<LeasedEntry[]> {
    if (this.stopping) return [];
    const { leaseMs, owner } = this.options;
    const claimedAt = instant();
    const entries = await this.repository.getPendingRetries({ limit, leaseMs, owner, besides });
    this.lookedAt = performance.now();
    summary.claimed += entries.length;
    // Our own lease expired while the script still runs here: it must end before the entry may run again.
    const stillRunning = entries.filter(({ id }) => this.leases.loseOlder(id));
    const leased = entries
      .filter((entry) => !stillRunning.includes(entry))
      .map((entry) => this.leases.hold(entry, claimedAt));
    for (const { id, token } of stillRunning) {
      if (await this.repository.release(id, token, this.options.intervalMs)) summary.released += 1;
    }
    return leased;
  }

  private async retry(leased: LeasedEntry, summary: TickSummary): Promise<void> {
    try {
      const verdict = poisonVerdict(leased.entry) ?? (await this.execute(leased));
      // A running claim may take the entry after we release it and before that statement returns.
      leased.ended = true;
      if (verdict.status === 'released') await this.release(leased, verdict.delayMs, summary);
      else await this.write(leased, verdict, summary);
    } finally {
      this.leases.letGo(leased);
    }
  }

  private async execute(leased: LeasedEntry): Promise<RetryVerdict> {
    if (this.stopping || leased.lost) return { status: 'released' };
    const begin = performance.now();
    try {
      const result = await this.executor.execute(leased.entry, leased.signal, leased);
      // An entry that may not run now waits one interval for the next look at its script.
      if (result.status === 'not-run') return { status: 'released', delayMs: this.options.intervalMs };
      // The worker cancelled the run, so the script has not failed.
      const cancelled =
        leased.signal.aborted && result.status === 'failed' && result.error.kind === 'cancelled';
      if (cancelled) return { status: 'released' };
      return retryVerdict(leased.entry, result, Math.round(performance.now() - begin), this.strategy);
    } catch (error) {
      if (isOutage(error)) this.outage.failed(error);
      else
        this.log.error(
          `not executed ${leased.entry.tenantId}`,
          lineAbout(
            subjectOf(leased.entry),
            ({ deadLetter }) =>
              `Dead letter${deadLetter} could not be executed and will be retried: ${messageOf(error)}`,
          ),
        );
      return { status: 'released', delayMs: this.options.intervalMs };
    }
  }

  private async write(leased: LeasedEntry, mark: RetryMark, summary: TickSummary): Promise<void> {
    const { id, token } = leased.entry;
    const written = await this.persist(leased, () => this.repository.markRetried(id, token, mark));
    if (!written) {
      summary.lost += 1;
      const why = await this.whyUnwritten(leased);
      this.log.warn(
        `unwritten ${leased.entry.tenantId}`,
        lineAbout(
          subjectOf(leased.entry),
          ({ deadLetter }) =>
            `Dead letter${deadLetter}: the result of a retry (${mark.attempt.kind}) was ignored because ${why}`,
        ),
      );
      return;
    }
    const label = LABELS[mark.status];
    summary[label] += 1;
    this.metrics.retryFinished(label);
    if (mark.status === 'exhausted') this.alerts.poke();
  }

  /**
   * Why a result was not written: the script was deleted while it ran, somebody closed the dead letter, or its lease is
   * over.
   */
  private async whyUnwritten({ entry: { id, tenantId, token } }: LeasedEntry): Promise<string> {
    try {
      const now = await this.repository.get(tenantId, id);
      if (now === null) return 'the dead letter was deleted in the meantime';
      if (now.status === 'discarded')
        return `the dead letter was discarded in the meantime${now.note ? `: ${now.note}` : ''}`;
      if (now.lockedBy === token) return 'it could not be written';
    } catch {
      // The log line names the most likely reason.
    }
    return 'it arrived after the lease expired';
  }

  private async release(
    leased: LeasedEntry,
    delayMs: number | undefined,
    summary: TickSummary,
  ): Promise<void> {
    const { id, token } = leased.entry;
    if (await this.persist(leased, () => this.repository.release(id, token, delayMs))) summary.released += 1;
    else summary.lost += 1;
  }

  /** Stores the result of a run. While the database is unavailable, tries again as long as the claim may still hold. */
  private async persist(leased: LeasedEntry, write: () => Promise<boolean>): Promise<boolean> {
    for (let waitMs = 50; !this.abandoned.signal.aborted; waitMs = Math.min(2_000, waitMs * 2)) {
      try {
        return await write();
      } catch (error) {
        const hopeless = databaseFailureOf(error) === 'data' || leased.leftMs <= 0;
        if (isOutage(error)) this.outage.failed(error);
        else
          this.log.error(
            `not stored ${leased.entry.tenantId}`,
            lineAbout(
              subjectOf(leased.entry),
              ({ deadLetter }) =>
                `Dead letter${deadLetter}: its result could not be stored: ${messageOf(error)}`,
            ),
          );
        if (hopeless) return false;
        await sleep(waitMs, undefined, { signal: this.abandoned.signal }).catch(() => undefined);
      }
    }
    return false;
  }

  /** A stop immediately releases what was claimed and has not begun. */
  private async releaseUnused(): Promise<void> {
    for (const leased of (await this.due?.end()) ?? []) {
      await this.release(leased, undefined, this.totals);
      this.leases.letGo(leased);
    }
  }
}

const LABELS = { resolved: 'succeeded', pending: 'failed', exhausted: 'exhausted' } as const;

const subjectOf = ({ id, tenantId, scriptId, eventId }: ClaimedDeadLetter): LogSubject => ({
  tenantId,
  scriptId,
  eventId,
  deadLetterId: id,
});
