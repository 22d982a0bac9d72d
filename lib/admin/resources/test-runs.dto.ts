import type { JsonObject } from '../../common/json.js';
import { SCRIPT_LANGUAGES, type ScriptLanguage, type ScriptLimits } from '../../entities/index.js';
import type { ScheduleFields } from '../../scripts/script.types.js';
import type { TestEvent } from '../../test-run/test-run.types.js';
import { Dto, Field, NULLABLE, OPTIONAL, OPTIONAL_NULLABLE } from '../schema/dto.js';
import { choice, dto, flag, json, list, number, object, text, uuid, whole } from '../schema/kinds.js';
import { ExecutionLogLine } from './executions.dto.js';
import { MOST_SCHEDULES, ScheduleBody } from './schedules.dto.js';
import { ScriptLimitsDto } from './scripts.dto.js';
import { ERROR_KIND, EventId, EventType } from './shared.fields.js';

/** An event for a test run, given in one of three ways. */
class TestEventBody extends Dto {
  static override readonly checkedByService = true;

  @Field('Type of a made-up event.', text(200, 1), OPTIONAL)
  type?: string;

  @Field('Payload of the made-up event.', object(), OPTIONAL)
  input?: object;

  @Field('ID of a dead letter whose event to use.', uuid(), OPTIONAL)
  deadLetterId?: string;

  @Field(
    'ID of an execution whose event to use. `storage.keepInput` must have been on at the time.',
    uuid(),
    OPTIONAL,
  )
  executionId?: string;
}

export class ExplainFilterBody extends Dto {
  @Field('The filter.', object(), NULLABLE)
  filters!: JsonObject | null;

  @Field('The event to check.', dto(() => TestEventBody))
  event!: TestEvent;
}

/** `TestRunService` checks the values. */
export class TestRunBody extends Dto {
  static override readonly checkedByService = true;

  @Field('ID of a saved script. It supplies the fields that are left out below.', uuid(), OPTIONAL)
  scriptId?: string;

  @Field("A source that isn't saved. Required without `scriptId`.", text(), OPTIONAL)
  source?: string;

  @Field(
    'Language of the source. Default: that of the script, or `javascript`.',
    choice(SCRIPT_LANGUAGES),
    OPTIONAL,
  )
  language?: ScriptLanguage;

  @Field('Event types that the script would listen to.', list(text(200, 1), 50), OPTIONAL)
  eventTypes?: string[];

  @Field(
    'Its schedules.',
    list(
      dto(() => ScheduleBody),
      MOST_SCHEDULES,
    ),
    OPTIONAL_NULLABLE,
  )
  schedules?: ScheduleFields[] | null;

  @Field('The filter.', object(), OPTIONAL_NULLABLE)
  filters?: JsonObject | null;

  @Field('Names of the bindings that the script may call.', list(text(200, 1), 100), OPTIONAL_NULLABLE)
  bindings?: string[] | null;

  @Field('Names of the secrets that the script may use.', list(text(64, 1), 20), OPTIONAL_NULLABLE)
  secrets?: string[] | null;

  @Field('Limits of the run.', dto(() => ScriptLimitsDto), OPTIONAL_NULLABLE)
  limits?: ScriptLimits | null;

  @Field('The event to run the script for.', dto(() => TestEventBody))
  event!: TestEvent;

  @Field(
    'Whether bindings are really called, with all their effects. Needs the `operate` permission. Default: false; a call rejects with the code `test-run`.',
    flag(),
    OPTIONAL,
  )
  callBindings?: boolean;

  @Field(
    'Whether the values of secrets are really used. Needs the `operate` permission. Default: false; a call with a secret rejects with the code `test-run`.',
    flag(),
    OPTIONAL,
  )
  useSecrets?: boolean;

  @Field(
    'Names of bindings that are really called, in place of all. Needs the `operate` permission.',
    list(text(200, 1), 100),
    OPTIONAL,
  )
  realBindings?: string[];

  @Field(
    'Stand-ins by the name of the binding: `{ input?, answer }` or `{ input?, error: { code, message? } }`, ' +
      'or a list of them, of which the first one that fits the input answers.',
    object(),
    OPTIONAL,
  )
  standIns?: Record<string, unknown>;
}

/** The result of one operator of a filter. */
class FilterCondition extends Dto {
  @Field('Position of the operator in the filter.', text())
  place!: string;

  @Field('Path of the field.', text())
  path!: string;

  @Field('The operator.', text())
  operator!: string;

  @Field('Value of the operator in the filter.', json())
  expected!: unknown;

  @Field(
    'Value of the field in the event. Absent if the event has none, and without the `data` permission.',
    json(),
    OPTIONAL,
  )
  actual?: unknown;

  @Field("Whether the event doesn't have this field.", flag())
  missing!: boolean;

  @Field('Whether the condition is met.', flag())
  matched!: boolean;

  @Field('The verdict as a sentence. Absent without the `data` permission.', text(), OPTIONAL)
  reason?: string;
}

/** The result of an `and`, `or` or `not`. */
class FilterGroup extends Dto {
  @Field('Position of the operator in the filter.', text())
  place!: string;

  @Field('The operator.', choice(['and', 'or', 'not']))
  operator!: string;

  @Field('Whether the group is met.', flag())
  matched!: boolean;

  @Field('The verdict as a sentence.', text())
  reason!: string;
}

/** Why a filter matches an event or doesn't. */
class FilterExplanation extends Dto {
  @Field('Whether the filter matches the event.', flag())
  matched!: boolean;

  @Field('Whether the filter needs more steps on this event than it may take.', flag(), OPTIONAL)
  undecided?: boolean;

  @Field('The verdict in one sentence. Absent without the `data` permission.', text(), OPTIONAL)
  summary?: string;

  @Field('Every condition, in the order of the filter.', list(dto(() => FilterCondition)))
  conditions!: object[];

  @Field('Every `and`, `or` and `not`, in the order of the filter.', list(dto(() => FilterGroup)))
  groups!: object[];
}

/** Whether an event like this one would run the script. */
class TestRunRouting extends Dto {
  @Field('Whether an event like this one would run the script.', flag())
  wouldRun!: boolean;

  @Field('Why it would not. Absent without the `data` permission.', list(text()), OPTIONAL)
  reasons?: string[];

  @Field(
    "What is probably wrong with the filter, and which secrets and variables the source reads that don't exist. Absent without the `data` permission.",
    list(text()),
    OPTIONAL,
  )
  warnings?: string[];

  @Field('Whether the filter matches the event, and why.', dto(() => FilterExplanation))
  filter!: object;
}

/** The event as the script saw it. */
class TestedEvent extends Dto {
  @EventId
  id!: string;

  @EventType
  type!: string;

  @Field('Payload of the event. Absent without the `data` permission.', json(), OPTIONAL)
  input?: unknown;

  @Field("Fields of a made-up payload that events of this type don't have.", list(text()))
  ignoredFields!: string[];
}

/** The verdict of a filter on an event. */
export class FilterVerdict extends Dto {
  @Field('The event.', dto(() => TestedEvent))
  event!: object;

  @Field('Whether the filter matches the event, and why.', dto(() => FilterExplanation))
  filter!: object;
}

class PublishedEvent extends Dto {
  @EventType
  type!: string;

  @Field('Payload of the event.', json())
  payload!: unknown;
}

class TestRunMetrics extends Dto {
  @Field('Milliseconds from start to end, with fractions.', number())
  durationMs!: number;

  @Field('Milliseconds of CPU time, with fractions.', number())
  cpuMs!: number;

  @Field('How many binding calls the script made.', whole())
  bindingCalls!: number;

  @Field('How many log lines are not in `logs` because of a limit.', whole())
  logsDropped!: number;
}

class TestRunError extends Dto {
  @Field(ERROR_KIND, text())
  kind!: string;

  @Field('Message of the error.', text())
  message!: string;

  @Field('Name of the error.', text(), OPTIONAL)
  name?: string;

  @Field('Stack trace of the error. Its lines are those of the source.', text(), OPTIONAL)
  stack?: string;

  @Field('Line of the error in the source, from 1.', whole(1), OPTIONAL)
  line?: number;

  @Field('False after `throw new NonRetryableError()`.', flag(), OPTIONAL)
  retryable?: boolean;

  @Field('Milliseconds requested with `throw new RetryAfterError(ms)`.', number(), OPTIONAL)
  retryAfterMs?: number;
}

/** The result of a test run. A script's failure is a result, too. */
export class TestRun extends Dto {
  @Field('How the run ended.', choice(['completed', 'failed']))
  status!: string;

  @Field("ID of the run's record. null if the source is not saved.", uuid(), NULLABLE)
  executionId!: string | null;

  @Field('Version of the script that ran. 0 for a source that is not saved.', whole())
  version!: number;

  @Field('The event as the script saw it.', dto(() => TestedEvent))
  event!: object;

  @Field('Whether an event like this one would run the script.', dto(() => TestRunRouting))
  routing!: object;

  @Field(
    'Return value of the script. Absent if it failed, and without the `data` permission.',
    json(),
    OPTIONAL,
  )
  result?: unknown;

  @Field('Why the script failed.', dto(() => TestRunError), OPTIONAL)
  error?: object;

  @Field(
    'Log lines of the script. Absent without the `data` permission.',
    list(dto(() => ExecutionLogLine)),
    OPTIONAL,
  )
  logs?: object[];

  @Field(
    'Events that the script would have published. Absent without the `data` permission.',
    list(dto(() => PublishedEvent)),
    OPTIONAL,
  )
  published?: object[];

  @Field('Resources that the run used.', dto(() => TestRunMetrics))
  metrics!: object;
}
