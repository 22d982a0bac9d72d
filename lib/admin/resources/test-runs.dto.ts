import type { JsonObject } from '../../common/json.js';
import { SCRIPT_LANGUAGES, type ScriptLanguage, type ScriptLimits } from '../../entities/index.js';
import type { TestEvent } from '../../test-run/test-run.types.js';
import { Dto, Field, NULLABLE, OPTIONAL, OPTIONAL_NULLABLE } from '../schema/dto.js';
import { choice, dto, flag, json, list, number, object, text, uuid, whole } from '../schema/kinds.js';
import { ExecutionLogLine } from './executions.dto.js';
import { ScriptLimitsDto } from './scripts.dto.js';

/** An event to try something with: one way of the three. */
class TestEventBody extends Dto {
  static override readonly checkedByService = true;

  @Field('The type of an event that is made up.', text(200, 1), OPTIONAL)
  type?: string;

  @Field('Its payload.', object(), OPTIONAL)
  input?: object;

  @Field('The event of a dead letter.', uuid(), OPTIONAL)
  deadLetterId?: string;

  @Field('The event of an execution, when `storage.keepInput` was on at the time.', uuid(), OPTIONAL)
  executionId?: string;
}

export class ExplainFilterBody extends Dto {
  @Field('The filter.', object(), NULLABLE)
  filters!: JsonObject | null;

  @Field('What it is asked about.', dto(() => TestEventBody))
  event!: TestEvent;
}

/** `TestRunService` checks what is inside. */
export class TestRunBody extends Dto {
  static override readonly checkedByService = true;

  @Field('A saved script: what is left out below is taken from it.', uuid(), OPTIONAL)
  scriptId?: string;

  @Field('A text that is not saved; needed without a script.', text(), OPTIONAL)
  source?: string;

  @Field('Default that of the script, or `javascript`.', choice(SCRIPT_LANGUAGES), OPTIONAL)
  language?: ScriptLanguage;

  @Field('What it would listen to.', list(text(200, 1), 50), OPTIONAL)
  eventTypes?: string[];

  @Field('Its filter.', object(), OPTIONAL_NULLABLE)
  filters?: JsonObject | null;

  @Field('What it may call.', list(text(200, 1), 100), OPTIONAL_NULLABLE)
  bindings?: string[] | null;

  @Field('What the run may use.', dto(() => ScriptLimitsDto), OPTIONAL_NULLABLE)
  limits?: ScriptLimits | null;

  @Field('The event that it runs on.', dto(() => TestEventBody))
  event!: TestEvent;

  @Field(
    'Whether bindings are called for real, with all that they do; needs the permission `operate`. Default false: a call ' +
      'rejects with the code `test-run`.',
    flag(),
    OPTIONAL,
  )
  callBindings?: boolean;
}

/** How one operator of a filter fared. */
class FilterCondition extends Dto {
  @Field('Where it stands in the filter.', text())
  place!: string;

  @Field('The field.', text())
  path!: string;

  @Field('The operator.', text())
  operator!: string;

  @Field("The operator's value in the filter.", json())
  expected!: unknown;

  @Field(
    'What the event holds there; absent when it holds nothing, and without the permission `data`.',
    json(),
    OPTIONAL,
  )
  actual?: unknown;

  @Field('Whether the event has no such field.', flag())
  missing!: boolean;

  @Field('Whether it holds.', flag())
  matched!: boolean;

  @Field('The verdict as a sentence; absent without the permission `data`.', text(), OPTIONAL)
  reason?: string;
}

/** How an `and`, `or` or `not` fared. */
class FilterGroup extends Dto {
  @Field('Where it stands in the filter.', text())
  place!: string;

  @Field('Which.', choice(['and', 'or', 'not']))
  operator!: string;

  @Field('Whether it holds.', flag())
  matched!: boolean;

  @Field('The verdict as a sentence.', text())
  reason!: string;
}

/** Why a filter lets an event through or does not. */
class FilterExplanation extends Dto {
  @Field('Whether it lets the event through.', flag())
  matched!: boolean;

  @Field('It takes more steps on this event than it may.', flag(), OPTIONAL)
  undecided?: boolean;

  @Field('The verdict in one sentence; absent without the permission `data`.', text(), OPTIONAL)
  summary?: string;

  @Field('Every operator, in the order of the filter.', list(dto(() => FilterCondition)))
  conditions!: object[];

  @Field('Every `and`, `or` and `not`, in the order of the filter.', list(dto(() => FilterGroup)))
  groups!: object[];
}

/** Whether an event like this one would run the script. */
class TestRunRouting extends Dto {
  @Field('True when it would.', flag())
  wouldRun!: boolean;

  @Field('What stands against it; absent without the permission `data`.', list(text()), OPTIONAL)
  reasons?: string[];

  @Field(
    'What is probably wrong with its filter; absent without the permission `data`.',
    list(text()),
    OPTIONAL,
  )
  warnings?: string[];

  @Field('What its filter says.', dto(() => FilterExplanation))
  filter!: object;
}

/** The event as the script saw it. */
class TestedEvent extends Dto {
  @Field('Its id.', text())
  id!: string;

  @Field('Its type.', text())
  type!: string;

  @Field('Its payload; absent without the permission `data`.', json(), OPTIONAL)
  input?: unknown;

  @Field('Fields of a made-up payload that events of this type do not carry.', list(text()))
  ignoredFields!: string[];
}

/** What a filter said of an event. */
export class FilterVerdict extends Dto {
  @Field('The event.', dto(() => TestedEvent))
  event!: object;

  @Field('What the filter says.', dto(() => FilterExplanation))
  filter!: object;
}

class PublishedEvent extends Dto {
  @Field('Its type.', text())
  type!: string;

  @Field('Its payload.', json())
  payload!: unknown;
}

class TestRunMetrics extends Dto {
  @Field('Milliseconds, with fractions.', number())
  durationMs!: number;

  @Field('Milliseconds of processor time, with fractions.', number())
  cpuMs!: number;

  @Field('Calls of bindings.', whole())
  bindingCalls!: number;

  @Field('Log lines over a limit, which are not in `logs`.', whole())
  logsDropped!: number;
}

class TestRunError extends Dto {
  @Field('`timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`.', text())
  kind!: string;

  @Field('Its message.', text())
  message!: string;

  @Field('Its name.', text(), OPTIONAL)
  name?: string;

  @Field("Its stack, by lines of the author's source.", text(), OPTIONAL)
  stack?: string;

  @Field("Line in the author's source, from 1.", whole(1), OPTIONAL)
  line?: number;

  @Field('False after `throw new NonRetryableError()`.', flag(), OPTIONAL)
  retryable?: boolean;

  @Field('Milliseconds asked for by `throw new RetryAfterError(ms)`.', number(), OPTIONAL)
  retryAfterMs?: number;
}

/** What a test run showed. A script's failure is a result. */
export class TestRun extends Dto {
  @Field('How it ended.', choice(['completed', 'failed']))
  status!: string;

  @Field('Its record; null when the source that ran is not saved.', uuid(), NULLABLE)
  executionId!: string | null;

  @Field('The version that ran; 0 for a source that is not saved.', whole())
  version!: number;

  @Field('The event as the script saw it.', dto(() => TestedEvent))
  event!: object;

  @Field('Whether an event like this one would run the script.', dto(() => TestRunRouting))
  routing!: object;

  @Field('What it returned; absent when it failed, and without the permission `data`.', json(), OPTIONAL)
  result?: unknown;

  @Field('Why it failed.', dto(() => TestRunError), OPTIONAL)
  error?: object;

  @Field('What it logged; absent without the permission `data`.', list(dto(() => ExecutionLogLine)), OPTIONAL)
  logs?: object[];

  @Field(
    'Events it would have published; absent without the permission `data`.',
    list(dto(() => PublishedEvent)),
    OPTIONAL,
  )
  published?: object[];

  @Field('What it used.', dto(() => TestRunMetrics))
  metrics!: object;
}
