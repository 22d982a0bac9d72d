import type { EventTypeName, PayloadOf } from '../common/event-payloads.js';

/** Details of an event besides its payload. @publicApi */
export interface EventDetails {
  tenantId: string | number;
  /** Who caused it. Informational; it grants no rights. */
  actorId?: string | number;
  /** When it happened. Default: the moment of capture. */
  occurredAt?: Date;
}

// A symbol of the global registry: an instance made by a second copy of this package is recognised too.
const MARK = Symbol.for('nestjs-scripts-event:domain-event');

/**
 * An event to emit whose payload TypeScript checks. A plain object `{ tenantId, ...fields }` has the same effect.
 *
 * ```ts
 * const client = { clientId: 7, name: 'Ada', email: 'ada@example.com' };
 * const event = new ScriptsDomainEvent('client.created', client, { tenantId });
 * emitter.emit(event.type, event);
 * ```
 *
 * @publicApi
 */
export class ScriptsDomainEvent<Type extends EventTypeName = string> {
  readonly tenantId: string | number;
  readonly actorId: string | number | undefined;
  readonly occurredAt: Date;

  constructor(
    readonly type: Type,
    readonly payload: PayloadOf<Type>,
    { tenantId, actorId, occurredAt = new Date() }: EventDetails,
  ) {
    this.tenantId = tenantId;
    this.actorId = actorId;
    this.occurredAt = occurredAt;
    Object.defineProperty(this, MARK, { value: true });
  }
}

/** Whether an emitted value is a {@link ScriptsDomainEvent}. */
export const isScriptsDomainEvent = (value: object): value is ScriptsDomainEvent =>
  Object.hasOwn(value, MARK);
