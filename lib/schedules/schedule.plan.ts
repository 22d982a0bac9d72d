import type { CronTimes } from './cron-times.js';
import type { OpenRun, ScheduleRow } from './schedule.types.js';

/** Most missed times that are counted. After a long outage nobody needs the exact number. */
const MOST_COUNTED = 100;

export interface PlanSettings {
  /** Milliseconds after which a time counts as missed. */
  missedAfterMs: number;
}

/** The decision about one schedule. */
export interface SchedulePlan {
  /** The time for which an event is made; null: no event. */
  fire: number | null;
  /** The time of the run before `fire`. */
  previousAt: number | null;
  /** The next time. It is in the past while it waits for the previous run. */
  nextAt: number | null;
  /** The latest time to look again. null: not before the script changes. */
  dueAt: number | null;
  /** How many times were missed, because no node acted on them or the previous run was still running. */
  missed: number;
  skipped: number;
}

/**
 * Decides about one schedule, by the database's `now`. Pure.
 *
 * ```
 * the run before is open? ── no ──► the latest time up to now: fire it, unless it is too late and catchUp is "none"
 *        │ yes                       all times before it are missed: there is never more than one run for an outage
 *        ├── nothing due ───► look again at the next time
 *        ├── overlap "skip" ─► leave out the times up to now
 *        └── overlap "queue" ► look again when it has ended: whoever ends it makes the schedule due
 * ```
 */
export function planOf(
  row: ScheduleRow,
  now: number,
  times: CronTimes,
  { missedAfterMs }: PlanSettings,
): SchedulePlan {
  const { schedule, open, previousAt } = row;
  const first = row.nextAt ?? times.after(row.fromAt);
  const rest = { fire: null, previousAt, missed: 0, skipped: 0 };
  if (first === null || first > now) return { ...rest, nextAt: first, dueAt: sooner(first, open) };
  const after = times.after(now);
  if (open && schedule.overlap === 'queue') return { ...rest, nextAt: first, dueAt: open.until };
  if (open)
    return {
      ...rest,
      nextAt: after,
      dueAt: sooner(after, open),
      skipped: times.count(first, now + 1, MOST_COUNTED),
    };
  const latest = times.latest(first, now);
  const late = schedule.catchUp === 'none' && now - latest > missedAfterMs;
  // If a node acted on a time before it was too late, that time still runs. It may have waited for the previous run or
  // for room in the buffer, or its process was lost.
  const lookedAt = row.nextAt !== null && first <= row.fromAt ? times.latest(first, row.fromAt) : null;
  const fire = late ? lookedAt : latest;
  return {
    ...rest,
    fire,
    nextAt: after,
    dueAt: after,
    missed: missedBy(times, first, latest, fire),
  };
}

function missedBy(times: CronTimes, first: number, latest: number, fire: number | null): number {
  if (fire === latest) return times.count(first, latest, MOST_COUNTED);
  return times.count(first, latest + 1, MOST_COUNTED) - (fire === null ? 0 : 1);
}

const sooner = (at: number | null, open: OpenRun | null): number | null =>
  at === null || open === null ? (at ?? open?.until ?? null) : Math.min(at, open.until);
