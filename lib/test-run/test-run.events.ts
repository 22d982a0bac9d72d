import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { Clock } from '../common/clock.js';
import { actorOf, eventOf } from '../common/event-envelope.js';
import { SCHEDULE_EVENT_TYPE } from '../common/event-type-name.js';
import type { JsonValue } from '../common/json.js';
import { EventRegistry } from '../events/event-registry.js';
import { spentCause } from '../events/loop-guard.js';
import { SCHEDULE_FIELDS, triedScheduleInput } from '../events/schedule-input.js';
import { encodePayload, pickPayload } from '../events/payload-json.js';
import { ExecutionRepository } from '../execution/execution.repository.js';
import { pastEventOf } from '../execution/past-event.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import type { ResolvedTestEvent } from './test-run.request.js';
import type { TestEvent } from './test-run.types.js';
import { DeadLetterNotFoundError } from '../dead-letter/dead-letter.errors.js';
import { DeadLetterQueueRepository } from '../dead-letter/store/dead-letter-queue.repository.js';

/**
 * Provides the events of test runs: made up as capture would have made them, or read from a stored execution or dead
 * letter.
 */
@Injectable()
export class TestEvents {
  constructor(
    private readonly registry: EventRegistry,
    private readonly deadLetters: DeadLetterQueueRepository,
    private readonly executions: ExecutionRepository,
    private readonly clock: Clock,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /**
   * @param by the actor of an event that is made up
   * @param scheduled the payload of a schedule's event that names none
   * @throws ScriptsEventError for an event that doesn't exist, was not kept, or can't be a payload
   */
  async resolve(
    tenantId: string,
    event: TestEvent,
    by: string | null,
    scheduled: JsonValue = null,
  ): Promise<ResolvedTestEvent> {
    if ('deadLetterId' in event) return this.ofDeadLetter(tenantId, event.deadLetterId);
    if ('executionId' in event) return this.ofExecution(tenantId, event.executionId);
    const { type, input = {} } = event;
    const given =
      type === SCHEDULE_EVENT_TYPE ? triedScheduleInput(this.clock.now(), input, scheduled) : input;
    return this.madeUp(tenantId, type, given, by);
  }

  /** The payload fields of an event type; null if they are not known. */
  fieldsOf(type: string): readonly string[] | null {
    return type === SCHEDULE_EVENT_TYPE ? SCHEDULE_FIELDS : (this.registry.get(type)?.fields ?? null);
  }

  private madeUp(
    tenantId: string,
    type: string,
    input: Record<string, unknown>,
    by: string | null,
  ): ResolvedTestEvent {
    const id = uuid();
    const fields = this.fieldsOf(type);
    const payload = pickPayload(type, input, fields);
    return {
      id,
      type,
      tenantId,
      payload: encodePayload(type, payload, this.options.events.maxPayloadBytes),
      occurredAt: new Date(this.clock.now()).toISOString(),
      actor: actorOf(by),
      cause: spentCause(id, 0),
      ignoredFields: fields ? Object.keys(input).filter((name) => !fields.includes(name)) : [],
    };
  }

  private async ofDeadLetter(tenantId: string, id: string): Promise<ResolvedTestEvent> {
    const found = await this.deadLetters.get(tenantId, id);
    if (!found) throw new DeadLetterNotFoundError(id);
    const event = eventOf({
      ...found,
      payload: JSON.stringify(found.payload),
      occurredAt: found.occurredAt.toISOString(),
      cause: spentCause(found.eventId, found.cause.depth),
    });
    return { ...event, ignoredFields: [] };
  }

  private async ofExecution(tenantId: string, id: string): Promise<ResolvedTestEvent> {
    return { ...pastEventOf(await this.executions.get(tenantId, id)), ignoredFields: [] };
  }
}
