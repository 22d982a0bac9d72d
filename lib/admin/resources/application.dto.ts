import { ADMIN_PERMISSIONS } from '../admin.options.js';
import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { choice, dto, flag, list, moment, object, text, uuid, whole } from '../schema/kinds.js';

class SessionActor extends Dto {
  @Field('Kept with everything they do.', text())
  id!: string;

  @Field('How they are called.', text(), NULLABLE)
  name!: string | null;
}

/** What the application offers to scripts. */
class ApplicationFeatures extends Dto {
  @Field('The version of the package.', text())
  version!: string;

  @Field('Whether executions keep their payload.', flag())
  keepsInput!: boolean;

  @Field('Whether events can be ordered.', flag())
  keepsOrder!: boolean;

  @Field('Most bytes of a source.', whole())
  maxSourceBytes!: number;

  @Field('Milliseconds a run may take by default.', whole())
  timeoutMs!: number;

  @Field('The most that a script may ask for.', whole(), NULLABLE)
  maxTimeoutMs!: number | null;

  @Field('Megabytes of heap by default.', whole())
  memoryMb!: number;

  @Field('The most that a script may ask for.', whole())
  maxMemoryMb!: number;

  @Field('Retries of a failed event before it is exhausted.', whole())
  maxRetries!: number;
}

/** Who asks, and what they may do. */
export class Session extends Dto {
  @Field('Who they are.', dto(() => SessionActor))
  actor!: object;

  @Field('Whether they may see every tenant.', flag())
  allTenants!: boolean;

  @Field('The tenants that they may see; null for all.', list(text()), NULLABLE)
  tenants!: string[] | null;

  @Field('The tenant that is meant when a request names none.', text(), NULLABLE)
  onlyTenant!: string | null;

  @Field('What they may do.', list(choice(ADMIN_PERMISSIONS)))
  permissions!: string[];

  @Field('What the application offers.', dto(() => ApplicationFeatures))
  application!: object;
}

class EventType extends Dto {
  @Field('Its dotted name.', text())
  type!: string;

  @Field("Whether it is of the catalogue or the host's own.", choice(['catalogue', 'host']))
  origin!: string;

  @Field("The payload's fields; null when a mapper alone decides.", list(text()), NULLABLE)
  fields!: string[] | null;
}

export class EventTypes extends Dto {
  @Field("The catalogue's first. Types that scripts publish are not among them.", list(dto(() => EventType)))
  items!: object[];
}

class Binding extends Dto {
  @Field('Its dotted name.', text())
  name!: string;

  @Field('What it does.', text(), NULLABLE)
  description!: string | null;

  @Field('Milliseconds a call may take.', whole())
  timeoutMs!: number;
}

export class Bindings extends Dto {
  @Field('Sorted by name.', list(dto(() => Binding)))
  items!: object[];
}

export class TypesQuery extends Dto {
  @Field('What the script listens to; default: `ctx` may be of every type.', list(text(200, 1), 50), OPTIONAL)
  eventTypes?: string[];
}

/** How the process that answers is. */
export class Health extends Dto {
  @Field('Names the process that answered, until it ends.', uuid())
  node!: string;

  @Field('The worst of what matters.', choice(['up', 'degraded', 'down']))
  status!: string;

  @Field('What is not up, the worst first.', text())
  summary!: string;

  @Field('Its parts by name, each with `status`, `reason` and `figures`.', object())
  components!: object;

  @Field('When this was looked at.', moment())
  checkedAt!: Date;
}
