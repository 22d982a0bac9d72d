import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager, QueryRunner } from 'typeorm';
import { v7 as uuid } from 'uuid';
import type { SqlConnection } from '../buffer/durable-event-buffer.js';
import { Clock } from '../common/clock.js';
import type { EventTypeName, PayloadOf } from '../common/event-payloads.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import { dropReasonOf } from '../events/event-capture.js';
import { EventReader } from '../events/event-reader.js';
import { EventRegistry } from '../events/event-registry.js';
import { EventRefusedError } from '../events/events.errors.js';
import { toId } from '../events/read-field.js';
import { ScriptPresence } from '../events/script-presence.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import { fieldsProblem } from '../options/strict-fields.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { EventDelivery } from './event-delivery.js';
import { EventTriggerHandler } from './event-trigger.handler.js';
import { TransactionRequiredError, UnknownPublishOptionError } from './publish.errors.js';

/** How an event is published. @publicApi */
export interface PublishOptions {
  /** Whose event it is. Default: as for an emitted event, `tenantId` of the payload, then `events.tenantResolver`, … */
  tenantId?: string | number;
  /** The manager of the caller's open transaction, in which the event is queued. Needs a durable buffer. */
  manager?: EntityManager;
  /** The same as a query runner. */
  queryRunner?: QueryRunner;
  /**
   * An id of the caller's own, text of 1 to 200 characters: an event of the tenant with the same id is queued once, over
   * all nodes, for as long as `buffer.eventIdMemory`. Default a new one. Needs a durable buffer.
   */
  eventId?: string;
  /** Who caused it. It tells, it does not authorise. */
  actorId?: string | number;
  /** When it happened. Default now. */
  occurredAt?: Date;
}

/** What became of a published event. @publicApi */
export interface PublishReceipt {
  eventId: string;
  /** Scripts it concerns. */
  matched: number;
  /** Of these, the ones that will run: with a transaction, once it commits. */
  queued: number;
  /** Of these, the ones left out because the event id had been published before. */
  duplicates: number;
  /** Of these, the ones kept as dead letters at once, in memory mode: buffer full, loop guard, shutting down. */
  kept: number;
}

/**
 * Publishes events of the host to the scripts, as a promise instead of an `emit`.
 *
 * With a durable buffer and the manager of a transaction, the event is queued by one statement in that transaction:
 * nothing runs before the commit, nothing is left after a rollback, and from the commit on every matching script runs,
 * through any crash. Which scripts match is decided in memory when `publish` is called; without one, nothing is sent.
 *
 * ```ts
 * await dataSource.transaction(async (manager) => {
 *   const payment = await manager.save(Payment, input);
 *   await events.publish('payment.created', payment, { tenantId: payment.tenantId, manager });
 * });
 * ```
 *
 * @publicApi
 */
@Injectable()
export class DomainEventPublisher {
  private readonly reader: EventReader;

  constructor(
    registry: EventRegistry,
    @Inject(RESOLVED_OPTIONS) options: ResolvedOptions,
    clock: Clock,
    private readonly presence: ScriptPresence,
    private readonly router: EventTriggerHandler,
    private readonly delivery: EventDelivery,
    private readonly metrics: MetricsRecorder,
  ) {
    this.reader = new EventReader(registry, options.events, clock);
  }

  /**
   * Without a transaction: with a durable buffer it resolves when the event is stored; in memory it is routed at once, as
   * by `emit`.
   *
   * @param payload only the declared fields go on, as for an emitted event; a mapper of the type is applied
   * @throws EventRefusedError for a type nobody declares, no tenant, a payload that is none or too large, a bad event id
   * @throws DurableBufferRequiredError for `manager`, `queryRunner` or `eventId` with the memory buffer
   * @throws UnknownPublishOptionError for an option there is none of
   * @throws TransactionRequiredError when the manager or query runner has no open transaction
   * @throws EventBufferClosedError while the application stops; what the database throws
   */
  async publish<Type extends EventTypeName>(
    type: Type,
    payload: PayloadOf<Type>,
    options: PublishOptions = {},
  ): Promise<PublishReceipt> {
    refuseUnknown(options);
    const connection = this.connectionOf(options);
    const read = this.read(type, payload, options);
    if (read.event === null) return { eventId: read.id, matched: 0, queued: 0, duplicates: 0, kept: 0 };
    const once = options.eventId !== undefined;
    const routed = await this.router.publish(read.event, { connection, once });
    const { scripts, filtered, queued, duplicates, kept } = routed;
    return { eventId: read.id, matched: scripts - filtered, queued, duplicates, kept };
  }

  private connectionOf({ manager, queryRunner, eventId }: PublishOptions): SqlConnection | null {
    const option = manager ? 'manager' : queryRunner ? 'queryRunner' : undefined;
    const asked = option ?? (eventId === undefined ? undefined : 'eventId');
    if (asked !== undefined) this.delivery.checkOption(asked);
    const runner = manager ? manager.queryRunner : queryRunner;
    if (option !== undefined && runner?.isTransactionActive !== true)
      throw new TransactionRequiredError(option);
    return manager ?? queryRunner ?? null;
  }

  /** Without an event when no script would hear it, or its mapper says that none shall. */
  private read(
    type: string,
    payload: object,
    options: PublishOptions,
  ): { id: string; event: EventEnvelope | null } {
    try {
      const id = options.eventId === undefined ? uuid() : checkedId(type, options.eventId);
      this.metrics.eventReceived(type);
      const { tenantId, actorId, occurredAt } = options;
      const opened = this.reader.open(type, payload, { tenantId, actorId, occurredAt });
      const heard = opened !== null && this.presence.has(type, opened.tenantId);
      return { id, event: heard ? this.reader.finish(opened, id) : null };
    } catch (error) {
      if (error instanceof EventRefusedError) this.metrics.eventDropped(dropReasonOf(error), 1);
      throw error;
    }
  }
}

const OPTIONS: readonly string[] = [
  'tenantId',
  'manager',
  'queryRunner',
  'eventId',
  'actorId',
  'occurredAt',
] satisfies (keyof PublishOptions)[];

function refuseUnknown(options: object): void {
  const problem = fieldsProblem('the options', options, OPTIONS);
  if (problem) throw new UnknownPublishOptionError(problem.field, OPTIONS);
}

function checkedId(type: string, eventId: unknown): string {
  const id = typeof eventId === 'string' ? toId(eventId) : undefined;
  if (id !== undefined) return id;
  throw new EventRefusedError(type, 'bad-id', 'its eventId must be a string of 1 to 200 characters');
}
