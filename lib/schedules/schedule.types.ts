import type { ScriptSchedule } from '../entities/index.js';

/** The open run of a schedule: that of its last time, until its end is stored. */
export interface OpenRun {
  eventId: string;
  /** The time that the event is for. */
  at: number;
  /** The end of its lease: until then its process counts as alive. */
  until: number;
  /** The process that has it in memory. null if it is in a durable buffer. */
  by: string | null;
}

/** Identifies a schedule. */
export interface ScheduleKey {
  scriptId: string;
  cron: string;
  timezone: string;
}

/** A schedule as it is stored. Times are milliseconds since the epoch, by the database's clock. */
export interface ScheduleRow extends ScheduleKey {
  tenantId: string;
  schedule: ScriptSchedule;
  /** The moment from which times are computed while `nextAt` is null. */
  fromAt: number;
  /** The next time; null if no process has looked since the schedule was saved or its script became active again. */
  nextAt: number | null;
  /** The time of the last run; while a run is open, of the one before it. */
  previousAt: number | null;
  open: OpenRun | null;
}

/** A schedule, saved or not, with its next times. @publicApi */
export interface ScheduleDraft extends ScriptSchedule {
  /** Its next five times. */
  nextTimes: Date[];
}

/** A schedule of a script and its state. @publicApi */
export interface ScheduleState extends ScriptSchedule {
  /** Its next five times; none while the script is not active. The first may have just passed. */
  nextTimes: Date[];
  /** The time of its last run. `null` if there was none. */
  lastTime: Date | null;
  /** The id of the last run's event while it waits or runs, otherwise `null`. */
  openEventId: string | null;
}
