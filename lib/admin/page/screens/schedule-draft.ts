import type { Schedule, ScheduleBody } from '../api/schema';
import type { JsonValue } from '../editor';

/** Identifies the draft while it changes. Neither compared nor sent. */
const ID = Symbol('id');

/** A schedule that is being edited. */
export interface ScheduleDraft {
  readonly [ID]: number;
  cron: string;
  timezone: string;
  catchUp: Schedule['catchUp'];
  overlap: Schedule['overlap'];
  /** Undefined while the payload is not JSON. */
  payload: JsonValue | undefined;
}

let made = 0;

export const scheduleDraftOf = (schedule: Schedule): ScheduleDraft => ({
  ...schedule,
  payload: schedule.payload as JsonValue,
  [ID]: (made += 1),
});

/** Mondays at 8, in the author's zone. */
export const newSchedule = (): ScheduleDraft => ({
  cron: '0 8 * * 1',
  timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  catchUp: 'one',
  overlap: 'skip',
  payload: null,
  [ID]: (made += 1),
});

export const idOf = (draft: ScheduleDraft): number => draft[ID];

export const scheduleBody = ({ cron, timezone, ...rest }: ScheduleDraft): ScheduleBody => ({
  ...rest,
  cron: cron.trim(),
  timezone: timezone.trim() || 'UTC',
});
