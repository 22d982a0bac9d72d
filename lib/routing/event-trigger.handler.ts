import { Inject, Injectable, Logger } from '@nestjs/common';
import { EventBuffer } from '../buffer/event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { Clock } from '../common/clock.js';
import type { EventCause } from '../common/event-cause.js';
import { messageOf } from '../common/errors.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { DeadLetterWriter } from '../dead-letter/dead-letter.writer.js';
import { EventRouter, type DomainEvent, type RouteResult } from '../events/domain-event.js';
import { checkLoop, type LoopVerdict, queuedCauses } from '../events/loop-guard.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { ScriptIndex } from '../scripts/script-index.js';

/**
 * Routes an event to the tenant's active scripts for its type whose filters match, and queues one run for each.
 * What finds no place, leads in circles or comes while the application stops is kept as a dead letter.
 *
 * Synchronous and without I/O: the index is in memory, storage happens later. Nothing is ever thrown at the publisher.
 */
@Injectable()
export class EventTriggerHandler extends EventRouter {
  private readonly logger = new Logger(EventTriggerHandler.name);
  private readonly overflowLog: ThrottledLog;
  private stopping = false;

  constructor(
    private readonly index: ScriptIndex,
    private readonly buffer: EventBuffer,
    private readonly deadLetters: DeadLetterWriter,
    private readonly metrics: MetricsRecorder,
    private readonly clock: Clock,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {
    super();
    this.overflowLog = new ThrottledLog(this.logger, clock);
  }

  /** From now on events are kept as dead letters that are due at once, for the next start or another instance. */
  close(): void {
    this.stopping = true;
  }

  route(event: DomainEvent): RouteResult {
    const result: RouteResult = { scripts: 0, filtered: 0, queued: 0, kept: 0, dropped: 0 };
    try {
      this.match(event, result);
    } catch (error) {
      this.metrics.eventDropped('internal', 1);
      this.logger.error(`Event ${event.id} (${event.type}) could not be routed: ${messageOf(error)}`);
    }
    return result;
  }

  private match(event: DomainEvent, result: RouteResult): void {
    if (!this.index.has(event.type, event.tenantId)) return;
    const { listening, matched } = this.index.match(event.type, event.tenantId, JSON.parse(event.payload));
    result.scripts = listening;
    result.filtered = listening - matched.length;
    if (result.filtered > 0) this.metrics.eventFiltered(event.type, result.filtered);
    if (matched.length === 0) return;
    this.metrics.eventMatched(event.type, matched.length);

    const causes = queuedCauses(event.cause, matched.length);
    const runnable: QueuedEvent[] = [];
    for (const [i, script] of matched.entries()) {
      const queued = this.queuedEvent(event, script.id, causes[i]);
      const loop = checkLoop(queued.cause, script.id, this.options.events);
      if (loop) this.keepLoop(queued, loop, result);
      else runnable.push(queued);
    }
    if (runnable.length > 0) this.enqueue(runnable, result);
  }

  private queuedEvent(event: DomainEvent, scriptId: string, cause: EventCause): QueuedEvent {
    return {
      tenantId: event.tenantId,
      scriptId,
      eventId: event.id,
      eventType: event.type,
      payload: event.payload,
      occurredAt: event.occurredAt,
      actorId: event.actor?.id ?? null,
      cause,
      attempt: 1,
      enqueuedAt: this.clock.now(),
    };
  }

  private enqueue(events: readonly QueuedEvent[], result: RouteResult): void {
    const { accepted, overflowed } = this.stopping
      ? { accepted: 0, overflowed: events }
      : this.buffer.enqueue(events);
    result.queued = accepted;
    if (overflowed.length === 0) return;
    if (this.stopping) return this.keepAll(overflowed, 'shutdown', SHUTDOWN_MESSAGE, result);
    this.metrics.eventDropped('overflow', overflowed.length);
    if (this.options.buffer.overflow === 'drop') {
      result.dropped = overflowed.length;
      this.overflowLog.warn(
        'drop',
        'The event buffer is full: queued events are dropped, as buffer.overflow says.',
      );
      return;
    }
    this.keepAll(overflowed, 'overflow', overflowMessage(this.options.buffer.size), result);
  }

  private keepAll(
    events: readonly QueuedEvent[],
    reason: 'overflow' | 'shutdown',
    message: string,
    result: RouteResult,
  ): void {
    result.kept += events.length;
    for (const event of events) {
      this.metrics.executionFailed(event.eventType, reason);
      void this.deadLetters.keep(event, { reason, message });
    }
  }

  private keepLoop(event: QueuedEvent, loop: LoopVerdict, result: RouteResult): void {
    result.kept++;
    this.metrics.executionFailed(event.eventType, 'loop');
    void this.deadLetters.keep(event, { reason: 'loop', message: LOOP_MESSAGES[loop](this.options.events) });
  }
}

export const SHUTDOWN_MESSAGE = 'The application stopped before the script could run.';

const overflowMessage = (size: number): string =>
  `The event buffer was full (${size} queued events); raise buffer.size or buffer.workerCount if this goes on.`;

const LOOP_MESSAGES: Record<LoopVerdict, (events: ResolvedOptions['events']) => string> = {
  depth: ({ maxDepth }) => `The chain of events that led here is deeper than ${maxDepth} executions.`,
  cycle: () => 'The script has already run in the chain of events that led here.',
  budget: ({ maxExecutionsPerRoot }) =>
    `The first event of this chain has used up its ${maxExecutionsPerRoot} executions.`,
};
