import {
  DEAD_LETTER_REASONS,
  DEAD_LETTER_STATUSES,
  type DeadLetterReason,
  type DeadLetterStatus,
} from '../../entities/index.js';
import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { choice, dto, flag, json, list, moment, number, text, uuid, whole } from '../schema/kinds.js';
import { Cursor, Limit } from './page.dto.js';
import {
  ActorId,
  ErrorLine,
  EventId,
  EventType,
  OnlyErrorKind,
  OnlyEvent,
  OnlyEventType,
  OnlyScript,
  TenantId,
} from './shared.fields.js';

const STATUSES = choice(DEAD_LETTER_STATUSES);

/** Conditions on dead letters, other than the status, that the list and the actions on many share. */
abstract class DeadLetterConditions extends Dto {
  @OnlyScript
  scriptId?: string;

  @Field('Only dead letters with this reason.', choice(DEAD_LETTER_REASONS), OPTIONAL)
  reason?: DeadLetterReason;

  @OnlyErrorKind
  errorKind?: string;

  @Field(
    'Only dead letters that failed like this execution: of the same script, kind and line, and with the same message apart from numbers. ID of a failed execution, such as `executionId` of a failure group. Nothing matches if the execution is unknown or no longer stored.',
    uuid(),
    OPTIONAL,
  )
  failedLike?: string;

  @OnlyEventType
  eventType?: string;

  @OnlyEvent
  eventId?: string;

  @Field('Only dead letters created at this time or later.', moment(), OPTIONAL)
  from?: Date;

  @Field('Only dead letters created before this time.', moment(), OPTIONAL)
  to?: Date;
}

export class ListDeadLettersQuery extends DeadLetterConditions {
  @Field(
    'Only dead letters with one of these statuses. Default: all.',
    list(STATUSES, DEAD_LETTER_STATUSES.length),
    OPTIONAL,
  )
  status?: DeadLetterStatus[];

  @Limit
  limit?: number;

  @Cursor
  cursor?: string;
}

/** Selects the dead letters of an action. */
export class DeadLetterFilterBody extends DeadLetterConditions {
  @Field(
    'Only dead letters with one of these statuses. Default: `exhausted`.',
    list(STATUSES, DEAD_LETTER_STATUSES.length),
    OPTIONAL,
  )
  status?: DeadLetterStatus[];
}

export class ReplayManyBody extends Dto {
  @Field('Selects the dead letters.', dto(() => DeadLetterFilterBody))
  filter!: DeadLetterFilterBody;

  @Field('Only count the dead letters and change nothing. Default: false.', flag(), OPTIONAL)
  dryRun?: boolean;

  @Field(
    'Maximum number of dead letters to change, oldest first. Default: 1,000.',
    whole(1, 10_000),
    OPTIONAL,
  )
  limit?: number;
}

export class DiscardManyBody extends ReplayManyBody {
  @Field('Why they are discarded.', text(2_000, 1))
  note!: string;
}

export class DiscardBody extends Dto {
  @Field('Why the dead letter is discarded.', text(2_000, 1))
  note!: string;
}

/** The result of an action on many, or of a dry run. A repeated request finds only what is left. */
export class BulkResult extends Dto {
  @Field('Whether this was a dry run, which changes nothing.', flag())
  dryRun!: boolean;

  @Field('How many dead letters matched when the request began, counted up to 10,000.', whole(0, 10_000))
  matched!: number;

  @Field('Whether more than 10,000 matched.', flag())
  more!: boolean;

  @Field('How many dead letters were changed.', whole(0, 10_000))
  changed!: number;
}

/** A number that is counted up to 1,000. */
class BoundedCount extends Dto {
  @Field('The number, counted up to 1,000.', whole(0, 1_000))
  count!: number;

  @Field('Whether there are more than 1,000.', flag())
  more!: boolean;
}

/** The tenant's dead letters in figures. */
export class DeadLetterCounts extends Dto {
  @Field('Dead letters that wait for their retry.', dto(() => BoundedCount))
  pending!: object;

  @Field('Dead letters that are running.', dto(() => BoundedCount))
  retrying!: object;

  @Field('Dead letters that are no longer retried and wait for a person.', dto(() => BoundedCount))
  exhausted!: object;

  @Field('Pending dead letters that are kept for disabled and degraded scripts.', dto(() => BoundedCount))
  held!: object;

  @Field('When the oldest open dead letter was created.', moment(), NULLABLE)
  oldestOpenAt!: Date | null;
}

/** One entry of a dead letter's history. */
class DeadLetterAttempt extends Dto {
  @Field('When it happened.', moment())
  at!: string;

  @Field(
    'What happened. An attempt: the kind of its error, the reason why nothing ran, `completed`, `filtered` or `lost`. An action of a person: `requested` or `discarded`. An alert: `alerted` or `alert-failed`. A loop: `stopped`.',
    text(),
  )
  kind!: string;

  @Field('The same in words.', text())
  message!: string;

  @Field('Milliseconds that it took.', number())
  durationMs!: number;

  @Field('What started it.', text())
  trigger!: string;

  @Field('Who requested or discarded it, or the channel of the alert.', text(), OPTIONAL)
  by?: string;

  @Field('ID of the trace with the span of the attempt. Absent if no span was recorded.', text(), OPTIONAL)
  traceId?: string;

  @Field('ID of that span.', text(), OPTIONAL)
  spanId?: string;
}

/** A dead letter in a list. */
export class DeadLetterSummary extends Dto {
  @Field('ID of the dead letter.', uuid())
  id!: string;

  @TenantId
  tenantId!: string;

  @Field('ID of the script that it is for. The script may have been deleted since.', uuid())
  scriptId!: string;

  @Field('Name of the script. null if it has been deleted.', text(), NULLABLE)
  scriptName!: string | null;

  @Field('Version of the script that failed. null if nothing ran.', whole(1), NULLABLE)
  scriptVersion!: number | null;

  @EventId
  eventId!: string;

  @EventType
  eventType!: string;

  @Field('When the event happened.', moment())
  occurredAt!: Date;

  @ActorId
  actorId!: string | null;

  @Field('Why the dead letter was created.', choice(DEAD_LETTER_REASONS))
  reason!: DeadLetterReason;

  @Field('What went wrong.', text())
  error!: string;

  @Field('Kind of the error. null if nothing ran.', text(), NULLABLE)
  errorKind!: string | null;

  @ErrorLine
  errorLine!: number | null;

  @Field('`pending`, `retrying` and `exhausted` dead letters are open.', STATUSES)
  status!: DeadLetterStatus;

  @Field('How many retries have been made.', whole())
  retryCount!: number;

  @Field('How many retries are made before the dead letter is exhausted.', whole())
  maxRetries!: number;

  @Field('When the next retry is due. null unless the dead letter is pending.', moment(), NULLABLE)
  nextRetryAt!: Date | null;

  @Field('How many events the dead letter stands for.', whole(1))
  eventCount!: number;

  @Field('When an alert was sent for it.', moment(), NULLABLE)
  alertedAt!: Date | null;

  @Field('When it was resolved or discarded.', moment(), NULLABLE)
  resolvedAt!: Date | null;

  @Field('Who resolved or discarded it.', text(), NULLABLE)
  resolvedBy!: string | null;

  @Field('Why it was discarded.', text(), NULLABLE)
  note!: string | null;

  @Field('When it was created.', moment())
  createdAt!: Date;

  @Field('When it last changed.', moment())
  updatedAt!: Date;
}

/** An execution in the chain that led to an event. */
class CauseLink extends Dto {
  @EventId
  eventId!: string;

  @Field('ID of its script.', uuid())
  scriptId!: string;

  @Field('ID of the execution.', uuid())
  executionId!: string;
}

class EventCause extends Dto {
  @Field('ID of the first event: the one of the application.', text())
  rootEventId!: string;

  @Field('Number of executions between the first event and this one; 0 for the first one.', whole())
  depth!: number;

  @Field('How many executions may still follow from the event.', whole())
  budget!: number;

  @Field('These executions, oldest first.', list(dto(() => CauseLink)))
  chain!: object[];
}

/** One dead letter. */
export class DeadLetter extends DeadLetterSummary {
  @Field('Payload of the event. Absent without the `data` permission.', json(), OPTIONAL)
  payload?: unknown;

  @Field('What led to the event.', dto(() => EventCause))
  cause!: object;

  @Field('IDs of the other scripts that the dead letter stands for.', list(uuid()), NULLABLE)
  otherScriptIds!: string[] | null;

  @Field('History of the dead letter, oldest entry first.', list(dto(() => DeadLetterAttempt)))
  attempts!: object[];
}
