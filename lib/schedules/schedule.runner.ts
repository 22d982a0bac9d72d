import { setTimeout as sleep } from 'node:timers/promises';
import type { DurableEventBuffer } from '../buffer/durable-event-buffer.js';
import type { EventBuffer } from '../buffer/event-buffer.js';
import { isDurable } from '../buffer/durable-event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { SCHEDULE_EVENT_TYPE } from '../common/event-type-name.js';
import type { Clock } from '../common/clock.js';
import { isOutage, sqlStateOf } from '../common/database-failure.js';
import { messageOf } from '../common/errors.js';
import { lineAbout, type LogSubject } from '../common/log-line.js';
import { Outage } from '../common/outage.js';
import { inOwnContext } from '../common/own-context.js';
import { PrintableLogger } from '../common/printable-logger.js';
import { TenantRotation } from '../common/tenant-rotation.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { within } from '../common/within.js';
import type { DeadLetterQueueRepository } from '../dead-letter/store/dead-letter-queue.repository.js';
import type { ExecutionService } from '../execution/execution.service.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import type { ScriptIndex } from '../scripts/script-index.js';
import type { ScriptIndexSync } from '../scripts/script-index.sync.js';
import { type ClaimSettings, ScheduleClaim } from './schedule.claim.js';
import { ScheduleClaimError } from './schedule.errors.js';
import type { ClaimedRow, EndedRun, ScheduleRepository } from './schedule.repository.js';
import type { ScheduleRuns } from './schedule.runs.js';
import type { ScheduleRow } from './schedule.types.js';
import type { ScriptSpans } from '../tracing/script-spans.js';
import type { ScheduledEventQueue } from './scheduled-event.queue.js';

/** Most schedules that one statement claims. */
const BATCH = 200;
/** The same while the buffer in memory is full. Events of tenants with few events then replace others. */
const INTO_FULL = 10;
/** Shortest pause between two looks, in milliseconds, and the one after a fault or while the buffer is full. */
const PAUSE_MS = 100;
const FAULT_PAUSE_MS = 1_000;
/** Milliseconds after which an event that found no place in the buffer is tried again. */
const PUT_BACK_MS = 5_000;
/** A schedule that can't be claimed is tried again after so many milliseconds. */
const POSTPONED_MS = 60_000;
/** If the database's clock is set back by less than so many milliseconds, schedules are left as they are. */
const CLOCK_TOLERANCE_MS = 60_000;
const LOCK_TIMEOUT = '55P03';

export interface ScheduleRunnerSettings extends ClaimSettings {
  /** Longest time between two looks at the database, in milliseconds. */
  pollMs: number;
}

/** What the runner needs. */
export interface ScheduleRunnerParts {
  repository: ScheduleRepository;
  runs: ScheduleRuns;
  queue: ScheduledEventQueue;
  buffer: EventBuffer;
  index: Pick<ScriptIndex, 'get' | 'nameOf'>;
  indexSync: Pick<ScriptIndexSync, 'refresh'>;
  executions: Pick<ExecutionService, 'completionOf'>;
  deadLetters: Pick<DeadLetterQueueRepository, 'has'>;
  metrics: MetricsRecorder;
  clock: Clock;
  spans: Pick<ScriptSpans, 'publish'>;
}

/** What this process has done with schedules since it started. */
export interface ScheduleStats {
  /** Whether this process makes events of schedules. */
  running: boolean;
  fired: number;
  missed: number;
  skipped: number;
  /** Whether the database is unreachable (`away`), or something else keeps it from working (`failing`). */
  away: boolean;
  failing: boolean;
  /** Milliseconds since the database last answered; null when it has not yet. */
  sinceLookMs: number | null;
}

/**
 * Makes an event of each time of each schedule.
 *
 * ```
 * asleep until the next time, at most `pollMs` ──► what is due? ──► claim it, a batch of tenants in turn:
 *      ▲                                                             lock, decide, store the next time and the event
 *      └──────────────── nothing more is due ◄──────────────────────┘
 * ```
 *
 * The database's clock decides what is due, and a lock on the schedule's row which process acts, so any number of
 * processes together make one event for each time. With a durable buffer the event is stored in the same transaction. In
 * memory it is queued afterwards, and the row holds a lease with the name of the process: it begins the run only while it
 * has the lease, and if it dies, the time is due again.
 */
export class ScheduleRunner {
  private readonly logger = new PrintableLogger('Schedules');
  private readonly log: ThrottledLog;
  private readonly outage = new Outage(this.logger, {
    begins: 'Schedules wait because the database is unavailable',
    ends: 'The database is back; schedules continue.',
    fails: 'Schedules fail',
  });
  private readonly durable: DurableEventBuffer | null;
  private readonly rotation = new TenantRotation();
  private readonly unknown = ScheduleClaim.unknownScripts();
  private readonly stopping = new AbortController();
  private waking = new AbortController();
  private loop: Promise<void> | undefined;
  private readonly counts = { fired: 0, missed: 0, skipped: 0 };
  private lookedAt: number | null = null;
  /** The database's time at a moment of this process's monotonic clock. */
  private seen: { now: number; at: number } | undefined;
  /** The database's time since which it has answered every look of this process. */
  private watchedSince: number | undefined;
  /** So many of the next claims take one schedule each, to find the one that fails. */
  private singly = 0;

  constructor(
    private readonly parts: ScheduleRunnerParts,
    private readonly settings: ScheduleRunnerSettings,
  ) {
    const { buffer, clock, runs } = parts;
    this.durable = isDurable(buffer) ? buffer : null;
    this.log = new ThrottledLog(this.logger, clock);
    runs.onWaited = () => this.poke();
  }

  /** Starts looking for schedules that are due. A second call does nothing. */
  start(): void {
    if (this.stopping.signal.aborted) return;
    this.loop ??= inOwnContext(() => this.go());
  }

  /** Looks again soon, because something may be due earlier than was known. */
  poke(): void {
    this.waking.abort();
  }

  /** Claims nothing more, and waits up to `graceMs` for the claim under way. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    this.waking.abort();
    if (this.loop) await within(this.loop, graceMs);
    this.log.tell();
  }

  stats(): ScheduleStats {
    const sinceLookMs = this.lookedAt === null ? null : Math.round(performance.now() - this.lookedAt);
    const { isOn: away, isFailing: failing } = this.outage;
    const running = this.loop !== undefined && !this.stopping.signal.aborted;
    return { running, ...this.counts, away, failing, sinceLookMs };
  }

  /** Milliseconds that the time that is most overdue has been due, on whatever node; 0 if none is. */
  async overdueMs(): Promise<number> {
    const { dueInMs } = await this.parts.repository.untilDue();
    return Math.max(0, -(dueInMs ?? 0));
  }

  /**
   * Acts on every schedule that is due. Resolves with the milliseconds until the next look. Never rejects. @internal
   * for tests
   */
  async look(): Promise<number> {
    try {
      const wait = await this.lookOnce();
      this.outage.worked();
      return wait;
    } catch (error) {
      this.watchedSince = undefined;
      this.outage.failed(error);
      return FAULT_PAUSE_MS;
    }
  }

  private async go(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.waking = new AbortController();
      const wait = await this.look();
      // A wake-up during the shortest pause is not lost: the signal stays aborted.
      await sleep(PAUSE_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      await sleep(Math.max(0, wait - PAUSE_MS), undefined, { signal: this.waking.signal }).catch(
        () => undefined,
      );
    }
  }

  private async lookOnce(): Promise<number> {
    let { dueInMs: left } = await this.untilDue();
    if (left !== null && left <= 0) {
      if (await this.claimAll()) return FAULT_PAUSE_MS;
      left = (await this.untilDue()).dueInMs;
    }
    const { pollMs } = this.settings;
    return left === null ? pollMs : Math.min(pollMs, Math.max(0, Math.ceil(left)));
  }

  private async untilDue(): Promise<{ dueInMs: number | null }> {
    const { repository } = this.parts;
    const answer = await repository.untilDue();
    const at = performance.now();
    const { seen } = this;
    this.seen = { now: answer.now, at };
    // A process that stood still has seen nothing meanwhile, and so may have all others.
    if (seen && at - seen.at > this.settings.leaseMs + this.settings.pollMs) this.watchedSince = undefined;
    this.watchedSince ??= answer.now;
    this.lookedAt = at;
    if (seen && answer.now - seen.now >= at - seen.at - CLOCK_TOLERANCE_MS) return answer;
    // Also at the start, because the clock may have been set back while no process ran.
    const mended = await repository.mend(CLOCK_TOLERANCE_MS);
    if (mended === 0) return answer;
    this.logger.warn(
      `The clock of the database was set back; the next times of ${mended} schedules are computed anew.`,
    );
    return repository.untilDue();
  }

  /** Claims batch after batch. Resolves with true if the buffer has no room for more. */
  private async claimAll(): Promise<boolean> {
    while (!this.stopping.signal.aborted) {
      const { limit, full } = this.room();
      let rows: ClaimedRow[];
      try {
        rows = await this.rotation.claim(limit, (most, after) => this.claim(most, after));
      } catch (error) {
        if (!(await this.isolated(error))) throw error;
        continue;
      }
      if (this.singly > 0) this.singly -= 1;
      if (full) return true;
      if (rows.length < limit) return false;
    }
    return false;
  }

  /** How many schedules may be claimed now. */
  private room(): { limit: number; full: boolean } {
    const { depth, capacity } = this.parts.buffer.stats();
    const free = capacity === null ? Infinity : Math.floor((capacity - depth) / 2);
    const limit = this.singly > 0 ? 1 : Math.min(BATCH, Math.max(INTO_FULL, free));
    return { limit, full: free < INTO_FULL };
  }

  private async claim(limit: number, after: string): Promise<ClaimedRow[]> {
    const { repository, index, runs, clock, spans } = this.parts;
    const times = { enqueuedAt: clock.now(), watchedSince: this.watchedSince ?? Infinity };
    const work = new ScheduleClaim(index, runs, this.durable, times, this.settings, this.unknown, spans);
    const claimedAt = performance.now();
    const rows = await repository.claim(limit, after, work);
    this.count(rows);
    if (!this.durable) await this.queue(rows, claimedAt);
    for (const { row, error } of work.left.faults)
      this.log.error(
        `fault ${row.tenantId}`,
        lineAbout(
          this.subjectOf(row.tenantId, row.scriptId),
          ({ script, ofTenant }) =>
            `The schedule ${JSON.stringify(row.cron)} in ${row.timezone} of script ${script}${ofTenant} can't be read: ${messageOf(error)}`,
        ),
      );
    for (const scriptId of work.left.unknown) await this.parts.indexSync.refresh(scriptId);
    for (const row of work.left.lost) await this.lost(row);
    return rows;
  }

  private async queue(rows: readonly ClaimedRow[], claimedAt: number): Promise<void> {
    const fired = rows.flatMap(({ planned }) =>
      planned?.event ? [{ ...planned.row, event: planned.event }] : [],
    );
    if (fired.length === 0) return;
    const { queue, runs, repository } = this.parts;
    // Must come before the events are queued, because a run may end immediately.
    runs.opened(fired, claimedAt);
    const placeless = queue.queueScheduled(fired.map(({ event }) => event));
    if (placeless.length === 0) return;
    runs.forget(placeless);
    await repository.putBack(placeless.map(runOf), runs.owner, PUT_BACK_MS);
  }

  /**
   * Handles a run whose process is gone: the run has ended if its record or dead letter is stored; otherwise its time
   * becomes due again.
   */
  private async lost({ tenantId, scriptId, open }: ScheduleRow): Promise<void> {
    if (!open) return;
    const { executions, deadLetters, repository, runs } = this.parts;
    const { eventId } = open;
    const ended =
      (await executions.completionOf(tenantId, scriptId, eventId)) !== null ||
      (await deadLetters.has(tenantId, scriptId, eventId));
    const lost = [{ tenantId, scriptId, eventId }];
    if (ended) await repository.ended(lost, runs.owner);
    else await repository.putBack(lost, runs.owner, 0);
  }

  private count(rows: readonly ClaimedRow[]): void {
    const { metrics } = this.parts;
    let missed = 0;
    let skipped = 0;
    const now = this.databaseNow();
    for (const { planned } of rows) {
      if (!planned) continue;
      missed += planned.plan.missed;
      skipped += planned.plan.skipped;
      if (planned.plan.fire === null || !planned.event) continue;
      this.counts.fired += 1;
      metrics.eventReceived(SCHEDULE_EVENT_TYPE);
      metrics.eventMatched(SCHEDULE_EVENT_TYPE, 1);
      metrics.scheduleFired(Math.max(0, now - planned.plan.fire));
    }
    if (missed > 0) metrics.schedulePassed('missed', missed);
    if (skipped > 0) metrics.schedulePassed('skipped', skipped);
    this.counts.missed += missed;
    this.counts.skipped += skipped;
    if (missed > 0)
      this.log.warn(
        'missed',
        `${missed} times of schedules were missed because no process acted on them in time. Schedules with catchUp "one" run once for them.`,
      );
  }

  private databaseNow(): number {
    const { seen } = this;
    return seen ? seen.now + performance.now() - seen.at : Number.NaN;
  }

  /**
   * After a batch failed, claims its schedules one by one, and postpones the one that fails by itself. Resolves with
   * false if the failure has nothing to do with a schedule.
   */
  private async isolated(error: unknown): Promise<boolean> {
    const blames =
      error instanceof ScheduleClaimError && (!isOutage(error) || sqlStateOf(error) === LOCK_TIMEOUT);
    if (!blames) return false;
    const [first, ...others] = error.schedules;
    this.singly = BATCH;
    if (!first || others.length > 0) return true;
    const { repository, index } = this.parts;
    await repository.postpone([first], POSTPONED_MS);
    this.log.error(
      `failed ${first.scriptId}`,
      lineAbout(
        this.subjectOf(index.get(first.scriptId)?.tenantId, first.scriptId),
        ({ script, ofTenant }) =>
          `The schedule ${JSON.stringify(first.cron)} of script ${script}${ofTenant} can't be run and is tried again in a minute: ${messageOf(error.cause)}`,
      ),
    );
    return true;
  }

  private subjectOf(tenantId: string | undefined, scriptId: string): LogSubject {
    return { tenantId, scriptId, scriptName: this.parts.index.nameOf(scriptId) };
  }
}

const runOf = ({ scriptId, tenantId, id }: QueuedEvent): EndedRun => ({ scriptId, tenantId, eventId: id });
