import { MAX_INTEGER } from '../../common/sql.js';
import {
  ORDERED_FAILURE_POLICIES,
  SCRIPT_LANGUAGES,
  SCRIPT_STATUSES,
  type OrderedFailurePolicy,
  type ScriptLanguage,
  type ScriptLimits,
  type ScriptSchedule,
  type ScriptStatus,
} from '../../entities/index.js';
import type { JsonObject } from '../../common/json.js';
import type { ScheduleFields } from '../../scripts/script.types.js';
import type { ResumeOptions } from '../../breaker/script-health.types.js';
import { Dto, Field, NULLABLE, OPTIONAL, OPTIONAL_NULLABLE } from '../schema/dto.js';
import { choice, dto, flag, list, moment, object, text, uuid, whole } from '../schema/kinds.js';
import { PageQuery } from './page.dto.js';
import { MOST_SCHEDULES, Schedule, ScheduleBody } from './schedules.dto.js';
import { TenantId } from './shared.fields.js';

/** Descriptions of the fields of a script that requests and responses share. */
const TEXTS = {
  name: "Name of the script, unique among the tenant's scripts that are not archived.",
  eventTypes: 'Event types that the script listens to.',
  limits: 'Limits of a run. null: those of the `sandbox` options.',
  bindings: 'Names of the bindings that the script may call. null: none.',
  secrets: 'Names of the secrets that the script may use. null: none.',
  maxConcurrency: 'Maximum number of runs at the same time. null: `buffer.maxRunsPerScript`.',
  runsPerMinute: 'Maximum number of runs that begin in one minute. null: no limit.',
  orderingKey:
    'Path of a payload field. Events with the same value there run one at a time, in order. null: no order.',
  onOrderedFailure:
    'What happens to the events behind an ordered event that fails. `block`: they wait until its dead letter is resolved or discarded. `skip`: they run.',
};

export class ListScriptsQuery extends PageQuery {
  @Field(
    'Only scripts with one of these statuses. Default: all.',
    list(choice(SCRIPT_STATUSES), SCRIPT_STATUSES.length),
    OPTIONAL,
  )
  status?: ScriptStatus[];

  @Field('Only scripts that listen to this event type.', text(200, 1), OPTIONAL)
  eventType?: string;

  @Field('Only scripts whose name contains this text, in upper or lower case.', text(200, 1), OPTIONAL)
  q?: string;

  @Field('Only scripts that name this secret in their `secrets`.', text(64, 1), OPTIONAL)
  secret?: string;

  @Field(
    'Only scripts whose current source has the words `vars` and this name of a variable.',
    text(64, 1),
    OPTIONAL,
  )
  variable?: string;
}

export class ScriptLimitsDto extends Dto {
  static override readonly checkedByService = true;

  @Field('Maximum duration of a run in milliseconds.', whole(1, 600_000), OPTIONAL)
  timeoutMs?: number;

  @Field('Maximum heap of a run in megabytes.', whole(8, 1_024), OPTIONAL)
  memoryMb?: number;
}

/** The fields of a script that can be set, besides its name and source. */
abstract class ScriptSettings extends Dto {
  @Field('What the script is for.', text(2_000), OPTIONAL_NULLABLE)
  description?: string | null;

  @Field(
    'Times at which the script runs without an event. null: none.',
    list(
      dto(() => ScheduleBody),
      MOST_SCHEDULES,
    ),
    OPTIONAL_NULLABLE,
  )
  schedules?: ScheduleFields[] | null;

  @Field(
    'The filter. With null or `{}` the script runs for every event of its types.',
    object(),
    OPTIONAL_NULLABLE,
  )
  filters?: JsonObject | null;

  @Field(TEXTS.limits, dto(() => ScriptLimitsDto), OPTIONAL_NULLABLE)
  limits?: ScriptLimits | null;

  @Field(TEXTS.bindings, list(text(200, 1), 100), OPTIONAL_NULLABLE)
  bindings?: string[] | null;

  @Field(TEXTS.secrets, list(text(64, 1), 20), OPTIONAL_NULLABLE)
  secrets?: string[] | null;

  @Field(TEXTS.maxConcurrency, whole(1, 1_000), OPTIONAL_NULLABLE)
  maxConcurrency?: number | null;

  @Field(TEXTS.runsPerMinute, whole(1, 100_000), OPTIONAL_NULLABLE)
  runsPerMinute?: number | null;

  @Field(TEXTS.orderingKey, text(200, 1), OPTIONAL_NULLABLE)
  orderingKey?: string | null;

  @Field(TEXTS.onOrderedFailure, choice(ORDERED_FAILURE_POLICIES), OPTIONAL)
  onOrderedFailure?: OrderedFailurePolicy;
}

/** `ScriptService` checks the values and reports all problems at once. */
export class CreateScriptBody extends ScriptSettings {
  static override readonly checkedByService = true;

  @Field(TEXTS.name, text(200, 1))
  name!: string;

  @Field(TEXTS.eventTypes, list(text(200, 1), 50), OPTIONAL)
  eventTypes?: string[];

  @Field('The body of an async function, at most 100 KiB unless the application sets another limit.', text())
  source!: string;

  @Field('Language of the source. Default: `javascript`.', choice(SCRIPT_LANGUAGES), OPTIONAL)
  language?: ScriptLanguage;

  @Field('Whether the script listens immediately. Default: false, which makes it a draft.', flag(), OPTIONAL)
  active?: boolean;
}

/** Fields that are left out stay as they are. */
export class UpdateScriptBody extends ScriptSettings {
  static override readonly checkedByService = true;

  @Field(TEXTS.name, text(200, 1), OPTIONAL)
  name?: string;

  @Field(TEXTS.eventTypes, list(text(200, 1), 50), OPTIONAL)
  eventTypes?: string[];

  @Field('A source that differs from the current one becomes the next version.', text(), OPTIONAL)
  source?: string;

  @Field('Language of the source. Default: that of the current version.', choice(SCRIPT_LANGUAGES), OPTIONAL)
  language?: ScriptLanguage;
}

export class PauseScriptBody extends Dto {
  @Field('Why the script is paused. Shown next to its status.', text(2_000, 1), OPTIONAL)
  reason?: string;
}

export class DisableScriptBody extends Dto {
  @Field('Why the script is disabled. Part of the alert.', text(2_000, 1))
  reason!: string;
}

export class ResumeScriptBody extends Dto {
  @Field(
    'What happens to events that arrived or failed in the meantime. `held` (default): the kept events run. `failed`: dead letters that were exhausted since then run too. `none`: the kept events are discarded.',
    choice(['held', 'failed', 'none']),
    OPTIONAL,
  )
  replay?: ResumeOptions['replay'];
}

/** A script in a list. */
export class ScriptSummary extends Dto {
  @Field('ID of the script.', uuid())
  id!: string;

  @TenantId
  tenantId!: string;

  @Field(TEXTS.name, text())
  name!: string;

  @Field('What the script is for.', text(), NULLABLE)
  description!: string | null;

  @Field(TEXTS.eventTypes, list(text()))
  eventTypes!: string[];

  @Field('Only active scripts run. Events for a disabled script are kept.', choice(SCRIPT_STATUSES))
  status!: ScriptStatus;

  @Field('Why the script is paused, disabled or degraded.', text(), NULLABLE)
  statusReason!: string | null;

  @Field('Whether the script fails too often and so runs one event at a time.', flag())
  degraded!: boolean;

  @Field('Current version of the source.', whole(1, MAX_INTEGER))
  version!: number;

  @Field('Who created the script.', text(), NULLABLE)
  createdBy!: string | null;

  @Field('Who last changed the script.', text(), NULLABLE)
  updatedBy!: string | null;

  @Field('When the script was created.', moment())
  createdAt!: Date;

  @Field('When the script last changed.', moment())
  updatedAt!: Date;

  @Field('Changes with every change of the script. The `ETag` header has the same value in quotes.', text())
  revision!: string;
}

/** A script with all its fields. */
export class Script extends ScriptSummary {
  @Field('Times at which it runs without an event.', list(dto(() => Schedule)), NULLABLE)
  schedules!: ScriptSchedule[] | null;

  @Field(
    'The filter as its author wrote it. null: the script runs for every event of its types.',
    object(),
    NULLABLE,
  )
  filters!: JsonObject | null;

  @Field(TEXTS.limits, dto(() => ScriptLimitsDto), NULLABLE)
  limits!: ScriptLimits | null;

  @Field(TEXTS.bindings, list(text()), NULLABLE)
  bindings!: string[] | null;

  @Field(TEXTS.secrets, list(text()), NULLABLE)
  secrets!: string[] | null;

  @Field(TEXTS.maxConcurrency, whole(1), NULLABLE)
  maxConcurrency!: number | null;

  @Field(TEXTS.runsPerMinute, whole(1), NULLABLE)
  runsPerMinute!: number | null;

  @Field(TEXTS.orderingKey, text(), NULLABLE)
  orderingKey!: string | null;

  @Field(TEXTS.onOrderedFailure, choice(ORDERED_FAILURE_POLICIES))
  onOrderedFailure!: OrderedFailurePolicy;

  @Field('Source of the current version.', text())
  source!: string;

  @Field('Language of the current version.', choice(SCRIPT_LANGUAGES))
  language!: ScriptLanguage;
}

/** A script that was just saved. */
export class SavedScript extends Script {
  @Field(
    "What is probably wrong: no event can match the filter, the event types don't have a field that the filter uses, or the source reads a secret or variable that doesn't exist.",
    list(text()),
  )
  warnings!: string[];
}

/** The result of a deletion. */
export class ScriptDeletion extends Dto {
  @Field('How many open dead letters were discarded. Each has a note that says why.', whole())
  discardedDeadLetters!: number;
}

/** The result of resuming a script. */
export class ScriptResumption extends Dto {
  @Field('The script as it is now.', dto(() => ScriptSummary))
  script!: object;

  @Field('How many dead letters run now.', whole())
  replayed!: number;

  @Field('How many of these were kept for the script.', whole())
  held!: number;

  @Field('How many of these were waiting for a retry.', whole())
  retries!: number;

  @Field('How many of these were exhausted.', whole())
  exhausted!: number;

  @Field('How many dead letters that were kept for the script are now discarded.', whole())
  discarded!: number;
}
