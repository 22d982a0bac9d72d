import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { dto, flag, list, moment, number, text, uuid, whole } from '../schema/kinds.js';
import { DeadLetterSummary } from './dead-letters.dto.js';
import { ExecutionSummary } from './executions.dto.js';
import { Limit } from './page.dto.js';
import { ERROR_KIND, ErrorLine, EventId, EventType, OnlyScript } from './shared.fields.js';

export class FailuresQuery extends Dto {
  @Field(
    'Only executions that began at this time or later. Default: 24 hours ago; at most 7 days ago.',
    moment(),
    OPTIONAL,
  )
  from?: Date;

  @OnlyScript
  scriptId?: string;

  @Field('Maximum number of groups. Default: 200.', whole(1, 200), OPTIONAL)
  limit?: number;
}

/** Failures that look alike: of one script, of one kind, on one line, with one message. */
class FailureGroup extends Dto {
  @Field('ID of the script.', uuid())
  scriptId!: string;

  @Field('Name of the script. null if it has been deleted.', text(), NULLABLE)
  scriptName!: string | null;

  @Field(ERROR_KIND, text())
  kind!: string;

  @ErrorLine
  line!: number | null;

  @Field('Message of the error, with `#` for each number.', text())
  message!: string;

  @Field('How many failures.', whole(1))
  count!: number;

  @Field('When the first of these executions began.', moment())
  firstAt!: Date;

  @Field('When the last of these executions began.', moment())
  lastAt!: Date;

  @Field('Oldest version of the script that failed like this.', whole(1))
  firstVersion!: number;

  @Field('Newest version of the script that failed like this.', whole(1))
  lastVersion!: number;

  @Field('ID of the newest of these executions.', uuid())
  executionId!: string;
}

export class FailureGroups extends Dto {
  @Field('Groups of failures, largest first, at most 200.', list(dto(() => FailureGroup)))
  items!: object[];

  @Field('Whether there are more groups, or more failures than the newest 5,000, which are grouped.', flag())
  more!: boolean;
}

export class StatisticsQuery extends FailuresQuery {
  @Field('Length of a bucket in hours. Default: 1.', whole(1, 24), OPTIONAL)
  bucket?: number;
}

class StatisticsBucket extends Dto {
  @Field('When the bucket begins.', moment())
  at!: Date;

  @Field('How many executions completed.', whole())
  completed!: number;

  @Field('How many executions failed.', whole())
  failed!: number;

  @Field('Mean duration of an execution in milliseconds.', number())
  meanDurationMs!: number;

  @Field('Mean time that an event waited in the queue, in milliseconds.', number())
  meanQueueMs!: number;
}

export class Statistics extends Dto {
  @Field('Buckets, oldest first. Those without executions are left out.', list(dto(() => StatisticsBucket)))
  items!: object[];
}

/** One event with everything that followed from it. */
class EventNode extends Dto {
  @EventId
  eventId!: string;

  @EventType
  eventType!: string;

  @Field('Executions for the event, oldest first.', list(dto(() => ExecutionSummary)))
  executions!: object[];

  @Field('Dead letters of the event, oldest first.', list(dto(() => DeadLetterSummary)))
  deadLetters!: object[];

  @Field(
    'Events that these executions published, if anything is stored about them.',
    list(dto(() => EventNode)),
  )
  children!: object[];
}

/** An execution that led to the event. */
class CauseRecord extends Dto {
  @EventId
  eventId!: string;

  @Field('ID of the execution.', uuid())
  executionId!: string;

  @Field(
    'Its record. null if nothing is stored of it, for example because it has been deleted.',
    dto(() => ExecutionSummary),
    NULLABLE,
  )
  execution!: object | null;
}

export class EventHistory extends Dto {
  @Field('The event.', dto(() => EventNode))
  event!: object;

  @Field(
    'Executions that led to the event, oldest first. The last one published it. Empty for an event of the host application.',
    list(dto(() => CauseRecord)),
  )
  causes!: object[];

  @Field('Whether there is more than the 500 records, and the 10 levels up and down, that are shown.', flag())
  more!: boolean;
}

export class ListTenantsQuery extends Dto {
  @Field('Only tenants whose id contains this text.', text(200, 1), OPTIONAL)
  q?: string;

  @Limit
  limit?: number;

  @Field('The `nextCursor` of the previous page.', text(210, 1), OPTIONAL)
  cursor?: string;
}

/** The state of a tenant. */
export class Tenant extends Dto {
  @Field('ID of the tenant.', text())
  tenantId!: string;

  @Field('Whether a script is degraded or disabled, or a dead letter is exhausted.', flag())
  trouble!: boolean;

  @Field('How many scripts are active.', whole())
  activeScripts!: number;

  @Field('How many scripts are degraded or disabled.', whole())
  unwellScripts!: number;

  @Field('How many dead letters are exhausted, counted up to 1,000; 1,001 means more.', whole(0, 1_001))
  exhausted!: number;

  @Field(
    'How many executions failed in the last 24 hours, counted up to 1,000; 1,001 means more.',
    whole(0, 1_001),
  )
  failedToday!: number;
}
