import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { choice, dto, moment, object, text, uuid, whole } from '../schema/kinds.js';
import { PageQuery } from './page.dto.js';
import { TenantId } from './shared.fields.js';

export class ListUnwellQuery extends PageQuery {
  @Field('Only scripts in this state. Default: both.', choice(['degraded', 'disabled']), OPTIONAL)
  state?: 'degraded' | 'disabled';
}

/** Failures that count against the current version. */
class HealthWindow extends Dto {
  @Field('When the first failure that counts happened.', moment())
  startedAt!: Date;

  @Field('Executions since then, in the processes that have seen the script fail.', whole())
  runs!: number;

  @Field('Failures since then.', whole())
  failures!: number;

  @Field('Failures since then, by kind of error.', object())
  failuresByKind!: object;

  @Field('Failures since then that ended the sandbox process.', whole())
  endedProcesses!: number;
}

/** The last failure of a script. */
class LastFailure extends Dto {
  @Field('When it happened.', moment())
  at!: string;

  @Field('Version of the script that failed.', whole(1))
  version!: number;

  @Field('Kind of the error: `timeout`, `memory`, `syntax`, `runtime`, `rejected` or `crashed`.', text())
  kind!: string;

  @Field('Message of the error, up to 500 characters.', text())
  message!: string;

  @Field('ID of the execution.', uuid())
  executionId!: string;
}

/** Sandbox processes that a script has crashed. */
class Blame extends Dto {
  @Field('How many sandbox processes the script has ended.', whole())
  total!: number;

  @Field('The same by kind: `timeout`, `memory` or `crashed`.', object())
  byKind!: object;

  @Field('When it ended the first one.', moment())
  firstAt!: Date;

  @Field('When it ended the last one.', moment())
  lastAt!: Date;

  @Field('Version that ended the last one.', whole(1))
  version!: number;
}

/** The health of a script. */
export class ScriptHealth extends Dto {
  @Field('ID of the script.', uuid())
  scriptId!: string;

  @TenantId
  tenantId!: string;

  @Field('Name of the script.', text())
  scriptName!: string;

  @Field('Current version of the script.', whole(1))
  version!: number;

  @Field(
    "`degraded`: the script runs one event at a time. `disabled`: it doesn't run, and its events are kept.",
    choice(['healthy', 'degraded', 'disabled']),
  )
  state!: string;

  @Field('Why the script is degraded or disabled.', text(), NULLABLE)
  reason!: string | null;

  @Field('When the state last changed.', moment(), NULLABLE)
  changedAt!: Date | null;

  @Field('Who changed the state. `scripts-event`: the breaker.', text(), NULLABLE)
  changedBy!: string | null;

  @Field('Failures that count against the current version. null: nothing.', dto(() => HealthWindow), NULLABLE)
  window!: object | null;

  @Field('The last failure of any version.', dto(() => LastFailure), NULLABLE)
  lastFailure!: object | null;

  @Field('Sandbox processes that the script has ever ended. null: none.', dto(() => Blame), NULLABLE)
  blame!: object | null;

  @Field('How many dead letters wait for the script, counted up to `breaker.maxHeld`.', whole())
  waiting!: number;

  @Field(
    'How many events were lost since the script was disabled, because `breaker.maxHeld` were already waiting.',
    whole(),
  )
  noRoom!: number;
}
