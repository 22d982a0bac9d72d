import { MAX_INTEGER } from '../../common/sql.js';
import type { JsonValue } from '../../common/json.js';
import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { dto, flag, json, list, moment, object, text, whole } from '../schema/kinds.js';

/** `VariableService` checks the values. */
export class SetVariablesBody extends Dto {
  static override readonly checkedByService = true;

  @Field('1 to 100 values by name, each a JSON value of up to 16 KiB. All are set, or none.', object())
  values!: Record<string, JsonValue>;

  @Field(
    'Versions that the changes are based on, by name. 412 if somebody else has changed one since. A variable without a version, or with 0, must be new.',
    object(),
    OPTIONAL,
  )
  baseVersions?: Record<string, number>;
}

export class SetVariableBody extends Dto {
  static override readonly checkedByService = true;

  @Field('Any JSON value of up to 16 KiB.', json())
  value!: JsonValue;
}

/** A variable of a tenant. */
export class Variable extends Dto {
  @Field('What scripts call it.', text())
  name!: string;

  @Field('Its value.', json())
  value!: JsonValue;

  @Field('1 for the first value, one more for each change.', whole(1, MAX_INTEGER))
  version!: number;

  @Field('Who made it.', text(), NULLABLE)
  createdBy!: string | null;

  @Field('When it was made.', moment())
  createdAt!: Date;

  @Field('Who changed it last.', text(), NULLABLE)
  updatedBy!: string | null;

  @Field('When it was changed last.', moment())
  updatedAt!: Date;
}

/** The variables of a tenant. */
export class Variables extends Dto {
  @Field('By name.', list(dto(() => Variable)))
  items!: object[];
}

/** One version of a variable. */
class VariableVersion extends Dto {
  @Field('Number of the version.', whole(1, MAX_INTEGER))
  version!: number;

  @Field('The value. Absent if this change deleted the variable.', json(), OPTIONAL)
  value?: JsonValue;

  @Field('Whether this change deleted it.', flag())
  deleted!: boolean;

  @Field('Who changed it.', text(), NULLABLE)
  changedBy!: string | null;

  @Field('When it was changed.', moment())
  changedAt!: Date;
}

/** The versions of a variable. */
export class VariableVersions extends Dto {
  @Field('Versions, newest first, up to 100.', list(dto(() => VariableVersion)))
  items!: object[];
}

/** A variable that was deleted. */
class DeletedVariable extends Dto {
  @Field('Name of the variable.', text())
  name!: string;

  @Field('The version that the deletion made.', whole(1, MAX_INTEGER))
  version!: number;

  @Field('Who deleted it.', text(), NULLABLE)
  deletedBy!: string | null;

  @Field('When it was deleted.', moment())
  deletedAt!: Date;
}

/** The variables of a tenant that were deleted. */
export class DeletedVariables extends Dto {
  @Field('Deleted variables, the last deleted first, up to 200.', list(dto(() => DeletedVariable)))
  items!: object[];
}
