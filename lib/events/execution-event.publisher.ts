import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrintableLogger } from '../common/printable-logger.js';
import { Clock } from '../common/clock.js';
import { databaseFailureOf } from '../common/database-failure.js';
import type { EventCause } from '../common/event-cause.js';
import type { Statements } from '../entities/primary-database.js';
import type { EventTrace } from '../common/event-trace.js';
import { messageOf } from '../common/errors.js';
import { lineAbout, type LogSubject } from '../common/log-line.js';
import { isEventTypeName } from '../common/event-type-name.js';
import { isoTime } from '../common/iso-time.js';
import { isRecord, type JsonObject, type JsonValue } from '../common/json.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { publishedEventId } from './published-event-id.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import type { EventEnvelope, PublishedEvent } from '../common/event-envelope.js';
import { EventRouter, type RouteResult } from './event-router.js';
import { EventRegistry } from './event-registry.js';
import { EventRefusedError, notATypeName } from './events.errors.js';
import { HostEventEmitter } from './host-event.emitter.js';
import { HOST_EVENTS, type ScriptEvent } from './host-events.js';
import { childCauses } from './loop-guard.js';
import { encodePayload } from './payload-json.js';

/** A completed execution with the events that its script published. */
export interface ExecutionThatPublished {
  /** The queued event it ran for. */
  event: EventEnvelope;
  scriptId: string;
  scriptName: string;
  executionId: string;
  published: readonly PublishedEvent[];
  /** The execution's span, if it is traced. */
  trace?: EventTrace | undefined;
}

/** What happened to the published events. */
export interface PublishResult {
  published: { event: EventEnvelope; routed: RouteResult }[];
  refused: { type: string; problem: string }[];
}

/** What an execution published, ready to be stored with it. */
export interface PreparedPublication {
  /** Within the transaction. Rejects only if storage is unavailable. */
  store(statements: Statements): Promise<void>;
  /** After its commit. Never rejects. */
  route(): Promise<PublishResult>;
}

/** Events that are routed, and events that are refused. */
interface CheckedEvents {
  events: EventEnvelope[];
  refused: PublishResult['refused'];
}

/**
 * Routes the events that scripts publish. Tenant, actor, cause chain and depth come from the execution as the host
 * process knows it, never from the script.
 *
 * The sandbox refuses bad names and reserved types first, where the author sees it. This is a second check in case
 * something got past the first: refused events are counted and logged, never routed.
 */
@Injectable()
export class ExecutionEventPublisher implements OnApplicationShutdown {
  private readonly log: ThrottledLog;

  constructor(
    private readonly registry: EventRegistry,
    private readonly router: EventRouter,
    private readonly hostEvents: HostEventEmitter,
    private readonly metrics: MetricsRecorder,
    private readonly clock: Clock,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {
    this.log = new ThrottledLog(new PrintableLogger(ExecutionEventPublisher.name), clock);
  }

  /**
   * Queues each event for the tenant's scripts. With a durable buffer it resolves when they are stored. Call it before
   * the execution counts as completed: after a crash in between, the event is delivered again, and what it publishes
   * then has the same ids.
   *
   * Rejects only with a durable buffer, if storage is unavailable. An event that the database refuses for its content
   * is counted and logged; delivering it again would run the script forever.
   */
  async publish(execution: ExecutionThatPublished): Promise<PublishResult> {
    const { events, refused } = this.check(execution);
    for (const { type } of events) this.metrics.eventReceived(type);
    try {
      const routed = await this.router.routePublished(events);
      return {
        refused,
        published: events.map((event, at) => ({ event, routed: routed[at] as RouteResult })),
      };
    } catch (error) {
      if (databaseFailureOf(error) === 'away') throw error;
      return { published: [], refused: [...refused, ...this.refuseAll(execution, events, error)] };
    }
  }

  /**
   * {@link publish} in two steps, for an execution that is stored in one transaction with the events that it published.
   * This step evaluates the filters.
   */
  async prepare(execution: ExecutionThatPublished): Promise<PreparedPublication> {
    const { events, refused } = this.check(execution);
    const prepared = await this.router.preparePublished(events);
    let rejected: PublishResult['refused'] | undefined;
    return {
      store: async (statements) => {
        await statements.query('SAVEPOINT published');
        try {
          rejected = undefined;
          await prepared.store(statements);
        } catch (error) {
          if (databaseFailureOf(error) === 'away') throw error;
          await statements.query('ROLLBACK TO SAVEPOINT published');
          rejected = this.refuseAll(execution, events, error);
        }
      },
      route: async () => {
        for (const { type } of events) this.metrics.eventReceived(type);
        if (rejected) return { published: [], refused: [...refused, ...rejected] };
        const routed = await prepared.route();
        return {
          refused,
          published: events.map((event, at) => ({ event, routed: routed[at] as RouteResult })),
        };
      },
    };
  }

  /** Emits `script.event` on the host's emitter, once for each published event. Never throws. */
  tell(execution: ExecutionThatPublished, { published }: PublishResult): void {
    for (const { event } of published)
      this.hostEvents.emit(HOST_EVENTS.scriptEvent, toScriptEvent(execution, event));
  }

  onApplicationShutdown(): void {
    this.log.tell();
  }

  private check(execution: ExecutionThatPublished): CheckedEvents {
    const refused: CheckedEvents['refused'] = [];
    const accepted = execution.published.flatMap(({ type, payload }, index) => {
      try {
        this.refuseForeign(type, index);
        return [{ type, index, payload: this.encode(type, payload) }];
      } catch (error) {
        this.refuse(execution, error);
        refused.push({ type, problem: messageOf(error) });
        return [];
      }
    });
    const causes = childCauses(execution, accepted.length);
    const events = accepted.map((part, at) => this.envelope(execution, part, causes[at] as EventCause));
    return { events, refused };
  }

  private refuseForeign(type: string, index: number): void {
    const { maxPublishedPerRun } = this.options.events;
    if (index >= maxPublishedPerRun) {
      const problem = `the execution published more than events.maxPublishedPerRun = ${maxPublishedPerRun} events`;
      throw new EventRefusedError(type, 'too-many', problem);
    }
    if (!isEventTypeName(type)) throw new EventRefusedError(type, 'unknown-type', notATypeName(type));
    if (this.registry.isReserved(type)) {
      throw new EventRefusedError(type, 'reserved-type', 'only the host can publish events of this type');
    }
  }

  private encode(type: string, payload: JsonValue | undefined): string {
    const object = payload ?? {};
    if (!isRecord(object))
      throw new EventRefusedError(type, 'not-an-object', 'its payload must be an object');
    return encodePayload(type, object, this.options.events.maxPayloadBytes);
  }

  private envelope(
    { event, scriptId, trace }: ExecutionThatPublished,
    { type, index, payload }: { type: string; index: number; payload: string },
    cause: EventCause,
  ): EventEnvelope {
    const { tenantId, actor } = event;
    return Object.freeze({
      // The same for every run of the script for the event, so that events published again after a redelivery are
      // recognised.
      id: publishedEventId(event, scriptId, index),
      type,
      tenantId,
      payload,
      occurredAt: isoTime(this.clock.now()),
      actor,
      cause,
      ...(trace && { trace }),
    });
  }

  private refuseAll(
    execution: ExecutionThatPublished,
    events: readonly EventEnvelope[],
    error: unknown,
  ): PublishResult['refused'] {
    this.metrics.eventDropped('storage', events.length);
    const problem = `the database rejected it: ${messageOf(error)}`;
    this.log.warn(
      'storage',
      lineAbout(
        subjectOf(execution),
        (ids) =>
          `${events.length} events published by script ${ids.script}${ids.ofTenant} were lost: ${problem}`,
      ),
    );
    return events.map(({ type }) => ({ type, problem }));
  }

  private refuse(execution: ExecutionThatPublished, error: unknown): void {
    this.metrics.eventDropped('invalid', 1);
    this.log.warn(
      'refused',
      lineAbout(
        subjectOf(execution),
        (ids) => `An event published by script ${ids.script}${ids.ofTenant} was lost: ${messageOf(error)}`,
      ),
    );
  }
}

/** The event of the line is the one that the script ran for. */
const subjectOf = ({ scriptId, scriptName, executionId, event }: ExecutionThatPublished): LogSubject => ({
  tenantId: event.tenantId,
  scriptId,
  scriptName,
  executionId,
  eventId: event.id,
});

const toScriptEvent = (execution: ExecutionThatPublished, event: EventEnvelope): ScriptEvent => ({
  id: event.id,
  type: event.type,
  tenantId: event.tenantId,
  payload: JSON.parse(event.payload) as JsonObject,
  occurredAt: event.occurredAt,
  depth: event.cause.depth,
  scriptId: execution.scriptId,
  executionId: execution.executionId,
});
