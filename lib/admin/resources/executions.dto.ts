import {
  EXECUTION_STATUSES,
  EXECUTION_TRIGGERS,
  type ExecutionStatus,
  type ExecutionTrigger,
} from '../../entities/index.js';
import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { choice, dto, json, list, moment, number, text, uuid, whole } from '../schema/kinds.js';
import { PageQuery } from './page.dto.js';

export class ListExecutionsQuery extends PageQuery {
  @Field('Only of this script.', uuid(), OPTIONAL)
  scriptId?: string;

  @Field('Only of this event.', text(200, 1), OPTIONAL)
  eventId?: string;

  @Field('Only of this event type.', text(200, 1), OPTIONAL)
  eventType?: string;

  @Field('Only those that ended so.', choice(EXECUTION_STATUSES), OPTIONAL)
  status?: ExecutionStatus;

  @Field('Only those that were asked for so.', choice(EXECUTION_TRIGGERS), OPTIONAL)
  trigger?: ExecutionTrigger;

  @Field('Only failures of this kind.', text(200, 1), OPTIONAL)
  errorKind?: string;

  @Field('Only attempts at this dead letter.', uuid(), OPTIONAL)
  deadLetterId?: string;

  @Field('Only replays of this execution.', uuid(), OPTIONAL)
  replayOf?: string;

  @Field('Finished at this moment or later.', moment(), OPTIONAL)
  from?: Date;

  @Field('Finished before this moment.', moment(), OPTIONAL)
  to?: Date;
}

export class ExecutionLogLine extends Dto {
  @Field('How loud.', choice(['debug', 'info', 'warn', 'error']))
  level!: string;

  @Field('What it says.', text())
  message!: string;

  @Field('What goes with it.', json(), OPTIONAL)
  data?: unknown;

  @Field('Milliseconds after the start of the run.', number(), OPTIONAL)
  at?: number;
}

/** An execution in a list. */
export class ExecutionSummary extends Dto {
  @Field('Its id.', uuid())
  id!: string;

  @Field('Whose it is.', text())
  tenantId!: string;

  @Field('The script that ran; it may be deleted since.', uuid())
  scriptId!: string;

  @Field('The version that ran.', whole(1))
  scriptVersion!: number;

  @Field("The event's id.", text())
  eventId!: string;

  @Field("The event's type.", text())
  eventType!: string;

  @Field('When the event happened.', moment(), NULLABLE)
  occurredAt!: Date | null;

  @Field('Who caused the event.', text(), NULLABLE)
  actorId!: string | null;

  @Field('Executions that led to the event: 0 for one of the host.', whole(), NULLABLE)
  depth!: number | null;

  @Field('1 for the first execution, one more for each retry or replay.', whole(1))
  attempt!: number;

  @Field('What asked for it.', choice(EXECUTION_TRIGGERS))
  trigger!: ExecutionTrigger;

  @Field('How it ended.', choice(EXECUTION_STATUSES))
  status!: ExecutionStatus;

  @Field('`timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`.', text(), NULLABLE)
  errorKind!: string | null;

  @Field("The error's message.", text(), NULLABLE)
  errorMessage!: string | null;

  @Field("Line in the author's source, from 1.", whole(1), NULLABLE)
  errorLine!: number | null;

  @Field('Log lines that were over a limit.', whole())
  logsDropped!: number;

  @Field('Events it published.', whole())
  publishedEvents!: number;

  @Field('Calls of bindings.', whole())
  bindingCalls!: number;

  @Field('Milliseconds from its start to its end.', number())
  durationMs!: number;

  @Field('Milliseconds of processor time.', number())
  cpuMs!: number;

  @Field('Milliseconds the event waited.', number())
  queueMs!: number;

  @Field('The same for every attempt at one event by one script.', text())
  idempotencyKey!: string;

  @Field('The dead letter that it retried or replayed.', uuid(), NULLABLE)
  deadLetterId!: string | null;

  @Field('Who asked for it, when it is a replay.', text(), NULLABLE)
  requestedBy!: string | null;

  @Field('The execution that it ran again.', uuid(), NULLABLE)
  replayOf!: string | null;

  @Field('When it began.', moment())
  startedAt!: Date;

  @Field('When it ended.', moment())
  finishedAt!: Date;
}

/** One execution. */
export class Execution extends ExecutionSummary {
  @Field("The error's stack, by lines of the author's source.", text(), NULLABLE)
  errorStack!: string | null;

  @Field(
    'The payload; null unless `storage.keepInput` was on at the time. Absent without the permission `data`.',
    json(),
    OPTIONAL,
  )
  input?: unknown;

  @Field('What the script returned. Absent without the permission `data`.', json(), OPTIONAL)
  result?: unknown;

  @Field('What it logged. Absent without the permission `data`.', list(dto(() => ExecutionLogLine)), OPTIONAL)
  logs?: object[];
}

/** How a replay of an execution ended. */
export class ReplayedExecution extends Dto {
  @Field('Its id, that of its record.', uuid())
  executionId!: string;

  @Field('The script that ran.', uuid())
  scriptId!: string;

  @Field('The version that ran.', whole(1))
  scriptVersion!: number;

  @Field('How it ended.', choice(EXECUTION_STATUSES))
  status!: ExecutionStatus;

  @Field('`timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`.', text(), NULLABLE)
  errorKind!: string | null;

  @Field("The error's message.", text(), NULLABLE)
  errorMessage!: string | null;

  @Field("Line in the author's source, from 1.", whole(1), NULLABLE)
  errorLine!: number | null;

  @Field('Milliseconds from its start to its end.', number())
  durationMs!: number;
}

/** An execution that runs now. */
class RunningExecution extends Dto {
  @Field('Its id, that of its record when it has ended.', uuid())
  executionId!: string;

  @Field('Whose it is.', text())
  tenantId!: string;

  @Field('The script that runs.', uuid())
  scriptId!: string;

  @Field('The version that runs.', whole(1))
  scriptVersion!: number;

  @Field("The event's id.", text())
  eventId!: string;

  @Field("The event's type.", text())
  eventType!: string;

  @Field('1 for the first execution, one more for each retry or replay.', whole(1))
  attempt!: number;

  @Field('When it began.', moment())
  startedAt!: string;
}

/** What the process that answers runs now; others run more. */
export class RunningExecutions extends Dto {
  @Field('Names the process that answered, until it ends.', uuid())
  node!: string;

  @Field('Oldest first.', list(dto(() => RunningExecution)))
  items!: object[];
}
