import { isEventTypeName, isScriptEventType } from '../common/event-type-name.js';
import type { HostEventType } from '../options/events.options.js';
import { PAYLOAD_FIELDS } from './event-types.js';
import { EventMapperError, EventTypeConflictError, notATypeName } from './events.errors.js';

/** What a mapper returns for the host's own event object. @publicApi */
export interface MappedEvent<Payload extends object = object> {
  payload: Payload;
  /** Default: `tenantId` of the emitted object, then the resolver and `defaultTenantId` of the options. */
  tenantId?: string | number | undefined;
  /** Default: `actorId` of the emitted object, then the resolver of the options. */
  actorId?: string | number | undefined;
  /** Default: `occurredAt` of the emitted object, then now. */
  occurredAt?: Date | string | undefined;
}

/** Turns the host's event object into a payload. Returns `undefined` if no script should see the event. */
export type EventMapper = (event: unknown) => MappedEvent | undefined;

/** What is known about one event type. */
export interface EventDefinition {
  readonly type: string;
  readonly origin: 'catalogue' | 'host';
  /** The payload's fields; `null` when the mapper alone decides. */
  readonly fields: readonly string[] | null;
  readonly mapper: EventMapper | null;
}

/** A mapper found at boot. */
export interface MapperDeclaration {
  type: string;
  /** Fields of the payload, for a type the options do not declare, or more fields for one of the catalogue. */
  fields?: readonly string[] | undefined;
  map: EventMapper;
  /** `OrderEvents.toShipped`, for messages. */
  method: string;
}

/**
 * All event types of one application: the catalogue, those of the options, and those of mappers. Complete once the
 * mappers have been explored at boot; read-only from then on.
 */
export class EventRegistry {
  private readonly byType = new Map<string, EventDefinition>();
  private readonly mapperMethods = new Map<string, string>();

  /** @throws EventTypeConflictError for a host type that is the catalogue's or reserved */
  constructor(hostTypes: Readonly<Record<string, HostEventType>> = {}) {
    for (const [type, fields] of Object.entries(PAYLOAD_FIELDS)) {
      this.byType.set(type, { type, origin: 'catalogue', fields, mapper: null });
    }
    for (const [type, { fields }] of Object.entries(hostTypes)) {
      if (this.byType.has(type)) throw new EventTypeConflictError(type, declaredTwice);
      refuseScriptType(type);
      this.byType.set(type, { type, origin: 'host', fields: [...new Set(fields)], mapper: null });
    }
  }

  /**
   * Makes a method the mapper of its type. A type that nobody declared becomes a host type.
   *
   * @throws EventMapperError if the name is not a valid event type
   * @throws EventTypeConflictError if the type already has a mapper or belongs to scripts
   */
  addMapper({ type, fields, map, method }: MapperDeclaration): void {
    if (!isEventTypeName(type)) throw new EventMapperError(method, notATypeName(type));
    refuseScriptType(type);
    const other = this.mapperMethods.get(type);
    if (other !== undefined) {
      throw new EventTypeConflictError(type, `has two mappers, ${other} and ${method}; remove one`);
    }
    this.mapperMethods.set(type, method);
    const declared = this.byType.get(type);
    const all = [...(declared?.fields ?? []), ...(fields ?? [])];
    this.byType.set(type, {
      type,
      origin: declared?.origin ?? 'host',
      fields: all.length === 0 ? null : [...new Set(all)],
      mapper: map,
    });
  }

  get(type: string): EventDefinition | undefined {
    return this.byType.get(type);
  }

  has(type: string): boolean {
    return this.byType.has(type);
  }

  /** Types that only the host may emit: the catalogue, host types, and everything that begins with `script.`. */
  isReserved(type: string): boolean {
    return this.byType.has(type) || isScriptEventType(type);
  }

  /** The catalogue's types and the host's. */
  types(): string[] {
    return [...this.byType.keys()];
  }

  /** Iterates over {@link types}. */
  [Symbol.iterator](): IterableIterator<string> {
    return this.byType.keys();
  }

  /** All types with what is known about them, those of the catalogue first. */
  definitions(): EventDefinition[] {
    return [...this.byType.values()];
  }

  /** The host's own types. */
  hostTypes(): string[] {
    return [...this.byType.values()].filter(({ origin }) => origin === 'host').map(({ type }) => type);
  }
}

const declaredTwice =
  'is already in the catalogue; use another name in events.types, or map your own object to it with @MapDomainEvent';

function refuseScriptType(type: string): void {
  if (isScriptEventType(type)) {
    throw new EventTypeConflictError(
      type,
      'is "schedule" or starts with "script", which are reserved for events of this package; use another name',
    );
  }
}
