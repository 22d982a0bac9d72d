import type { CronTimes } from './cron-times.js';
import type { OpenRun, ScheduleRow } from './schedule.types.js';

/** Times that are counted one by one when they were missed; of an outage of a year nobody needs the number. */
const MOST_COUNTED = 100;

export interface PlanSettings {
  /** Milliseconds after which a time counts as missed. */
  missedAfterMs: number;
}

/** What becomes of a schedule that was looked at. */
export interface SchedulePlan {
  /** The time that an event is made for; null: none. */
  fire: number | null;
  /** The time of the run before that one. */
  previousAt: number | null;
  /** The next time, which is past while it waits for the run before. */
  nextAt: number | null;
  /** When to look again at the latest; null: never. */
  dueAt: number | null;
  /** Times that passed without a run: while nobody could act, and for the overlap. */
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
  return {
    ...rest,
    fire: late ? null : latest,
    nextAt: after,
    dueAt: after,
    missed: times.count(first, late ? latest + 1 : latest, MOST_COUNTED),
  };
}

const sooner = (at: number | null, open: OpenRun | null): number | null =>
  at === null || open === null ? (at ?? open?.until ?? null) : Math.min(at, open.until);
