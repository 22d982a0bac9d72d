import type { ScheduleKey } from './schedule.types.js';

/** A claim failed after it had found these schedules. Nothing was stored. */
export class ScheduleClaimError extends Error {
  override readonly name = 'ScheduleClaimError';

  constructor(
    readonly schedules: readonly ScheduleKey[],
    cause: unknown,
  ) {
    super('schedules could not be claimed', { cause });
  }
}
