import { ADMIN_PERMISSIONS } from '../admin.options.js';
import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { choice, dto, flag, list, moment, object, text, uuid, whole } from '../schema/kinds.js';

class SessionActor extends Dto {
  @Field('ID of the user, stored with everything they do.', text())
  id!: string;

  @Field('Name of the user.', text(), NULLABLE)
  name!: string | null;
}

/** What the application offers to scripts. */
class ApplicationFeatures extends Dto {
  @Field('Version of this package.', text())
  version!: string;

  @Field('Whether execution records keep the payload (`storage.keepInput`).', flag())
  keepsInput!: boolean;

  @Field('Whether the event buffer can run events in order.', flag())
  keepsOrder!: boolean;

  @Field('Whether there is a key for secrets. Without one they are off.', flag())
  keepsSecrets!: boolean;

  @Field('Maximum size of a source in bytes.', whole())
  maxSourceBytes!: number;

  @Field('Default time limit of a run in milliseconds.', whole())
  timeoutMs!: number;

  @Field('Highest time limit that a script may set. null: no maximum.', whole(), NULLABLE)
  maxTimeoutMs!: number | null;

  @Field('Default heap limit of a run in megabytes.', whole())
  memoryMb!: number;

  @Field('Highest heap limit that a script may set.', whole())
  maxMemoryMb!: number;

  @Field('How many retries a failed event gets before it is exhausted.', whole())
  maxRetries!: number;
}

/** The user of the session, and what they may do. */
export class Session extends Dto {
  @Field('The user.', dto(() => SessionActor))
  actor!: object;

  @Field('Whether the user may see every tenant.', flag())
  allTenants!: boolean;

  @Field('IDs of the tenants that the user may see. null: all.', list(text()), NULLABLE)
  tenants!: string[] | null;

  @Field('ID of the tenant that a request is about if it names none.', text(), NULLABLE)
  onlyTenant!: string | null;

  @Field('What the user may do.', list(choice(ADMIN_PERMISSIONS)))
  permissions!: string[];

  @Field('What the application offers to scripts.', dto(() => ApplicationFeatures))
  application!: object;
}

class EventType extends Dto {
  @Field('Name of the event type.', text())
  type!: string;

  @Field(
    'Whether the type belongs to the catalogue or to the host application.',
    choice(['catalogue', 'host']),
  )
  origin!: string;

  @Field('Fields of the payload. null if a mapper decides them.', list(text()), NULLABLE)
  fields!: string[] | null;
}

export class EventTypes extends Dto {
  @Field(
    'Event types, those of the catalogue first. Types that scripts publish are not included.',
    list(dto(() => EventType)),
  )
  items!: object[];
}

class Binding extends Dto {
  @Field('Name of the binding.', text())
  name!: string;

  @Field('What the binding does.', text(), NULLABLE)
  description!: string | null;

  @Field('Time limit of a call in milliseconds.', whole())
  timeoutMs!: number;

  @Field('Whether the binding accepts secrets.', flag())
  secrets!: boolean;
}

export class Bindings extends Dto {
  @Field('Bindings, sorted by name.', list(dto(() => Binding)))
  items!: object[];
}

export class TypesQuery extends Dto {
  @Field(
    'Event types that the script listens to. Default: all, and `ctx` may be of any type.',
    list(text(200, 1), 50),
    OPTIONAL,
  )
  eventTypes?: string[];

  @Field(
    'Names of the secrets that the script may use. A single empty name: none. Default: all secrets of the tenant, or any name if no tenant is known.',
    list(text(64), 20),
    OPTIONAL,
  )
  secrets?: string[];
}

/** The health of the responding process. */
export class Health extends Dto {
  @Field('ID of the responding process. It changes when the process restarts.', uuid())
  node!: string;

  @Field('The worst status of the parts that matter.', choice(['up', 'degraded', 'down']))
  status!: string;

  @Field('Which parts are not up, worst first.', text())
  summary!: string;

  @Field('The parts by name, each with `status`, `reason` and `figures`.', object())
  components!: object;

  @Field('When the health was checked.', moment())
  checkedAt!: Date;
}
