import { MAX_INTEGER } from '../../common/sql.js';
import { Dto, Field, NULLABLE, OPTIONAL, OPTIONAL_NULLABLE } from '../schema/dto.js';
import { dto, list, moment, text, whole } from '../schema/kinds.js';

const HOSTS =
  "Hosts that `http.fetch` may send it to: full names, with a port if it isn't the default one of the scheme.";
const BINDINGS = 'Bindings that may get its value.';

/** `SecretService` checks the values. Its errors never contain the secret. */
export class CreateSecretBody extends Dto {
  static override readonly checkedByService = true;

  @Field('What scripts call it: up to 64 letters, digits and `_`.', text(64, 1))
  name!: string;

  @Field('The value, 8 to 8,192 characters. No answer ever has it.', text(8_192, 8))
  value!: string;

  @Field('What it is for.', text(2_000), OPTIONAL_NULLABLE)
  description?: string | null;

  @Field(HOSTS, list(text(300, 1), 20), OPTIONAL)
  hosts?: string[];

  @Field(BINDINGS, list(text(128, 1), 20), OPTIONAL)
  bindings?: string[];
}

/** Fields that are left out stay as they are. */
export class UpdateSecretBody extends Dto {
  static override readonly checkedByService = true;

  @Field('A value that replaces the one it has. No answer ever has it.', text(8_192, 8), OPTIONAL)
  value?: string;

  @Field('What it is for.', text(2_000), OPTIONAL_NULLABLE)
  description?: string | null;

  @Field(HOSTS, list(text(300, 1), 20), OPTIONAL)
  hosts?: string[];

  @Field(BINDINGS, list(text(128, 1), 20), OPTIONAL)
  bindings?: string[];
}

/** A secret without its value. */
export class Secret extends Dto {
  @Field('What scripts call it.', text())
  name!: string;

  @Field('1 for the first value, one more for each replacement.', whole(1, MAX_INTEGER))
  version!: number;

  @Field('What it is for.', text(), NULLABLE)
  description!: string | null;

  @Field(HOSTS, list(text()))
  hosts!: string[];

  @Field(BINDINGS, list(text()))
  bindings!: string[];

  @Field('Who made it.', text(), NULLABLE)
  createdBy!: string | null;

  @Field('When it was made.', moment())
  createdAt!: Date;

  @Field('Who last changed the secret.', text(), NULLABLE)
  updatedBy!: string | null;

  @Field('When it was changed last.', moment())
  updatedAt!: Date;

  @Field('Who set the current value.', text(), NULLABLE)
  valueSetBy!: string | null;

  @Field('When the current value was set.', moment())
  valueSetAt!: Date;

  @Field('When a script last used it, to the minute. null: never.', moment(), NULLABLE)
  lastUsedAt!: Date | null;
}

/** A secret in a list. */
class ListedSecret extends Secret {
  @Field(
    'How many scripts name it in their `secrets`; `GET scripts?secret=` lists them.',
    whole(0, MAX_INTEGER),
  )
  scripts!: number;
}

/** The secrets of a tenant. */
export class Secrets extends Dto {
  @Field('By name.', list(dto(() => ListedSecret)))
  items!: object[];
}
