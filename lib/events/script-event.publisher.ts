import { Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { Clock } from '../common/clock.js';
import type { EventCause } from '../common/event-cause.js';
import { messageOf } from '../common/errors.js';
import { isEventTypeName } from '../common/event-type-name.js';
import { isRecord, type JsonObject, type JsonValue } from '../common/json.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { type DomainEvent, EventRouter, type RouteResult } from './domain-event.js';
import { EventRegistry } from './event-registry.js';
import { EventRefusedError, notATypeName } from './events.errors.js';
import { HostEventEmitter } from './host-event.emitter.js';
import { HOST_EVENTS, type ScriptEvent } from './host-events.js';
import { childCauses } from './loop-guard.js';
import { encodePayload } from './payload-json.js';

/** A completed execution with the events its script published. */
export interface ExecutionThatPublished {
  /** The queued event it ran for. */
  event: { tenantId: string; eventId: string; actorId: string | null; cause: EventCause };
  scriptId: string;
  executionId: string;
  published: readonly { type: string; payload: JsonValue }[];
}

/** What became of the published events. */
export interface PublishResult {
  published: { event: DomainEvent; routed: RouteResult }[];
  refused: { type: string; problem: string }[];
}

/**
 * Sends on the events scripts published. Tenant, actor, cause chain and depth come from the execution as the host
 * process knows it, never from the script.
 *
 * The sandbox refuses bad names and reserved types first, where the author sees it. This is the second fence, for the
 * case that something got past the first: what it refuses is counted and logged, never routed.
 */
@Injectable()
export class ScriptEventPublisher {
  private readonly log: ThrottledLog;

  constructor(
    private readonly registry: EventRegistry,
    private readonly router: EventRouter,
    private readonly hostEvents: HostEventEmitter,
    private readonly metrics: MetricsRecorder,
    private readonly clock: Clock,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {
    this.log = new ThrottledLog(new Logger(ScriptEventPublisher.name), clock);
  }

  /** Routes each event to the tenant's scripts and emits `script.event` for the host. Never throws. */
  publishFromExecution(execution: ExecutionThatPublished): PublishResult {
    const { cause, eventId } = execution.event;
    const result: PublishResult = { published: [], refused: [] };
    const accepted = execution.published.flatMap(({ type, payload }, index) => {
      try {
        this.refuseForeign(type, index);
        return [{ type, payload: this.encode(type, payload) }];
      } catch (error) {
        this.refuse(execution.scriptId, error);
        result.refused.push({ type, problem: messageOf(error) });
        return [];
      }
    });
    const causes = childCauses({ ...execution, cause, eventId }, accepted.length);
    for (const [index, { type, payload }] of accepted.entries()) {
      const event = this.envelope(execution, type, payload, causes[index] as EventCause);
      this.metrics.eventReceived(type);
      result.published.push({ event, routed: this.router.route(event) });
      this.hostEvents.emit(HOST_EVENTS.scriptEvent, toScriptEvent(execution, event));
    }
    return result;
  }

  private refuseForeign(type: string, index: number): void {
    const { maxPublishedPerRun } = this.options.events;
    if (index >= maxPublishedPerRun) {
      const problem = `it is more than events.maxPublishedPerRun = ${maxPublishedPerRun} in one execution`;
      throw new EventRefusedError(type, 'too-many', problem);
    }
    if (!isEventTypeName(type)) throw new EventRefusedError(type, 'unknown-type', notATypeName(type));
    if (this.registry.isReserved(type)) {
      throw new EventRefusedError(type, 'reserved-type', 'only the host brings events of this type');
    }
  }

  private encode(type: string, payload: JsonValue | undefined): string {
    const object = payload ?? {};
    if (!isRecord(object)) throw new EventRefusedError(type, 'not-an-object', 'its payload is no object');
    return encodePayload(type, object, this.options.events.maxPayloadBytes);
  }

  private envelope(
    { event }: ExecutionThatPublished,
    type: string,
    payload: string,
    cause: EventCause,
  ): DomainEvent {
    return Object.freeze({
      id: uuid(),
      type,
      tenantId: event.tenantId,
      payload,
      occurredAt: new Date(this.clock.now()).toISOString(),
      actor: event.actorId === null ? null : { id: event.actorId },
      cause,
    });
  }

  private refuse(scriptId: string, error: unknown): void {
    this.metrics.eventDropped('invalid', 1);
    this.log.warn('refused', `An event published by script ${scriptId} went nowhere. ${messageOf(error)}`);
  }
}

const toScriptEvent = (execution: ExecutionThatPublished, event: DomainEvent): ScriptEvent => ({
  id: event.id,
  type: event.type,
  tenantId: event.tenantId,
  payload: JSON.parse(event.payload) as JsonObject,
  occurredAt: event.occurredAt,
  depth: event.cause.depth,
  scriptId: execution.scriptId,
  executionId: execution.executionId,
});
