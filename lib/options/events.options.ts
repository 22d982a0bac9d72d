import type { CataloguePayloads, DomainEventPayloads } from '../common/event-payloads.js';
import { EVENT_TYPE_RULE, isEventTypeName } from '../common/event-type-name.js';
import { isRecord } from '../common/json.js';
import { Code, MayBeUndefined, OneOf, Text, WholeNumber } from './option.decorators.js';

/** An event type of the host, beside those of the catalogue. */
export interface HostEventType<Field extends string = string> {
  /**
   * Fields of the emitted object that make up the payload. Nothing else of the object reaches a script, a row or a log.
   */
  fields: readonly Field[];
}

/** Host event types by name; the fields of one that is added to `DomainEventPayloads` are checked against it. */
export type HostEventTypes = Readonly<Record<string, HostEventType>> & {
  readonly [Type in Exclude<keyof DomainEventPayloads, keyof CataloguePayloads>]?: HostEventType<
    keyof DomainEventPayloads[Type] & string
  >;
};

/** Reads the tenant of an event that has no `tenantId`; `undefined` when it cannot tell. Synchronous. */
export type TenantResolver = (event: unknown, eventType: string) => string | number | undefined;

/** Reads who caused an event that has no `actorId`; `undefined` when it cannot tell. Synchronous. */
export type ActorResolver = (event: unknown, eventType: string) => string | number | undefined;

/**
 * What is captured, for whom, and how far scripts may lead to more scripts.
 *
 * @publicApi
 */
export class EventsOptions {
  /**
   * The host's own event types by name, each with its payload's fields:
   * `{ 'order.shipped': { fields: ['orderId', 'carrier'] } }`. Default none. They are listened to on the emitter like
   * those of the catalogue, and scripts cannot publish them.
   */
  @Code(
    `an object of event types, each { fields: [at least one name] }; a type is ${EVENT_TYPE_RULE}`,
    isHostEventTypes,
    blameHostEventTypes,
  )
  types: HostEventTypes = {};

  /** Asked for the tenant of an event without `tenantId`. Default none. */
  @MayBeUndefined()
  @Code('a function (event, eventType) => tenant id or undefined', isFunction)
  tenantResolver: TenantResolver | undefined = undefined;

  /**
   * The tenant of events that name none, for applications with a single tenant. Default none: such events are refused
   * and counted, never run for everyone.
   */
  @MayBeUndefined()
  @Text(200)
  defaultTenantId: string | undefined = undefined;

  /** Asked who caused an event without `actorId`. Default none: the actor is unknown. */
  @MayBeUndefined()
  @Code('a function (event, eventType) => actor id or undefined', isFunction)
  actorResolver: ActorResolver | undefined = undefined;

  /** Bytes of a payload as JSON. 2 to 8,388,608, default 262,144. A larger event is refused and counted. */
  @WholeNumber(2, 8_388_608)
  maxPayloadBytes = 262_144;

  /** Executions between an event of the host and the last event they may lead to. 0 to 100, default 10. */
  @WholeNumber(0, 100)
  maxDepth = 10;

  /** Executions one event of the host may lead to, its own included. 1 to 1,000,000, default 1,000. */
  @WholeNumber(1, 1_000_000)
  maxExecutionsPerRoot = 1_000;

  /** Events one execution may publish. 0 to 1,000, default 30. One more throws in the script. */
  @WholeNumber(0, 1_000)
  maxPublishedPerRun = 30;

  /**
   * When a chain of events comes back to a script that is part of it. `stop`: the queued event becomes a dead letter
   * with reason `loop`; `allow`: it runs again, up to `maxDepth`. Default `stop`.
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

/** Names the types that are wrong: an object has too many to look through them. */
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
