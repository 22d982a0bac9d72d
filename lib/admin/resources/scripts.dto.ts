import {
  ORDERED_FAILURE_POLICIES,
  SCRIPT_LANGUAGES,
  SCRIPT_STATUSES,
  type OrderedFailurePolicy,
  type ScriptLanguage,
  type ScriptLimits,
  type ScriptStatus,
} from '../../entities/index.js';
import type { JsonObject } from '../../common/json.js';
import type { ResumeOptions } from '../../breaker/script-health.types.js';
import { Dto, Field, NULLABLE, OPTIONAL, OPTIONAL_NULLABLE } from '../schema/dto.js';
import { choice, dto, flag, list, moment, object, text, uuid, whole } from '../schema/kinds.js';
import { PageQuery } from './page.dto.js';

const MAX_INTEGER = 2 ** 31 - 1;

export class ListScriptsQuery extends PageQuery {
  @Field('Only these statuses; default all.', list(choice(SCRIPT_STATUSES), SCRIPT_STATUSES.length), OPTIONAL)
  status?: ScriptStatus[];

  @Field('Only scripts that listen to this event type.', text(200, 1), OPTIONAL)
  eventType?: string;

  @Field('Only scripts whose name contains this text, upper and lower case alike.', text(200, 1), OPTIONAL)
  q?: string;
}

export class ScriptLimitsDto extends Dto {
  static override readonly checkedByService = true;

  @Field('Milliseconds a run may take.', whole(1, 600_000), OPTIONAL)
  timeoutMs?: number;

  @Field('Megabytes of heap.', whole(8, 1_024), OPTIONAL)
  memoryMb?: number;
}

/** What can be set of a script, besides its name and source. */
abstract class ScriptSettings extends Dto {
  @Field('What it is for.', text(2_000), OPTIONAL_NULLABLE)
  description?: string | null;

  @Field('A filter; null or {} lets every event of the types through.', object(), OPTIONAL_NULLABLE)
  filters?: JsonObject | null;

  @Field(
    "What a run may use, instead of the sandbox's own limits.",
    dto(() => ScriptLimitsDto),
    OPTIONAL_NULLABLE,
  )
  limits?: ScriptLimits | null;

  @Field('Names of the bindings it may call; null means none.', list(text(200, 1), 100), OPTIONAL_NULLABLE)
  bindings?: string[] | null;

  @Field("Runs at the same time; null means the buffer's own limit.", whole(1, 1_000), OPTIONAL_NULLABLE)
  maxConcurrency?: number | null;

  @Field('Runs that begin in one minute; null means no limit.', whole(1, 100_000), OPTIONAL_NULLABLE)
  runsPerMinute?: number | null;

  @Field(
    "Path of the payload's field by which events are ordered; null means none.",
    text(200, 1),
    OPTIONAL_NULLABLE,
  )
  orderingKey?: string | null;

  @Field(
    'What a failure of an ordered event does to those behind it.',
    choice(ORDERED_FAILURE_POLICIES),
    OPTIONAL,
  )
  onOrderedFailure?: OrderedFailurePolicy;
}

/** `ScriptService` checks what is inside, and names every problem at once. */
export class CreateScriptBody extends ScriptSettings {
  static override readonly checkedByService = true;

  @Field("Unique among the tenant's scripts that are not archived.", text(200, 1))
  name!: string;

  @Field('What it listens to.', list(text(200, 1), 50))
  eventTypes!: string[];

  @Field('The body of an async function, up to 100 KiB.', text())
  source!: string;

  @Field('Default `javascript`.', choice(SCRIPT_LANGUAGES), OPTIONAL)
  language?: ScriptLanguage;

  @Field('Whether it listens at once; default false, as a draft.', flag(), OPTIONAL)
  active?: boolean;
}

/** What is left out stays as it is. */
export class UpdateScriptBody extends ScriptSettings {
  static override readonly checkedByService = true;

  @Field("Unique among the tenant's scripts that are not archived.", text(200, 1), OPTIONAL)
  name?: string;

  @Field('What it listens to.', list(text(200, 1), 50), OPTIONAL)
  eventTypes?: string[];

  @Field('A text that differs from the current one becomes the next version.', text(), OPTIONAL)
  source?: string;

  @Field('Default that of the current version.', choice(SCRIPT_LANGUAGES), OPTIONAL)
  language?: ScriptLanguage;
}

export class PauseScriptBody extends Dto {
  @Field('Why, shown beside the status.', text(2_000, 1), OPTIONAL)
  reason?: string;
}

export class DisableScriptBody extends Dto {
  @Field('Why: it is in the alert.', text(2_000, 1))
  reason!: string;
}

export class ResumeScriptBody extends Dto {
  @Field(
    'What becomes of the events that came or failed meanwhile: `held` (default) runs what was kept, `failed` also what is ' +
      'exhausted since, `none` discards what was kept.',
    choice(['held', 'failed', 'none']),
    OPTIONAL,
  )
  replay?: ResumeOptions['replay'];
}

/** A script in a list. */
export class ScriptSummary extends Dto {
  @Field('Its id.', uuid())
  id!: string;

  @Field('Whose it is.', text())
  tenantId!: string;

  @Field("Unique among the tenant's scripts that are not archived.", text())
  name!: string;

  @Field('What it is for.', text(), NULLABLE)
  description!: string | null;

  @Field('What it listens to.', list(text()))
  eventTypes!: string[];

  @Field('Only active ones run; what comes for a disabled one is kept.', choice(SCRIPT_STATUSES))
  status!: ScriptStatus;

  @Field('Why it was paused, disabled or degraded.', text(), NULLABLE)
  statusReason!: string | null;

  @Field('It fails too often, and runs one event at a time.', flag())
  degraded!: boolean;

  @Field('The current version of its source.', whole(1, MAX_INTEGER))
  version!: number;

  @Field('Who made it.', text(), NULLABLE)
  createdBy!: string | null;

  @Field('Who changed it last.', text(), NULLABLE)
  updatedBy!: string | null;

  @Field('When it was made.', moment())
  createdAt!: Date;

  @Field('When it was changed last.', moment())
  updatedAt!: Date;

  @Field('Its state: another one after every change. `ETag` is the same in quotes.', text())
  revision!: string;
}

/** A script with all that can be set. */
export class Script extends ScriptSummary {
  @Field('The filter as its author wrote it; null lets every event of the types through.', object(), NULLABLE)
  filters!: JsonObject | null;

  @Field("What a run may use, instead of the sandbox's own limits.", dto(() => ScriptLimitsDto), NULLABLE)
  limits!: ScriptLimits | null;

  @Field('Names of the bindings it may call; null means none.', list(text()), NULLABLE)
  bindings!: string[] | null;

  @Field("Runs at the same time; null means the buffer's own limit.", whole(1), NULLABLE)
  maxConcurrency!: number | null;

  @Field('Runs that begin in one minute; null means no limit.', whole(1), NULLABLE)
  runsPerMinute!: number | null;

  @Field("Path of the payload's field by which its events are ordered.", text(), NULLABLE)
  orderingKey!: string | null;

  @Field('What a failure of an ordered event does to those behind it.', choice(ORDERED_FAILURE_POLICIES))
  onOrderedFailure!: OrderedFailurePolicy;

  @Field('The text of the current version.', text())
  source!: string;

  @Field('What the current version is written in.', choice(SCRIPT_LANGUAGES))
  language!: ScriptLanguage;
}

/** A script that was just saved. */
export class SavedScript extends Script {
  @Field(
    'What is probably wrong with its filter: no event can match it, or its event types do not have a field that it uses.',
    list(text()),
  )
  warnings!: string[];
}

/** What a deletion took with it. */
export class ScriptDeletion extends Dto {
  @Field('Open dead letters that were discarded, with a note that says why.', whole())
  discardedDeadLetters!: number;
}

export class ListVersionsQuery extends Dto {
  @Field('Items on the page, default 50.', whole(1, 200), OPTIONAL)
  limit?: number;

  @Field('`nextCursor` of the page before.', whole(1, MAX_INTEGER), OPTIONAL)
  cursor?: number;
}

/** One version of a script in a list. */
export class ScriptVersionSummary extends Dto {
  @Field('1 for the first, one more for each change of the source.', whole(1, MAX_INTEGER))
  version!: number;

  @Field('What it is written in.', choice(SCRIPT_LANGUAGES))
  language!: ScriptLanguage;

  @Field('SHA-256 of the source, hexadecimal.', text())
  checksum!: string;

  @Field('Who saved it.', text(), NULLABLE)
  createdBy!: string | null;

  @Field('When it was saved.', moment())
  createdAt!: Date;
}

/** One version of a script. */
export class ScriptVersion extends ScriptVersionSummary {
  @Field('Its text; never changed.', text())
  source!: string;
}

/** What a resumption did. */
export class ScriptResumption extends Dto {
  @Field('The script as it is now.', dto(() => ScriptSummary))
  script!: object;

  @Field('Dead letters that run now.', whole())
  replayed!: number;

  @Field('Of these, the ones that were kept for it.', whole())
  held!: number;

  @Field('Of these, the ones that wait for their retry.', whole())
  retries!: number;

  @Field('Of these, the exhausted ones, which run again.', whole())
  exhausted!: number;

  @Field('Dead letters that were kept for it and are given up.', whole())
  discarded!: number;
}
