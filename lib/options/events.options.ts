import type { CataloguePayloads, DomainEventPayloads } from '../common/event-payloads.js';
import { EVENT_TYPE_RULE, isEventTypeName } from '../common/event-type-name.js';
import { isRecord } from '../common/json.js';
import { Code, MayBeUndefined, OneOf, Text, WholeNumber } from './option.decorators.js';

/** An event type of the host, beside those of the catalogue. */
export interface HostEventType<Field extends string = string> {
  /** Fields of the emitted object that become the payload. No other field reaches a script, a row or a log. */
  fields: readonly Field[];
}

/** The host's event types by name. TypeScript checks the fields of types that are added to `DomainEventPayloads`. */
export type HostEventTypes = Readonly<Record<string, HostEventType>> & {
  readonly [Type in Exclude<keyof DomainEventPayloads, keyof CataloguePayloads>]?: HostEventType<
    keyof DomainEventPayloads[Type] & string
  >;
};

/** Returns the tenant of an event without `tenantId`, or `undefined` if unknown. Synchronous. */
export type TenantResolver = (event: unknown, eventType: string) => string | number | undefined;

/** Returns who caused an event without `actorId`, or `undefined` if unknown. Synchronous. */
export type ActorResolver = (event: unknown, eventType: string) => string | number | undefined;

/**
 * Which events are captured, for which tenant, and how far scripts may trigger further scripts.
 *
 * @publicApi
 */
export class EventsOptions {
  /**
   * The host's own event types by name, each with its payload's fields:
   * `{ 'order.shipped': { fields: ['orderId', 'carrier'] } }`. Default none. The package listens to them like to those
   * of the catalogue, and scripts cannot publish them.
   */
  @Code(
    `an object of event types, each { fields: [at least one name] }; a type is ${EVENT_TYPE_RULE}`,
    isHostEventTypes,
    blameHostEventTypes,
  )
  types: HostEventTypes = {};

  /** Called for the tenant of an event without `tenantId`. Default none. */
  @MayBeUndefined()
  @Code('a function (event, eventType) => tenant id or undefined', isFunction)
  tenantResolver: TenantResolver | undefined = undefined;

  /**
   * The tenant of events without one, for applications with a single tenant. Default none: such events are refused and
   * counted; they never run for all tenants.
   */
  @MayBeUndefined()
  @Text(200)
  defaultTenantId: string | undefined = undefined;

  /** Called for who caused an event without `actorId`. Default none: the actor is unknown. */
  @MayBeUndefined()
  @Code('a function (event, eventType) => actor id or undefined', isFunction)
  actorResolver: ActorResolver | undefined = undefined;

  /**
   * Largest payload, in bytes of JSON. 2 to 8,388,608, default 262,144. An event with a larger one is refused and
   * counted.
   */
  @WholeNumber(2, 8_388_608)
  maxPayloadBytes = 262_144;

  /**
   * How long a chain may be: the number of executions between an event of the host and the last event that follows from
   * it. 0 to 100, default 10.
   */
  @WholeNumber(0, 100)
  maxDepth = 10;

  /**
   * How many executions one event of the host may cause, directly and through published events. 1 to 1,000,000, default
   * 1,000.
   */
  @WholeNumber(1, 1_000_000)
  maxExecutionsPerRoot = 1_000;

  /** How many events one execution may publish. 0 to 1,000, default 30. One more throws in the script. */
  @WholeNumber(0, 1_000)
  maxPublishedPerRun = 30;

  /**
   * What happens when a chain of events returns to a script that is already part of it. Default `stop`: the queued
   * event becomes a dead letter with reason `loop`. `allow`: the script runs again, up to `maxDepth`.
   */
  @OneOf('stop', 'allow')
  onCycle: 'stop' | 'allow' = 'stop';
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function isHostEventTypes(value: unknown): boolean {
  return isRecord(value) && wrongHostEventTypes(value).length === 0;
}

/** Names the types that are wrong, because an object may have too many to look through. */
function blameHostEventTypes(value: unknown): string {
  if (!isRecord(value)) return '';
  return `; look at ${wrongHostEventTypes(value)
    .map((type) => JSON.stringify(type))
    .join(', ')}`;
}

const wrongHostEventTypes = (types: Record<string, unknown>): string[] =>
  Object.entries(types)
    .filter(([type, declared]) => !isEventTypeName(type) || !isHostEventType(declared))
    .map(([type]) => type);

function isHostEventType(declared: unknown): boolean {
  if (!isRecord(declared) || !Array.isArray(declared.fields)) return false;
  return (
    declared.fields.length > 0 && declared.fields.every((field) => typeof field === 'string' && field !== '')
  );
}
