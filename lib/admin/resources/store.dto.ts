import { MOST_CLEARED } from '../../store/script-store.service.js';
import { LONGEST_KEY } from '../../store/store.rules.js';
import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { dto, flag, json, list, moment, text, uuid, whole } from '../schema/kinds.js';
import { Limit } from './page.dto.js';

const Owner = Field(
  'A script of the tenant, for its own store. Default: the store that all scripts of the tenant share.',
  uuid(),
  OPTIONAL,
);
const Prefix = Field('Only keys that begin with this text.', text(LONGEST_KEY), OPTIONAL);
const ScriptId = Field(
  'ID of the script that owns the store. null: the store that all scripts share.',
  uuid(),
  NULLABLE,
);
const Bytes = Field('Bytes of keys and values as JSON.', whole());

/** `ScriptStoreService` checks what a key may be, here and below. */
export class StoreKeyQuery extends Dto {
  @Owner
  scriptId?: string;

  @Field('The key.', text(LONGEST_KEY, 1))
  key!: string;
}

export class ListStoreKeysQuery extends Dto {
  @Owner
  scriptId?: string;

  @Prefix
  prefix?: string;

  @Limit
  limit?: number;

  @Field('The `nextCursor` of the previous page.', text(LONGEST_KEY), OPTIONAL)
  cursor?: string;
}

export class ClearStoreBody extends Dto {
  @Owner
  scriptId?: string;

  @Prefix
  prefix?: string;

  @Field('Only count the keys and change nothing. Default: false.', flag(), OPTIONAL)
  dryRun?: boolean;

  @Field(
    'Maximum number of keys to remove, in their order. Default: 10,000.',
    whole(1, MOST_CLEARED),
    OPTIONAL,
  )
  limit?: number;
}

/** The result of removing many keys, or of a dry run. A repeated request finds only what is left. */
export class ClearStoreResult extends Dto {
  @Field('Whether this was a dry run, which changes nothing.', flag())
  dryRun!: boolean;

  @Field('How many keys there were when the request began, counted up to 10,000.', whole(0, MOST_CLEARED))
  matched!: number;

  @Field('Whether there were more than 10,000.', flag())
  more!: boolean;

  @Field('How many keys were removed.', whole(0, MOST_CLEARED))
  removed!: number;
}

/** How much one of the tenant's stores holds. */
class StoreSize extends Dto {
  @ScriptId
  scriptId!: string | null;

  @Field('Name of the script. null for the shared store.', text(), NULLABLE)
  scriptName!: string | null;

  @Field('How many keys it has.', whole())
  keys!: number;

  @Bytes
  bytes!: number;
}

/** How much of its quota the tenant uses. Expired keys count until they are removed. */
export class StoreUsage extends Dto {
  @Field('How many keys the tenant has.', whole())
  keys!: number;

  @Bytes
  bytes!: number;

  @Field('How many keys the tenant may have (`limits.tenantStoreKeys`).', whole(1))
  maxKeys!: number;

  @Field('How many bytes the tenant may have (`limits.tenantStoreBytes`).', whole(1))
  maxBytes!: number;

  @Field('The shared store and those of scripts, up to 200, largest first.', list(dto(() => StoreSize)))
  items!: object[];

  @Field(
    'Whether there are more stores or more than 100,000 keys, so that `items` does not count everything.',
    flag(),
  )
  more!: boolean;
}

/** A key of a store in a list. */
export class StoreKey extends Dto {
  @Field('The key.', text())
  key!: string;

  @ScriptId
  scriptId!: string | null;

  @Field('Bytes of key and value as JSON.', whole())
  bytes!: number;

  @Field('When the key expires. null: it does not expire.', moment(), NULLABLE)
  expiresAt!: Date | null;

  @Field('ID of the execution that last wrote it. null: the application wrote it.', uuid(), NULLABLE)
  executionId!: string | null;

  @Field('Who wrote it through the application.', text(), NULLABLE)
  updatedBy!: string | null;

  @Field('When it was made.', moment())
  createdAt!: Date;

  @Field('When it was last written.', moment())
  updatedAt!: Date;
}

/** A key of a store with its value. */
export class StoreEntry extends StoreKey {
  @Field('Any JSON value.', json())
  value!: unknown;
}
