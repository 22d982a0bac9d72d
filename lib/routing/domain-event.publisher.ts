import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager, QueryRunner } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { isId } from '../common/id.js';
import type { SqlConnection } from '../buffer/durable-event-buffer.js';
import { Clock } from '../common/clock.js';
import type { EventTypeName, PayloadOf } from '../common/event-payloads.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import { dropReasonOf } from '../events/event-capture.js';
import { EventReader } from '../events/event-reader.js';
import { EventRegistry } from '../events/event-registry.js';
import { EventRefusedError } from '../events/events.errors.js';
import { ScriptPresence } from '../events/script-presence.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { TenantNews } from '../nodes/tenant-news.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import { fieldsProblem } from '../options/strict-fields.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { ScriptSpans } from '../tracing/script-spans.js';
import { EventDelivery } from './event-delivery.js';
import { EventTriggerHandler } from './event-trigger.handler.js';
import { TransactionRequiredError, UnknownPublishOptionError } from './publish.errors.js';

/** Options of {@link DomainEventPublisher.publish}. @publicApi */
export interface PublishOptions {
  /**
   * The event's tenant. Default, as for an emitted event: `tenantId` of the payload, then `events.tenantResolver`, then
   * `events.defaultTenantId`.
   */
  tenantId?: string | number;
  /** The manager of your open transaction: the event is queued in it. Needs a durable buffer. */
  manager?: EntityManager;
  /** A query runner in place of `manager`. */
  queryRunner?: QueryRunner;
  /**
   * An id of your own, text of 1 to 200 characters that is not blank. Within `buffer.eventIdMemory`, the tenant's events with the same id
   * are queued once, across all nodes. Default: a new id. Needs a durable buffer.
   */
  eventId?: string;
  /** Who caused it. Informational; it grants no rights. */
  actorId?: string | number;
  /** When it happened. Default now. */
  occurredAt?: Date;
}

/** What happened to a published event. @publicApi */
export interface PublishReceipt {
  eventId: string;
  /** How many scripts match the event. */
  matched: number;
  /** How many of them will run; with a transaction, after its commit. */
  queued: number;
  /** How many of them were left out, because the event id had been published before. */
  duplicates: number;
  /** How many of them became dead letters immediately, in memory mode: buffer full, loop guard, or stopping. */
  kept: number;
}

/**
 * Publishes the host's events to scripts, with a guarantee that `emit()` can't give.
 *
 * With a durable buffer and the manager of a transaction, one statement in that transaction queues the event: nothing
 * runs before the commit, and nothing is left after a rollback. From the commit on, every matching script runs, even
 * after a crash. The scripts are matched in memory when `publish` is called; without a match, no statement is sent.
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

  /** @internal */
  constructor(
    registry: EventRegistry,
    @Inject(RESOLVED_OPTIONS) options: ResolvedOptions,
    clock: Clock,
    private readonly presence: ScriptPresence,
    private readonly router: EventTriggerHandler,
    private readonly delivery: EventDelivery,
    private readonly metrics: MetricsRecorder,
    private readonly news: TenantNews,
    spans: ScriptSpans,
  ) {
    this.reader = new EventReader(registry, options.events, clock, spans);
  }

  /**
   * Without a transaction: with a durable buffer it resolves when the event is stored; in memory mode it routes the
   * event immediately, as `emit()` does.
   *
   * @param payload only the declared fields are used, as for an emitted event; a mapper of the type is applied
   * @throws EventRefusedError for an undeclared type, no tenant, an invalid or too large payload, or an invalid event
   * id
   * @throws DurableBufferRequiredError for `manager`, `queryRunner` or `eventId` with the memory buffer
   * @throws UnknownPublishOptionError for an unknown option
   * @throws TransactionRequiredError if the manager or query runner has no open transaction
   * @throws EventBufferClosedError while the application is stopping; also whatever the database throws
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

  /** Returns no event if no script listens, or if its mapper returned `undefined`. */
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
      if (opened !== null) this.news.seen(opened.tenantId, type);
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
  if (isId(eventId)) return eventId;
  throw new EventRefusedError(
    type,
    'bad-id',
    'its eventId must be a string of 1 to 200 characters, not blank',
  );
}
