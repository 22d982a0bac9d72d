import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { Clock } from '../common/clock.js';
import { EventRegistry } from '../events/event-registry.js';
import { encodePayload, pickPayload } from '../events/payload-json.js';
import { ExecutionRepository } from '../execution/execution.repository.js';
import { pastEventOf } from '../execution/past-event.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import type { ResolvedTestEvent } from './test-run.request.js';
import type { TestEvent } from './test-run.types.js';
import { DeadLetterNotFoundError } from '../dead-letter/dead-letter.errors.js';
import { DeadLetterQueueRepository } from '../dead-letter/store/dead-letter-queue.repository.js';

/** Events of test runs: made up as they would be captured, or read from where past ones are stored. */
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
   * @throws errors of {@link ScriptsEventError} for an event that is not there, was not kept, or cannot be a payload
   */
  async resolve(tenantId: string, event: TestEvent, by: string | null): Promise<ResolvedTestEvent> {
    if ('deadLetterId' in event) return this.ofDeadLetter(tenantId, event.deadLetterId);
    if ('executionId' in event) return this.ofExecution(tenantId, event.executionId);
    return this.madeUp(event.eventType, event.input ?? {}, by);
  }

  private madeUp(type: string, input: Record<string, unknown>, by: string | null): ResolvedTestEvent {
    const fields = this.registry.get(type)?.fields ?? null;
    const payload = pickPayload(type, input, fields);
    return {
      id: uuid(),
      type,
      payload: encodePayload(type, payload, this.options.events.maxPayloadBytes),
      occurredAt: new Date(this.clock.now()).toISOString(),
      actorId: by,
      depth: 0,
      ignoredFields: fields ? Object.keys(input).filter((name) => !fields.includes(name)) : [],
    };
  }

  private async ofDeadLetter(tenantId: string, id: string): Promise<ResolvedTestEvent> {
    const found = await this.deadLetters.get(tenantId, id);
    if (!found) throw new DeadLetterNotFoundError(id);
    return {
      id: found.eventId,
      type: found.eventType,
      payload: JSON.stringify(found.eventData),
      occurredAt: found.occurredAt.toISOString(),
      actorId: found.actorId,
      depth: found.cause.depth,
      ignoredFields: [],
    };
  }

  private async ofExecution(tenantId: string, id: string): Promise<ResolvedTestEvent> {
    const { eventId, eventType, ...event } = pastEventOf(await this.executions.get(tenantId, id));
    return { ...event, id: eventId, type: eventType, ignoredFields: [] };
  }
}
