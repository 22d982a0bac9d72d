import type { LRUCache } from 'lru-cache';
import { isDurable, type DurableEventBuffer } from '../buffer/durable-event-buffer.js';
import type { EventBuffer } from '../buffer/event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { Clock } from '../common/clock.js';
import { isOutage, sqlStateOf } from '../common/database-failure.js';
import { messageOf } from '../common/errors.js';
import { SCHEDULE_EVENT_TYPE } from '../common/event-type-name.js';
import { lineAbout, type LogSubject } from '../common/log-line.js';
import { TenantRotation } from '../common/tenant-rotation.js';
import type { ThrottledLog } from '../common/throttled-log.js';
import type { DeadLetterQueueRepository } from '../dead-letter/store/dead-letter-queue.repository.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import type { ScriptIndex } from '../scripts/script-index.js';
import type { ScriptIndexSync } from '../scripts/script-index.sync.js';
import type { ScriptSpans } from '../tracing/script-spans.js';
import { type ClaimSettings, ScheduleClaim } from './schedule.claim.js';
import { ScheduleClaimError } from './schedule.errors.js';
import type { ClaimedRow, NamedRun, ScheduleRepository } from './schedule.repository.js';
import type { ScheduleRuns } from './schedule.runs.js';
import type { ScheduleRow } from './schedule.types.js';
import type { ScheduleWatch } from './schedule.watch.js';
import type { ScheduledEventQueue } from './scheduled-event.queue.js';

/** Most schedules that one statement claims. */
const BATCH = 200;
/**
 * Most schedules that one statement claims while the memory buffer is full. Then events of tenants with few events
 * displace others.
 */
const INTO_FULL = 10;
/** How long an event waits before the next attempt if the buffer had no room for it, in milliseconds. */
const PUT_BACK_MS = 5_000;
/** How long a schedule that can't be claimed waits before the next attempt, in milliseconds. */
const POSTPONED_MS = 60_000;
const LOCK_TIMEOUT = '55P03';

/**
 * Says whether an event has already run. Declared here, because the published types of `ExecutionService` leave this
 * method out.
 */
interface Completions {
  completionOf(tenantId: string, scriptId: string, eventId: string): Promise<string | null>;
}

/** The parts that acting on schedules needs. */
export interface ScheduleParts {
  repository: ScheduleRepository;
  runs: ScheduleRuns;
  queue: ScheduledEventQueue;
  buffer: EventBuffer;
  index: Pick<ScriptIndex, 'get' | 'nameOf'>;
  indexSync: Pick<ScriptIndexSync, 'refresh'>;
  executions: Completions;
  deadLetters: Pick<DeadLetterQueueRepository, 'has'>;
  metrics: MetricsRecorder;
  clock: Clock;
  spans: Pick<ScriptSpans, 'publish'>;
}

/**
 * Acts on the schedules that are due, batch after batch: claims them, tenants in turn, and queues the events that a
 * durable buffer has not stored with the claim.
 */
export class ScheduleBatches {
  private readonly durable: DurableEventBuffer | null;
  private readonly rotation = new TenantRotation();
  private readonly unknown: LRUCache<string, true> = ScheduleClaim.unknownScripts();
  private readonly counted = { fired: 0, missed: 0, skipped: 0 };
  /** How many of the next claims take one schedule each, to find the one that fails. */
  private singly = 0;

  constructor(
    private readonly parts: ScheduleParts,
    private readonly settings: ClaimSettings,
    private readonly watch: Pick<ScheduleWatch, 'now' | 'unbrokenSince'>,
    private readonly log: ThrottledLog,
  ) {
    this.durable = isDurable(parts.buffer) ? parts.buffer : null;
  }

  /** Counts times on which this process acted and times that were missed. */
  get counts(): { fired: number; missed: number; skipped: number } {
    return { ...this.counted };
  }

  /**
   * Claims until nothing more is due. Resolves with true if the buffer has no room for more.
   *
   * @throws the error of the database
   */
  async claimAll(stopping: AbortSignal): Promise<boolean> {
    while (!stopping.aborted) {
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
    const times = { enqueuedAt: clock.now(), watchedSince: this.watch.unbrokenSince };
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
    const { now } = this.watch;
    for (const { planned } of rows) {
      if (!planned) continue;
      missed += planned.plan.missed;
      skipped += planned.plan.skipped;
      if (planned.plan.fire === null || !planned.event) continue;
      this.counted.fired += 1;
      metrics.eventReceived(SCHEDULE_EVENT_TYPE);
      metrics.eventMatched(SCHEDULE_EVENT_TYPE, 1);
      metrics.scheduleFired(Math.max(0, now - planned.plan.fire));
    }
    if (missed > 0) metrics.schedulePassed('missed', missed);
    if (skipped > 0) metrics.schedulePassed('skipped', skipped);
    this.counted.missed += missed;
    this.counted.skipped += skipped;
    if (missed > 0)
      this.log.warn(
        'missed',
        `${missed} times of schedules were missed because no process acted on them in time. Schedules with catchUp "one" run once for them.`,
      );
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

const runOf = ({ scriptId, tenantId, id }: QueuedEvent): NamedRun => ({ scriptId, tenantId, eventId: id });
