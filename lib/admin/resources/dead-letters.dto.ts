import {
  DEAD_LETTER_REASONS,
  DEAD_LETTER_STATUSES,
  type DeadLetterReason,
  type DeadLetterStatus,
} from '../../entities/index.js';
import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { choice, dto, flag, json, list, moment, number, object, text, uuid, whole } from '../schema/kinds.js';
import { Cursor, Limit } from './page.dto.js';

const STATUSES = choice(DEAD_LETTER_STATUSES);

/** What the list and the acts on many choose dead letters by, besides their statuses. */
abstract class DeadLetterConditions extends Dto {
  @Field('Only of this script.', uuid(), OPTIONAL)
  scriptId?: string;

  @Field('Only those that were made for this reason.', choice(DEAD_LETTER_REASONS), OPTIONAL)
  reason?: DeadLetterReason;

  @Field('Only failures of this kind.', text(200, 1), OPTIONAL)
  errorKind?: string;

  @Field('Only of this event type.', text(200, 1), OPTIONAL)
  eventType?: string;

  @Field('Only of this event.', text(200, 1), OPTIONAL)
  eventId?: string;

  @Field('Made at this moment or later.', moment(), OPTIONAL)
  from?: Date;

  @Field('Made before this moment.', moment(), OPTIONAL)
  to?: Date;
}

export class ListDeadLettersQuery extends DeadLetterConditions {
  @Field('Only these statuses; default all.', list(STATUSES, DEAD_LETTER_STATUSES.length), OPTIONAL)
  status?: DeadLetterStatus[];

  @Limit
  limit?: number;

  @Cursor
  cursor?: string;
}

/** Which dead letters an act is for. */
export class DeadLetterFilterBody extends DeadLetterConditions {
  @Field('Only these statuses; default `exhausted`.', list(STATUSES, DEAD_LETTER_STATUSES.length), OPTIONAL)
  status?: DeadLetterStatus[];
}

export class ReplayManyBody extends Dto {
  @Field('Which ones.', dto(() => DeadLetterFilterBody))
  filter!: DeadLetterFilterBody;

  @Field('Count only, touch nothing. Default false.', flag(), OPTIONAL)
  dryRun?: boolean;

  @Field('Most that are touched, the oldest first; default 1,000.', whole(1, 10_000), OPTIONAL)
  limit?: number;
}

export class DiscardManyBody extends ReplayManyBody {
  @Field('Why nobody needs them any more.', text(2_000, 1))
  note!: string;
}

export class DiscardBody extends Dto {
  @Field('Why nobody needs it any more.', text(2_000, 1))
  note!: string;
}

/** What an act on many did, or would do. Sent again, it finds only what is left. */
export class BulkResult extends Dto {
  @Field('Whether nothing was touched.', flag())
  dryRun!: boolean;

  @Field('How many it concerned when it began, counted up to 10,000.', whole(0, 10_000))
  matched!: number;

  @Field('Whether there are more than were counted.', flag())
  more!: boolean;

  @Field('How many it changed.', whole(0, 10_000))
  changed!: number;
}

/** A number that is counted no further than 1,000. */
class BoundedCount extends Dto {
  @Field('At most 1,000.', whole(0, 1_000))
  count!: number;

  @Field('Whether there are more.', flag())
  more!: boolean;
}

/** The tenant's dead letters in figures. */
export class DeadLetterCounts extends Dto {
  @Field('Wait for their retry.', dto(() => BoundedCount))
  pending!: object;

  @Field('Run now.', dto(() => BoundedCount))
  retrying!: object;

  @Field('Wait for a person.', dto(() => BoundedCount))
  exhausted!: object;

  @Field('Of the pending ones, kept for disabled and degraded scripts.', dto(() => BoundedCount))
  held!: object;

  @Field('When the oldest open one was made.', moment(), NULLABLE)
  oldestOpenAt!: Date | null;
}

/** One entry of a dead letter's history. */
class DeadLetterAttempt extends Dto {
  @Field('When.', moment())
  at!: string;

  @Field('The kind of the error, `completed`, or what a person or the alerting did.', text())
  kind!: string;

  @Field('In words.', text())
  message!: string;

  @Field('Milliseconds it took.', number())
  durationMs!: number;

  @Field('What asked for it.', text())
  trigger!: string;

  @Field('Who asked for it.', text(), OPTIONAL)
  by?: string;
}

/** A dead letter in a list. */
export class DeadLetterSummary extends Dto {
  @Field('Its id.', uuid())
  id!: string;

  @Field('Whose it is.', text())
  tenantId!: string;

  @Field('The script that it is for; it may be deleted since.', uuid())
  scriptId!: string;

  @Field('The version that failed; null when nothing ran.', whole(1), NULLABLE)
  scriptVersion!: number | null;

  @Field("The event's id.", text())
  eventId!: string;

  @Field("The event's type.", text())
  eventType!: string;

  @Field('When the event happened.', moment())
  occurredAt!: Date;

  @Field('Who caused the event.', text(), NULLABLE)
  actorId!: string | null;

  @Field('Why it was made.', choice(DEAD_LETTER_REASONS))
  reason!: DeadLetterReason;

  @Field('What went wrong.', text())
  error!: string;

  @Field('The kind of the error.', text(), NULLABLE)
  errorKind!: string | null;

  @Field('`pending`, `retrying` and `exhausted` are open.', STATUSES)
  status!: DeadLetterStatus;

  @Field('Retries so far.', whole())
  retryCount!: number;

  @Field('Retries before it is exhausted.', whole())
  maxRetries!: number;

  @Field('When it is tried next; set while it is pending.', moment(), NULLABLE)
  nextRetryAt!: Date | null;

  @Field('Events that it stands for.', whole(1))
  eventCount!: number;

  @Field('When somebody was alerted of it.', moment(), NULLABLE)
  alertedAt!: Date | null;

  @Field('When it was closed.', moment(), NULLABLE)
  resolvedAt!: Date | null;

  @Field('Who closed it.', text(), NULLABLE)
  resolvedBy!: string | null;

  @Field('Why it was discarded.', text(), NULLABLE)
  note!: string | null;

  @Field('When it was made.', moment())
  createdAt!: Date;

  @Field('When it changed last.', moment())
  updatedAt!: Date;
}

/** One dead letter. */
export class DeadLetter extends DeadLetterSummary {
  @Field("The event's payload. Absent without the permission `data`.", json(), OPTIONAL)
  payload?: unknown;

  @Field('How the event came about: the chain of executions that led to it.', object())
  cause!: object;

  @Field('The further scripts that it stands for.', list(uuid()), NULLABLE)
  otherScriptIds!: string[] | null;

  @Field('Its history, oldest first.', list(dto(() => DeadLetterAttempt)))
  attempts!: object[];
}
