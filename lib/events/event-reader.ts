import { types } from 'node:util';
import { v7 as uuid } from 'uuid';
import type { Clock } from '../common/clock.js';
import type { EventTrace } from '../common/event-trace.js';
import { isoTime } from '../common/iso-time.js';
import { PrintableLogger } from '../common/printable-logger.js';
import { lineAbout, type LogSubject } from '../common/log-line.js';
import { quoted, valueInWords } from '../common/printable.js';
import { ThrottledLog } from '../common/throttled-log.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import type { ScriptSpans } from '../tracing/script-spans.js';
import { actorOf, type EventActor, type EventEnvelope } from '../common/event-envelope.js';
import type { EventDefinition, EventRegistry, MappedEvent } from './event-registry.js';
import { EventRefusedError } from './events.errors.js';
import { rootCause } from './loop-guard.js';
import { encodePayload, pickPayload } from './payload-json.js';
import { isObject, quieted, readField, toId } from './read-field.js';
import { isScriptsDomainEvent } from './scripts-domain-event.js';

/** An emitted object whose type and tenant are known, before its payload is read. */
export interface OpenedEvent {
  readonly definition: EventDefinition;
  readonly tenantId: string;
  /** Objects in which to look for `actorId`, `actor` and `occurredAt`, in this order. */
  readonly details: readonly object[];
  /** What the host emitted, for the actor resolver. */
  readonly emitted: object;
  /** The object the payload's fields are read from. */
  readonly source: object;
}

type Settings = ResolvedOptions['events'];

/**
 * Turns what the host emits into an {@link EventEnvelope}. Synchronous, without I/O; keeps no reference to the host's
 * object.
 */
export class EventReader {
  private readonly log: ThrottledLog;

  constructor(
    private readonly registry: EventRegistry,
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly spans: ScriptSpans,
  ) {
    this.log = new ThrottledLog(new PrintableLogger(EventReader.name), clock);
  }

  /**
   * Finds the event's tenant. Null if its mapper returned `undefined`, so that no script sees the event.
   *
   * @param given `tenantId`, `actorId` and `occurredAt` that were given with the event; they take precedence
   * @throws EventRefusedError if the event has no type, no tenant or no payload, or can't be read
   */
  open(type: string, emitted: unknown, given?: object): OpenedEvent | null {
    try {
      return this.tryToOpen(type, emitted, given);
    } catch (error) {
      if (error instanceof EventRefusedError) throw error;
      // Thrown by the host's object, such as a proxy. Its message may repeat values, which must not get into a log.
      throw new EventRefusedError(type, 'unreadable', "it can't be read", undefined, error);
    }
  }

  private tryToOpen(type: string, emitted: unknown, given?: object): OpenedEvent | null {
    const definition = this.registry.get(type);
    if (!definition) {
      throw new EventRefusedError(
        type,
        'unknown-type',
        'the type is not declared; add it to the option events.types, or map it with @MapDomainEvent',
      );
    }
    if (!isObject(emitted) || Array.isArray(emitted)) {
      throw new EventRefusedError(type, 'not-an-object', 'emit an object { tenantId, ...fields }');
    }
    if (definition.mapper) return this.openMapped(definition, emitted, given);
    const source = isScriptsDomainEvent(emitted) ? payloadOf(type, emitted) : emitted;
    const details = given ? [given, emitted] : [emitted];
    return { definition, tenantId: this.tenantOf(type, emitted, details), details, emitted, source };
  }

  /**
   * Reads the payload and closes the envelope.
   *
   * @throws EventRefusedError when the payload cannot become JSON or is too large
   */
  finish(opened: OpenedEvent, id: string = uuid()): EventEnvelope {
    const { definition, details, emitted, source, tenantId } = opened;
    const payload = pickPayload(definition.type, source, definition.fields);
    if (source === emitted) this.warnOfNesting(definition, payload, emitted, { tenantId, eventId: id });
    const trace = this.spans.active();
    const event: EventEnvelope & { trace?: EventTrace } = {
      id,
      type: definition.type,
      tenantId,
      payload: encodePayload(definition.type, payload, this.settings.maxPayloadBytes),
      occurredAt: occurredAtOf(details) ?? isoTime(this.clock.now()),
      actor: this.actorOf(definition.type, details, emitted),
      cause: rootCause(id, this.settings.maxExecutionsPerRoot),
    };
    if (trace) event.trace = trace;
    return Object.freeze(event);
  }

  /** Logs how many warnings were left out. */
  tell(): void {
    this.log.tell();
  }

  /** Warns of `{ tenantId, payload: { … } }`: the fields are one level too deep, so scripts run with an empty input. */
  private warnOfNesting(
    { type, fields }: EventDefinition,
    payload: object,
    emitted: object,
    about: LogSubject,
  ): void {
    if (fields === null || Object.keys(payload).length > 0) return;
    const nested = keysOf(emitted).find((name) => {
      const inner = readDetail(emitted, name);
      return isObject(inner) && fields.some((field) => Object.hasOwn(inner, field));
    });
    if (nested === undefined) return;
    const advice = `emit { tenantId, ...fields }, or a ScriptsDomainEvent, which has a payload`;
    this.log.warn(
      `${type} nested`,
      lineAbout(
        about,
        () =>
          `Event ${type} has none of the declared fields, so scripts get an empty input. The fields are in ${quoted(nested)}; ${advice}.`,
      ),
    );
  }

  private openMapped(definition: EventDefinition, emitted: object, given?: object): OpenedEvent | null {
    const { type } = definition;
    const mapped = callMapper(definition, emitted);
    if (mapped === undefined || mapped === null) return null;
    if (!isObject(mapped) || !isObject(mapped.payload) || Array.isArray(mapped.payload)) {
      const problem = 'its mapper must return { payload: { … } } synchronously';
      throw new EventRefusedError(type, 'mapper-failed', problem);
    }
    const details = given ? [given, mapped, emitted] : [mapped, emitted];
    return {
      definition,
      tenantId: this.tenantOf(type, emitted, details),
      details,
      emitted,
      source: mapped.payload,
    };
  }

  private tenantOf(type: string, emitted: object, details: readonly object[]): string {
    const given = firstOf(details, 'tenantId') ?? this.ask(this.settings.tenantResolver, type, emitted);
    const tenantId = given === undefined ? this.settings.defaultTenantId : toId(given);
    if (tenantId !== undefined) return tenantId;
    const problem =
      given === undefined
        ? 'it has no tenant'
        : 'its tenant must be a string of 1 to 200 characters, not blank, or a number';
    throw new EventRefusedError(
      type,
      'no-tenant',
      `${problem}; add a tenantId to the event, or set events.tenantResolver or events.defaultTenantId`,
    );
  }

  private actorOf(type: string, details: readonly object[], emitted: object): EventActor | null {
    const given =
      firstOf(details, 'actorId') ??
      firstOf(details, 'actor') ??
      this.ask(this.settings.actorResolver, type, emitted);
    const id = toId(isObject(given) ? readDetail(given, 'id') : given);
    return actorOf(id);
  }

  private ask(resolver: Settings['tenantResolver'], type: string, emitted: object): unknown {
    try {
      return quieted<unknown>(resolver?.(emitted, type)) ?? undefined;
    } catch (error) {
      throw new EventRefusedError(
        type,
        'unreadable',
        'events.tenantResolver or events.actorResolver threw',
        undefined,
        error,
      );
    }
  }
}

function payloadOf(type: string, event: { type: string; payload: object }): object {
  if (event.type !== type) {
    throw new EventRefusedError(
      type,
      'type-mismatch',
      `the emitted event has the type ${valueInWords(event.type)}; emit it under event.type`,
    );
  }
  if (isObject(event.payload) && !Array.isArray(event.payload)) return event.payload;
  throw new EventRefusedError(type, 'not-an-object', 'its payload must be an object');
}

function callMapper({ mapper, type }: EventDefinition, emitted: object): MappedEvent | null | undefined {
  try {
    return quieted(mapper?.(emitted));
  } catch (error) {
    throw new EventRefusedError(type, 'mapper-failed', 'its mapper threw', undefined, error);
  }
}

function firstOf(places: readonly object[], name: string): unknown {
  for (const place of places) {
    const value = readDetail(place, name);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

/**
 * A detail whose getter throws counts as missing. Whether the event can be read depends on the payload's fields alone.
 */
function readDetail(source: object, name: string): unknown {
  try {
    return readField(source, name);
  } catch {
    return undefined;
  }
}

/** The names of the fields; none if the object is a proxy that doesn't list them. */
function keysOf(source: object): string[] {
  try {
    return Object.keys(source);
  } catch {
    return [];
  }
}

// Years 1 to 9999: what both ISO 8601 with four digits and a timestamptz can represent.
const [EARLIEST, LATEST] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

const parsed = (text: string): number => (text.length <= LONGEST_DATE ? Date.parse(text) : Number.NaN);

/** Longest text that is read as a date, in characters. */
const LONGEST_DATE = 100;

/** A Date, milliseconds or date text. For anything else the time of capture is used. */
function occurredAtOf(details: readonly object[]): string | undefined {
  const given = firstOf(details, 'occurredAt');
  const time = types.isDate(given) ? given.getTime() : typeof given === 'string' ? parsed(given) : given;
  return typeof time === 'number' && time >= EARLIEST && time <= LATEST ? isoTime(time) : undefined;
}
