import {
  EXECUTION_STATUSES,
  EXECUTION_TRIGGERS,
  type ExecutionStatus,
  type ExecutionTrigger,
} from '../../entities/index.js';
import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { choice, dto, json, list, moment, number, text, uuid, whole } from '../schema/kinds.js';
import { PageQuery } from './page.dto.js';
import {
  ActorId,
  Attempt,
  DurationMs,
  ErrorKind,
  ErrorLine,
  ErrorMessage,
  EventId,
  EventType,
  OnlyErrorKind,
  OnlyEvent,
  OnlyEventType,
  OnlyScript,
  RanScript,
  RanVersion,
  TenantId,
} from './shared.fields.js';

export class ListExecutionsQuery extends PageQuery {
  @OnlyScript
  scriptId?: string;

  @OnlyEvent
  eventId?: string;

  @OnlyEventType
  eventType?: string;

  @Field('Only executions with this status.', choice(EXECUTION_STATUSES), OPTIONAL)
  status?: ExecutionStatus;

  @Field('Only executions with this trigger.', choice(EXECUTION_TRIGGERS), OPTIONAL)
  trigger?: ExecutionTrigger;

  @OnlyErrorKind
  errorKind?: string;

  @Field('Only attempts to run this dead letter.', uuid(), OPTIONAL)
  deadLetterId?: string;

  @Field('Only replays of this execution.', uuid(), OPTIONAL)
  replayOf?: string;

  @Field('Only executions that ended at this time or later.', moment(), OPTIONAL)
  from?: Date;

  @Field('Only executions that ended before this time.', moment(), OPTIONAL)
  to?: Date;
}

export class ExecutionLogLine extends Dto {
  @Field('Log level.', choice(['debug', 'info', 'warn', 'error']))
  level!: string;

  @Field('The message.', text())
  message!: string;

  @Field('What was logged with the message.', json(), OPTIONAL)
  data?: unknown;

  @Field('Milliseconds after the start of the run.', number(), OPTIONAL)
  at?: number;
}

/** An execution in a list. */
export class ExecutionSummary extends Dto {
  @Field('ID of the execution.', uuid())
  id!: string;

  @TenantId
  tenantId!: string;

  @RanScript
  scriptId!: string;

  @Field('Name of the script. null if it has been deleted.', text(), NULLABLE)
  scriptName!: string | null;

  @RanVersion
  scriptVersion!: number;

  @EventId
  eventId!: string;

  @EventType
  eventType!: string;

  @Field('When the event happened.', moment(), NULLABLE)
  occurredAt!: Date | null;

  @ActorId
  actorId!: string | null;

  @Field('How many executions led to the event. 0 for an event of the host application.', whole(), NULLABLE)
  depth!: number | null;

  @Field(
    'ID of the event whose execution published the event. null if no script published it.',
    text(),
    NULLABLE,
  )
  causeEventId!: string | null;

  @Field(
    'ID of the execution that published the event. It may have been deleted since. null if no script published it.',
    uuid(),
    NULLABLE,
  )
  causeExecutionId!: string | null;

  @Attempt
  attempt!: number;

  @Field('What started the execution.', choice(EXECUTION_TRIGGERS))
  trigger!: ExecutionTrigger;

  @Field('How the execution ended.', choice(EXECUTION_STATUSES))
  status!: ExecutionStatus;

  @ErrorKind
  errorKind!: string | null;

  @ErrorMessage
  errorMessage!: string | null;

  @ErrorLine
  errorLine!: number | null;

  @Field('How many log lines were not kept because of a limit.', whole())
  logsDropped!: number;

  @Field('How many events the script published.', whole())
  publishedEvents!: number;

  @Field('How many binding calls the script made.', whole())
  bindingCalls!: number;

  @DurationMs
  durationMs!: number;

  @Field('Milliseconds of CPU time.', number())
  cpuMs!: number;

  @Field('Milliseconds that the event waited in the queue.', number())
  queueMs!: number;

  @Field('The same for every attempt to run this script for this event.', text())
  idempotencyKey!: string;

  @Field('ID of the dead letter that was retried or replayed.', uuid(), NULLABLE)
  deadLetterId!: string | null;

  @Field('Who requested the replay.', text(), NULLABLE)
  requestedBy!: string | null;

  @Field('ID of the execution that was replayed.', uuid(), NULLABLE)
  replayOf!: string | null;

  @Field('ID of the trace with the span of the execution. null if no span was recorded.', text(), NULLABLE)
  traceId!: string | null;

  @Field('ID of that span.', text(), NULLABLE)
  spanId!: string | null;

  @Field('When the execution started.', moment())
  startedAt!: Date;

  @Field('When the execution ended.', moment())
  finishedAt!: Date;
}

/** One execution. */
export class Execution extends ExecutionSummary {
  @Field('Stack trace of the error. Its lines are those of the source.', text(), NULLABLE)
  errorStack!: string | null;

  @Field(
    'Payload of the event. null if `storage.keepInput` was off at the time. Absent without the `data` permission.',
    json(),
    OPTIONAL,
  )
  input?: unknown;

  @Field('Return value of the script. Absent without the `data` permission.', json(), OPTIONAL)
  result?: unknown;

  @Field(
    'Log lines of the script. Absent without the `data` permission.',
    list(dto(() => ExecutionLogLine)),
    OPTIONAL,
  )
  logs?: object[];
}

/** How a replay of an execution ended. */
export class ReplayedExecution extends Dto {
  @Field('ID of the new execution and of its record.', uuid())
  executionId!: string;

  @RanScript
  scriptId!: string;

  @RanVersion
  scriptVersion!: number;

  @Field('How the execution ended.', choice(EXECUTION_STATUSES))
  status!: ExecutionStatus;

  @ErrorKind
  errorKind!: string | null;

  @ErrorMessage
  errorMessage!: string | null;

  @ErrorLine
  errorLine!: number | null;

  @DurationMs
  durationMs!: number;
}

/** An execution that runs now. */
class RunningExecution extends Dto {
  @Field('ID of the execution, and of its record once it has ended.', uuid())
  executionId!: string;

  @TenantId
  tenantId!: string;

  @Field('ID of the script that is running.', uuid())
  scriptId!: string;

  @Field('Name of the script.', text())
  scriptName!: string;

  @Field('Version of the script that is running.', whole(1))
  scriptVersion!: number;

  @EventId
  eventId!: string;

  @EventType
  eventType!: string;

  @Attempt
  attempt!: number;

  @Field('When the execution started.', moment())
  startedAt!: string;
}

/** One execution that runs in the responding process. */
export class RunningExecutionOfNode extends RunningExecution {
  @Field('Names the process that answered, until it ends.', uuid())
  node!: string;
}

/** Executions that run in the responding process. Other processes may run more. */
export class RunningExecutions extends Dto {
  @Field('ID of the responding process. It changes when the process restarts.', uuid())
  node!: string;

  @Field('Running executions, oldest first.', list(dto(() => RunningExecution)))
  items!: object[];
}
