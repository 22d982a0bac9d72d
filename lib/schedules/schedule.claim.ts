import { LRUCache } from 'lru-cache';
import type { DurableEventBuffer, SqlConnection } from '../buffer/durable-event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { Slices } from '../common/slices.js';
import type { ScriptIndex } from '../scripts/script-index.js';
import { cronTimes } from './cron-times.js';
import { scheduledEvent } from './scheduled-event.js';
import { planOf, type SchedulePlan } from './schedule.plan.js';
import type { ClaimWork, PlannedSchedule } from './schedule.repository.js';
import type { ScheduleRuns } from './schedule.runs.js';
import type { ScriptSpans } from '../tracing/script-spans.js';
import type { OpenRun, ScheduleRow } from './schedule.types.js';

/** Milliseconds of work before the event loop gets a turn. */
const SLICE_MS = 5;
/**
 * How long a run from a durable buffer may delay the next time, in milliseconds. After that, the record of its end
 * counts as lost.
 */
const DURABLE_OPEN_MS = 86_400_000;
/**
 * How long until the next look at a schedule whose script is not in memory (at first, and later) or that failed, in
 * milliseconds.
 */
const UNKNOWN_MS = { first: 1_000, later: 60_000 };
const FAULT_MS = 60_000;
/** How many scripts that were not in memory are remembered. */
const REMEMBERED = 1_000;

export interface ClaimSettings {
  missedAfterMs: number;
  /** Milliseconds of the lease of a run in memory. */
  leaseMs: number;
  /**
   * How long the database must have answered every query of this process before it takes over a run whose lease has
   * ended, in milliseconds.
   */
  watchMs: number;
  maxExecutionsPerRoot: number;
}

/** Work that the caller does after the claim, because the claim's transaction may hold the host's only connection. */
export interface ClaimLeftovers {
  /** Schedules whose last run was lost with its process. */
  lost: ScheduleRow[];
  /** Ids of scripts that are not in memory. */
  unknown: Set<string>;
  /** Schedules that could not be read, with the error. */
  faults: { row: ScheduleRow; error: unknown }[];
}

/** Decides about the schedules that are due, and makes their events. */
export class ScheduleClaim implements ClaimWork {
  readonly left: ClaimLeftovers = { lost: [], unknown: new Set(), faults: [] };

  /** @param durable null for a buffer in memory */
  constructor(
    private readonly index: Pick<ScriptIndex, 'get'>,
    private readonly runs: Pick<ScheduleRuns, 'holds' | 'owner'>,
    private readonly durable: DurableEventBuffer | null,
    private readonly times: { enqueuedAt: number; watchedSince: number },
    private readonly settings: ClaimSettings,
    private readonly unknown: LRUCache<string, true>,
    private readonly spans: Pick<ScriptSpans, 'publish'>,
  ) {}

  static unknownScripts(): LRUCache<string, true> {
    return new LRUCache({ max: REMEMBERED, ttl: UNKNOWN_MS.later });
  }

  async plan(rows: readonly ScheduleRow[], now: number): Promise<PlannedSchedule[]> {
    const slices = new Slices(SLICE_MS);
    const planned: PlannedSchedule[] = [];
    for (const row of rows) {
      planned.push(this.planOne(row, now));
      await slices.next();
    }
    return planned;
  }

  async store(connection: SqlConnection, events: readonly QueuedEvent[]): Promise<void> {
    await this.durable?.enqueueIn(connection, events, { once: true });
  }

  private planOne(row: ScheduleRow, now: number): PlannedSchedule {
    try {
      const open = this.openOf(row, now);
      if (open === 'unsure') return this.later(row, now, this.unwatchedMs(now), () => undefined);
      if (open === 'lost') return this.takenOver(row, now);
      const script = this.index.get(row.scriptId);
      if (!script) return this.unknownScript(row, now);
      const since = row.open && !open ? row.open.at : row.previousAt;
      const plan = planOf(
        { ...row, open, previousAt: since },
        now,
        cronTimes(row.cron, row.timezone),
        this.settings,
      );
      if (plan.fire === null) return { row, plan, event: null, open };
      return this.fired(row, plan, plan.fire, now, script.ordering);
    } catch (error) {
      return this.later(row, now, FAULT_MS, () => this.left.faults.push({ row, error }));
    }
  }

  private fired(
    row: ScheduleRow,
    plan: SchedulePlan,
    at: number,
    now: number,
    ordering: Parameters<typeof scheduledEvent>[1]['ordering'],
  ): PlannedSchedule {
    const { durable, runs } = this;
    const { enqueuedAt } = this.times;
    const { maxExecutionsPerRoot, leaseMs } = this.settings;
    const event = scheduledEvent(
      { row, at, previousAt: plan.previousAt },
      { enqueuedAt, maxExecutionsPerRoot, ordering },
    );
    this.spans.publish([event], undefined);
    const until = now + (durable ? DURABLE_OPEN_MS : leaseMs);
    const open = { eventId: event.id, at, until, by: runs.owner };
    return { row, plan: { ...plan, dueAt: Math.min(plan.dueAt ?? Infinity, open.until) }, event, open };
  }

  /** The previous run, if it is still running. */
  private openOf({ open, scriptId }: ScheduleRow, now: number): OpenRun | null | 'lost' | 'unsure' {
    if (!open || open.until > now) return open;
    if (this.durable) return null;
    const mine = open.by === this.runs.owner && this.runs.holds(scriptId, open.eventId);
    if (mine) return { ...open, until: now + this.settings.leaseMs };
    return this.unwatchedMs(now) > 0 ? 'unsure' : 'lost';
  }

  /**
   * Milliseconds until the owner of an ended lease counts as dead. During an outage of the database, nobody could renew
   * a lease; after it, every living process does so within the duration of a lease.
   */
  private unwatchedMs(now: number): number {
    return this.times.watchedSince + this.settings.watchMs - now;
  }

  /** Makes this process the owner of the run, so that its former owner doesn't begin it if it is still alive. */
  private takenOver(row: ScheduleRow, now: number): PlannedSchedule {
    const planned = this.later(row, now, this.settings.leaseMs, () => this.left.lost.push(row));
    return { ...planned, open: planned.open && { ...planned.open, by: this.runs.owner } };
  }

  private unknownScript(row: ScheduleRow, now: number): PlannedSchedule {
    const { scriptId } = row;
    const pause = this.unknown.has(scriptId) ? UNKNOWN_MS.later : UNKNOWN_MS.first;
    this.unknown.set(scriptId, true);
    return this.later(row, now, pause, () => this.left.unknown.add(scriptId));
  }

  /** Leaves the schedule as it is, to be looked at again after the pause. */
  private later(row: ScheduleRow, now: number, pauseMs: number, note: () => void): PlannedSchedule {
    note();
    const { nextAt, previousAt, open } = row;
    const dueAt = now + pauseMs;
    const prolonged = open && { ...open, until: Math.max(open.until, dueAt) };
    const plan = { fire: null, previousAt, nextAt, dueAt, missed: 0, skipped: 0 };
    return { row, plan, event: null, open: prolonged };
  }
}
