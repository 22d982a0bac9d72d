import type { ScriptSchedule } from '../entities/index.js';

/** The event of a schedule's last time, while nobody knows that it has ended. */
export interface OpenRun {
  eventId: string;
  /** The time it is for. */
  at: number;
  /** Until then its process is taken for alive. */
  until: number;
}

/** What tells one schedule from all others. */
export interface ScheduleKey {
  scriptId: string;
  cron: string;
  timezone: string;
}

/** A schedule as it is stored. Times are milliseconds since the epoch, by the database's clock. */
export interface ScheduleRow extends ScheduleKey {
  tenantId: string;
  schedule: ScriptSchedule;
  /** Times count from here, when `nextAt` is null. */
  fromAt: number;
  /** The next time; null when nobody has looked since it was saved or began again. */
  nextAt: number | null;
  /** The time of the last run that has ended, or of the one before the open one. */
  previousAt: number | null;
  open: OpenRun | null;
}

/** A schedule that need not be saved, with its next times. @publicApi */
export interface ScheduleDraft extends ScriptSchedule {
  /** The next five. */
  nextTimes: Date[];
}

/** One schedule of a script and where it stands. @publicApi */
export interface ScheduleState extends ScriptSchedule {
  /** Its next five times, the first of which may be past for a moment; none while the script is not active. */
  nextTimes: Date[];
  /** The time that its last run was for; `null` if there was none. */
  lastTime: Date | null;
  /** The event of that run, while it waits or runs; `null` otherwise. */
  openEventId: string | null;
}
