import {
  CATCH_UP_POLICIES,
  type CatchUpPolicy,
  OVERLAP_POLICIES,
  type OverlapPolicy,
} from '../../entities/index.js';
import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { choice, dto, json, list, moment, text } from '../schema/kinds.js';

/** The most schedules in a request. `ScriptService` checks how many a script may have. */
export const MOST_SCHEDULES = 100;

const WORDS = {
  cron: 'Minute, hour, day of the month, month, day of the week; or seconds first.',
  timezone: 'A time zone of the IANA database.',
  catchUp: 'What happens to times that were missed. `one`: one run for all of them. `none`: no run.',
  overlap:
    'What happens to a time that comes while the previous run is in progress. `skip`: it is left out. `queue`: it waits for the end of the run.',
  payload: '`ctx.input.payload` of its runs.',
};

/** A schedule to save. `ScriptService` checks what is inside. */
export class ScheduleBody extends Dto {
  static override readonly checkedByService = true;

  @Field(WORDS.cron, text(200, 1))
  cron!: string;

  @Field(`${WORDS.timezone} Default \`UTC\`.`, text(64, 1), OPTIONAL)
  timezone?: string;

  @Field(`${WORDS.catchUp} Default \`one\`.`, choice(CATCH_UP_POLICIES), OPTIONAL)
  catchUp?: CatchUpPolicy;

  @Field(`${WORDS.overlap} Default \`skip\`.`, choice(OVERLAP_POLICIES), OPTIONAL)
  overlap?: OverlapPolicy;

  @Field(`${WORDS.payload} Default null.`, json(), OPTIONAL)
  payload?: unknown;
}

/** A schedule of a script. */
export class Schedule extends Dto {
  @Field(WORDS.cron, text())
  cron!: string;

  @Field(WORDS.timezone, text())
  timezone!: string;

  @Field(WORDS.catchUp, choice(CATCH_UP_POLICIES))
  catchUp!: CatchUpPolicy;

  @Field(WORDS.overlap, choice(OVERLAP_POLICIES))
  overlap!: OverlapPolicy;

  @Field(WORDS.payload, json())
  payload!: unknown;
}

/** A schedule with its next times. */
class UpcomingTimes extends Schedule {
  @Field('The next five; none while the script is not active.', list(moment()))
  nextTimes!: Date[];
}

/** A schedule of a script with its state. */
class ScheduleState extends UpcomingTimes {
  @Field('The time that its last run was for.', moment(), NULLABLE)
  lastTime!: Date | null;

  @Field('The event of that run, while it waits or runs.', text(), NULLABLE)
  openEventId!: string | null;
}

/** The schedules of a script, in its order. */
export class ScheduleStates extends Dto {
  @Field('None when it has none.', list(dto(() => ScheduleState)))
  items!: object[];
}

export class PreviewSchedulesBody extends Dto {
  static override readonly checkedByService = true;

  @Field(
    'Schedules in the form of a script.',
    list(
      dto(() => ScheduleBody),
      MOST_SCHEDULES,
    ),
  )
  schedules!: object[];
}

/** Schedules with their next times. */
export class SchedulePreview extends Dto {
  @Field('In the order of the request.', list(dto(() => UpcomingTimes)))
  items!: object[];
}
