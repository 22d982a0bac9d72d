import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { dto, flag, list, moment, number, text, uuid, whole } from '../schema/kinds.js';
import { DeadLetterSummary } from './dead-letters.dto.js';
import { ExecutionSummary } from './executions.dto.js';

export class FailuresQuery extends Dto {
  @Field(
    'Executions that began at this moment or later; default a day ago, at most 7 days ago.',
    moment(),
    OPTIONAL,
  )
  from?: Date;

  @Field('Only of this script.', uuid(), OPTIONAL)
  scriptId?: string;
}

/** Failures that look alike: of one script, of one kind, on one line, with one message. */
class FailureGroup extends Dto {
  @Field('The script.', uuid())
  scriptId!: string;

  @Field('`timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`.', text())
  kind!: string;

  @Field("Line in the author's source, from 1.", whole(1), NULLABLE)
  line!: number | null;

  @Field('The message, with `#` for numbers.', text())
  message!: string;

  @Field('How many.', whole(1))
  count!: number;

  @Field('When the first began.', moment())
  firstAt!: Date;

  @Field('When the last began.', moment())
  lastAt!: Date;

  @Field('The oldest version that failed so.', whole(1))
  firstVersion!: number;

  @Field('The newest version that failed so.', whole(1))
  lastVersion!: number;

  @Field('The newest of these executions.', uuid())
  executionId!: string;
}

export class FailureGroups extends Dto {
  @Field('The largest first, at most 200.', list(dto(() => FailureGroup)))
  items!: object[];

  @Field('Whether there are more than were looked at: the newest 5,000 failures.', flag())
  more!: boolean;
}

export class StatisticsQuery extends FailuresQuery {
  @Field('Minutes of a bucket, default 60; at most 400 buckets.', whole(1, 1_440), OPTIONAL)
  bucket?: number;
}

class StatisticsBucket extends Dto {
  @Field('Where it begins.', moment())
  at!: Date;

  @Field('Executions that completed.', whole())
  completed!: number;

  @Field('Executions that failed.', whole())
  failed!: number;

  @Field('Mean milliseconds of a run.', number())
  meanDurationMs!: number;

  @Field('Mean milliseconds that events waited.', number())
  meanQueueMs!: number;
}

export class Statistics extends Dto {
  @Field('Oldest first; a bucket without executions is left out.', list(dto(() => StatisticsBucket)))
  items!: object[];

  @Field('Whether there were more than 200,000 executions, of which only the newest are counted.', flag())
  more!: boolean;
}

/** One event with what came of it. */
class EventNode extends Dto {
  @Field('Its id.', text())
  eventId!: string;

  @Field('Its type.', text())
  eventType!: string;

  @Field('Oldest first.', list(dto(() => ExecutionSummary)))
  executions!: object[];

  @Field('Oldest first.', list(dto(() => DeadLetterSummary)))
  deadLetters!: object[];

  @Field('Events that its executions published and that something came of.', list(dto(() => EventNode)))
  children!: object[];
}

export class EventHistory extends Dto {
  @Field('The event.', dto(() => EventNode))
  event!: object;

  @Field('Whether there is more than is shown: 500 records, 10 levels.', flag())
  more!: boolean;
}

export class ListTenantsQuery extends Dto {
  @Field('Only tenants whose id contains this text.', text(200, 1), OPTIONAL)
  q?: string;

  @Field('Items on the page, default 50.', whole(1, 200), OPTIONAL)
  limit?: number;

  @Field('`nextCursor` of the page before.', text(210, 1), OPTIONAL)
  cursor?: string;
}

/** The state of a tenant. */
export class Tenant extends Dto {
  @Field('Its id.', text())
  tenantId!: string;

  @Field('Whether a script is degraded or disabled, or a dead letter is exhausted.', flag())
  trouble!: boolean;

  @Field('Scripts that are active.', whole())
  activeScripts!: number;

  @Field('Scripts that are degraded or disabled.', whole())
  unwellScripts!: number;

  @Field('Exhausted dead letters, counted up to 1,000; 1,001 means more.', whole(0, 1_001))
  exhausted!: number;

  @Field('Executions that failed in the last day, counted up to 1,000; 1,001 means more.', whole(0, 1_001))
  failedToday!: number;
}
