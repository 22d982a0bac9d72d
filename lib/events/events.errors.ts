import { quoted } from '../common/printable.js';
import { EVENT_TYPE_RULE, isEventTypeName } from '../common/event-type-name.js';
import { ScriptsEventError } from '../common/errors.js';
import { type FieldIssue, fieldIssue } from '../common/invalid-query.error.js';

/**
 * An event type is declared in two conflicting ways. Thrown when the application starts.
 *
 * @publicApi
 */
export class EventTypeConflictError extends ScriptsEventError {
  readonly code = 'event-type-conflict';

  constructor(
    readonly eventType: string,
    problem: string,
  ) {
    super(`Event type ${eventType} ${problem}.`);
  }
}

/**
 * A method with `@MapDomainEvent` can't be called for each event. Thrown when the application starts.
 *
 * @publicApi
 */
export class EventMapperError extends ScriptsEventError {
  readonly code = 'event-mapper';

  constructor(
    /** `OrderEvents.toShipped` */
    readonly method: string,
    problem: string,
  ) {
    super(`@MapDomainEvent on ${method}: ${problem}.`);
  }
}

/** The message about a name that is not a valid event type. */
export const notATypeName = (name: unknown): string =>
  `${inWords(name)} is not a valid event type; use ${EVENT_TYPE_RULE}`;

/** Why an event was not captured. */
export type RefusalReason =
  | 'unknown-type' /* neither the catalogue nor the host declares it */
  | 'reserved-type' /* a script published a type that only the host may publish */
  | 'too-many' /* a script published more than events.maxPublishedPerRun */
  | 'type-mismatch' /* a ScriptsDomainEvent emitted under another type than its own */
  | 'not-an-object' /* the event, or its payload, is not an object */
  | 'bad-id' /* the event id of the publisher is blank, or not text of 1 to 200 characters */
  | 'no-tenant' /* neither the event nor the options name its tenant */
  | 'unreadable' /* a getter or proxy of the host threw */
  | 'mapper-failed' /* the host's mapper threw or did not return a payload */
  | 'promise' /* the payload contains a promise, or a getter or toJSON returned one */
  | 'cyclic' /* the payload contains itself */
  | 'bigint' /* the payload contains a BigInt, which JSON can't represent */
  | 'unserializable' /* a toJSON threw, or the payload is nested too deeply */
  | 'too-large'; /* larger than events.maxPayloadBytes */

/**
 * An event can't be captured. For an emitted event this is counted and logged; `publish()` throws it. The message names
 * the field, never its value.
 *
 * @publicApi
 */
export class EventRefusedError extends ScriptsEventError {
  readonly code = 'event-refused';
  override readonly category = 'invalid';
  /** The problem with its field, or `event`, as other errors about fields list theirs. Always one. */
  readonly issues: readonly [FieldIssue];

  constructor(
    readonly eventType: string,
    readonly reason: RefusalReason,
    problem: string,
    /** The field of the payload at fault, if there is one. */
    readonly field?: string,
    cause?: unknown,
  ) {
    super(`Event ${isEventTypeName(eventType) ? eventType : inWords(eventType)} was rejected: ${problem}.`, {
      cause,
    });
    this.issues = [fieldIssue(field ?? 'event', reason, this.message)];
  }
}

/** A name that may be a tenant's text of any length: quoted, so that it can't forge a log line, and shortened. */
function inWords(name: unknown): string {
  return typeof name === 'string' ? quoted(name) : `a ${typeof name}`;
}
