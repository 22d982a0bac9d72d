import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { choice, dto, moment, object, text, uuid, whole } from '../schema/kinds.js';
import { PageQuery } from './page.dto.js';

export class ListUnwellQuery extends PageQuery {
  @Field('Only those; default both.', choice(['degraded', 'disabled']), OPTIONAL)
  state?: 'degraded' | 'disabled';
}

/** What counts against the current version. */
class HealthWindow extends Dto {
  @Field('The first failure that counts.', moment())
  startedAt!: Date;

  @Field('Executions since, of the processes that saw it fail.', whole())
  runs!: number;

  @Field('Failures since.', whole())
  failures!: number;

  @Field('Failures by kind.', object())
  failuresByKind!: object;

  @Field('Failures that took the sandbox process with them.', whole())
  endedProcesses!: number;
}

/** The last failure of a script. */
class LastFailure extends Dto {
  @Field('When.', moment())
  at!: string;

  @Field('The version that failed.', whole(1))
  version!: number;

  @Field('`timeout`, `memory`, `syntax`, `runtime`, `rejected` or `crashed`.', text())
  kind!: string;

  @Field('Its message, up to 500 characters.', text())
  message!: string;

  @Field('Its execution.', uuid())
  executionId!: string;
}

/** Sandbox processes that a script has ended. */
class Blame extends Dto {
  @Field('How many.', whole())
  total!: number;

  @Field('By `timeout`, `memory` or `crashed`.', object())
  byKind!: object;

  @Field('The first.', moment())
  firstAt!: Date;

  @Field('The last.', moment())
  lastAt!: Date;

  @Field('The version that did so last.', whole(1))
  version!: number;
}

/** How a script is. */
export class ScriptHealth extends Dto {
  @Field('The script.', uuid())
  scriptId!: string;

  @Field('Whose it is.', text())
  tenantId!: string;

  @Field('Its name.', text())
  scriptName!: string;

  @Field('The current version.', whole(1))
  version!: number;

  @Field(
    '`degraded`: it runs one event at a time; `disabled`: it does not run, and what comes for it is kept.',
    choice(['healthy', 'degraded', 'disabled']),
  )
  state!: string;

  @Field('Why it is degraded or disabled.', text(), NULLABLE)
  reason!: string | null;

  @Field('When that changed last.', moment(), NULLABLE)
  changedAt!: Date | null;

  @Field('Who changed it; `scripts-event` for the breaker.', text(), NULLABLE)
  changedBy!: string | null;

  @Field(
    'What counts against the current version; null when nothing does.',
    dto(() => HealthWindow),
    NULLABLE,
  )
  window!: object | null;

  @Field('The last failure of any version.', dto(() => LastFailure), NULLABLE)
  lastFailure!: object | null;

  @Field('Sandbox processes it has ever ended; null when none.', dto(() => Blame), NULLABLE)
  blame!: object | null;

  @Field('Dead letters that wait for it, counted up to `breaker.maxHeld`.', whole())
  waiting!: number;

  @Field('Events lost since it was disabled, because `breaker.maxHeld` waited already.', whole())
  noRoom!: number;
}
