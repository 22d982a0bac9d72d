import { isoTime } from '../common/iso-time.js';
import type { JsonObject, JsonValue } from '../common/json.js';

/** Fields of the payload of a schedule's event. */
export const SCHEDULE_FIELDS = ['scheduledFor', 'previousRunAt', 'payload'] as const;

/** `ctx.input` of a run by a schedule. Times are milliseconds since the epoch. */
export const scheduleInput = (at: number, previousAt: number | null, payload: JsonValue) => ({
  scheduledFor: isoTime(at),
  previousRunAt: previousAt === null ? null : isoTime(previousAt),
  payload,
});

/** `ctx.input` of a test run. Fields that are not given are as in a first run now. */
export const triedScheduleInput = (
  now: number,
  given: Record<string, unknown>,
  payload: JsonValue,
): JsonObject => ({
  ...scheduleInput(Math.floor(now / 1_000) * 1_000, null, payload),
  ...(given as JsonObject),
});
