import { Inject, Injectable } from '@nestjs/common';
import { PrintableLogger } from '../common/printable-logger.js';
import { EventBuffer } from '../buffer/event-buffer.js';
import { EventBufferClosedError } from '../buffer/event-buffer.errors.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { Clock } from '../common/clock.js';
import { SCHEDULE_EVENT_TYPE } from '../common/event-type-name.js';
import { messageOf } from '../common/errors.js';
import { lineAbout } from '../common/log-line.js';
import { inOwnContext } from '../common/own-context.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { TenantTally } from '../common/tenant-tally.js';
import { DeadLetterWriter } from '../dead-letter/dead-letter.writer.js';
import { UNDECIDED } from '../dead-letter/undecided.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import { EventRouter, type PreparedEvents, type RouteResult } from '../events/event-router.js';
import { checkLoop, type LoopVerdict } from '../events/loop-guard.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { ScheduleRuns } from '../schedules/schedule.runs.js';
import type { ScheduledEventQueue } from '../schedules/scheduled-event.queue.js';
import {
  EventDelivery,
  type PublishedRoute,
  type PublishPromise,
  type RoutesEvents,
} from './event-delivery.js';
import { EventMatcher } from './event-matcher.js';
import { type EventMatch, type EventMatching, NOBODY, routeResult } from './event-matching.js';
import { NOT_RUN, SHUTDOWN_MESSAGE } from './failures.js';
import { loopMessage } from './loop-messages.js';
import { MatchingTurns } from './matching-turns.js';
import { undecidedLine } from './undecided.js';

/** How many steps of filters `emit()` waits for: some 2 ms. The rest is evaluated after it has returned. */
const AT_ONCE_STEPS = 20_000;

/**
 * Routes an event to the tenant's scripts for its type whose filters match, and queues one run for each. Events for a
 * disabled script, events that don't fit in the buffer, those that the loop guard stops and those that arrive while the
 * application is stopping are kept as dead letters.
 *
 * {@link route} is synchronous and does no I/O: the index is in memory, storage happens later, and nothing is thrown at
 * the publisher. Filters that take longer than {@link AT_ONCE_STEPS} are evaluated in slices afterwards, and later
 * events of the tenant wait behind them. Published events go on as {@link EventDelivery} promises.
 */
@Injectable()
export class EventTriggerHandler extends EventRouter implements RoutesEvents, ScheduledEventQueue {
  private readonly logger = new PrintableLogger(EventTriggerHandler.name);
  private readonly throttledLog: ThrottledLog;
  private readonly turns = new MatchingTurns();
  private readonly dropped = new TenantTally((tenantId, count) =>
    this.logger.warn(
      lineAbout(
        { tenantId },
        ({ ofTenant }) =>
          `The event buffer is full: ${count} queued events${ofTenant} were dropped because buffer.overflow is "drop".`,
      ),
    ),
  );
  private stopping = false;

  constructor(
    private readonly matcher: EventMatcher,
    private readonly buffer: EventBuffer,
    private readonly delivery: EventDelivery,
    private readonly deadLetters: DeadLetterWriter,
    private readonly metrics: MetricsRecorder,
    private readonly schedules: ScheduleRuns,
    clock: Clock,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {
    super();
    this.throttledLog = new ThrottledLog(this.logger, clock);
  }

  /** From now on, events become dead letters that are due immediately, for the next start or another node. */
  close(): void {
    this.stopping = true;
    this.dropped.tell();
    this.throttledLog.tell();
  }

  /**
   * Waits up to `timeoutMs` until the filters have been evaluated for all events that arrived. Events whose filters
   * were not evaluated in that time are kept as undecided; with a durable buffer, those from a transaction or an
   * execution are rejected.
   */
  async settle(timeoutMs: number): Promise<void> {
    if (!(await this.turns.settled(timeoutMs))) this.turns.stop();
  }

  route(event: EventEnvelope): RouteResult {
    const result = routeResult();
    try {
      // In an empty context from here on: queueing may start work that runs other events.
      inOwnContext(() => this.match(event, result));
    } catch (error) {
      this.failed(event, error);
    }
    return result;
  }

  async routeInTurn(event: EventEnvelope): Promise<RouteResult> {
    const result = routeResult();
    const matching = this.matcher.begin(event);
    if (!matching) return result;
    return new Promise((resolve) => {
      this.defer(`published ${event.tenantId}`, matching, result, () => resolve(result));
    });
  }

  routePublished(events: readonly EventEnvelope[]): Promise<RouteResult[]> {
    return this.delivery.routePublished(events, this);
  }

  preparePublished(events: readonly EventEnvelope[]): Promise<PreparedEvents> {
    return this.delivery.preparePublished(events, this);
  }

  /**
   * Routes an event that the host publishes.
   *
   * @throws what the delivery throws
   */
  publish(event: EventEnvelope, promise: PublishPromise): Promise<PublishedRoute> {
    return this.delivery.publish(event, promise, this);
  }

  async matchInTurn(event: EventEnvelope): Promise<EventMatch> {
    const matching = this.matcher.begin(event);
    return matching ? this.awaitTurn(`published ${event.tenantId}`, matching) : NOBODY;
  }

  async matchAtOnce(event: EventEnvelope): Promise<EventMatch> {
    if (this.stopping) throw new EventBufferClosedError();
    const matching = this.matcher.begin(event);
    if (!matching) return NOBODY;
    return matching.advance(AT_ONCE_STEPS, true)
      ? this.logged(event, matching.end())
      : this.awaitTurn(`transaction ${event.tenantId}`, matching);
  }

  queueScheduled(events: readonly QueuedEvent[]): readonly QueuedEvent[] {
    if (this.stopping) return events;
    const { overflowed, displaced = [] } = this.buffer.enqueue(events);
    if (displaced.length > 0) this.overflow(displaced);
    return overflowed;
  }

  private match(event: EventEnvelope, result: RouteResult): void {
    const matching = this.matcher.begin(event);
    if (!matching) return;
    const lane = `emitted ${event.tenantId}`;
    if (!this.turns.isBusy(lane) && matching.advance(AT_ONCE_STEPS, true))
      this.take(matching.end(), result, event);
    else this.defer(lane, matching, result, () => undefined);
  }

  private awaitTurn(lane: string, matching: EventMatching): Promise<EventMatch> {
    return new Promise((resolve, reject) => {
      const ended = (match: EventMatch): void => resolve(this.logged(matching.event, match));
      const stopped = (): void => reject(new EventBufferClosedError());
      if (!this.turns.add(lane, { matching, ended, failed: reject, stopped })) ended(matching.end());
    });
  }

  /** Evaluates the filters later and calls `done` when the result is complete. */
  private defer(lane: string, matching: EventMatching, result: RouteResult, done: () => void): void {
    const { event, listening } = matching;
    result.scripts = listening;
    result.deferred = true;
    const ended = (match: EventMatch): void => {
      try {
        this.take(match, result, event);
      } catch (error) {
        this.failed(event, error);
      }
      done();
    };
    const failed = (error: unknown): void => {
      this.failed(event, error);
      done();
    };
    const stopped = (): void => ended(matching.end());
    if (!this.turns.add(lane, { matching, ended, failed, stopped })) stopped();
  }

  private failed(event: EventEnvelope, error: unknown): void {
    this.metrics.eventDropped('internal', 1);
    const { id: eventId, tenantId, type } = event;
    this.throttledLog.error(
      `not routed ${tenantId}`,
      lineAbout(
        { tenantId, eventId },
        (ids) => `Event${ids.event} (${type}) could not be routed: ${messageOf(error)}`,
      ),
    );
  }

  private logged(event: EventEnvelope, match: EventMatch): EventMatch {
    const [script] = match.undecided;
    if (script) this.throttledLog.warn('undecided', undecidedLine(event, script, match.undecided.length));
    return match;
  }

  /** Queues what matches and keeps what may not run. */
  private take(match: EventMatch, result: RouteResult, event: EventEnvelope): void {
    this.logged(event, match);
    Object.assign(result, routeResult(match));
    const runnable: QueuedEvent[] = [];
    for (const queued of match.queued) {
      const loop = checkLoop(queued.cause, queued.scriptId, this.options.events);
      const toWorker = this.delivery.leavesToWorker(queued);
      if (queued.undecided && toWorker) runnable.push(queued);
      else if (queued.undecided) this.keepAll([queued], 'undecided', UNDECIDED.message, result);
      else if (loop) this.keepLoop(queued, loop, result);
      else if (!toWorker && !this.matcher.runs(queued.scriptId))
        this.keepAll([queued], 'held', NOT_RUN.disabled.message, result);
      else runnable.push(queued);
    }
    if (runnable.length > 0) this.enqueue(runnable, result);
  }

  private enqueue(events: readonly QueuedEvent[], result: RouteResult): void {
    if (this.stopping) return this.keepAll(events, 'shutdown', SHUTDOWN_MESSAGE, result);
    const { accepted, overflowed, displaced = [] } = this.buffer.enqueue(events);
    result.queued = accepted;
    if (overflowed.length > 0) this.overflow(overflowed, result);
    // Not counted in this result, because displaced events were routed earlier.
    if (displaced.length > 0) this.overflow(displaced);
  }

  private overflow(events: readonly QueuedEvent[], result?: RouteResult): void {
    this.metrics.eventDropped('overflow', events.length);
    if (this.options.buffer.overflow !== 'drop')
      return this.keepAll(events, 'overflow', this.buffer.overflowMessage, result);
    for (const event of events) if (event.type === SCHEDULE_EVENT_TYPE) void this.schedules.ended(event);
    if (result) result.dropped = events.length;
    for (const { tenantId } of events) this.dropped.add(tenantId);
  }

  private keepAll(
    events: readonly QueuedEvent[],
    reason: 'overflow' | 'shutdown' | 'held' | 'undecided',
    message: string,
    result?: RouteResult,
  ): void {
    if (result) result.kept += events.length;
    for (const event of events) {
      this.metrics.executionFailed(event.type, reason);
      const letter = this.deadLetters.keep(event, { reason, message });
      if (event.type === SCHEDULE_EVENT_TYPE) void this.schedules.ended(event, letter);
    }
  }

  private keepLoop(event: QueuedEvent, loop: LoopVerdict, result: RouteResult): void {
    result.kept++;
    this.metrics.executionFailed(event.type, 'loop');
    void this.deadLetters.keep(event, {
      reason: 'loop',
      message: loopMessage(loop, this.options.events),
    });
  }
}
