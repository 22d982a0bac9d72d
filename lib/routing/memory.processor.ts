import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrintableLogger } from '../common/printable-logger.js';
import { EventBuffer, type ProcessingVerdict } from '../buffer/event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { isOutage } from '../common/database-failure.js';
import { SystemClock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { lineAbout, type LogSubject } from '../common/log-line.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { DeadLetterWriter } from '../dead-letter/dead-letter.writer.js';
import type { DeadLetterFailure } from '../dead-letter/new-dead-letter.js';
import { SCHEDULE_EVENT_TYPE } from '../common/event-type-name.js';
import { ScheduleRuns } from '../schedules/schedule.runs.js';
import { ExecutionService } from '../execution/execution.service.js';
import { ScriptIndex } from '../scripts/script-index.js';
import { ScriptStorageAwayError } from '../scripts/script.errors.js';
import { cancelledBy, failureOf, NOT_RUN, SHUTDOWN_MESSAGE } from './failures.js';
import { QueuedEventProcessor } from './queued-event.processor.js';

/**
 * Processes an event from memory. Never throws: if storage is unavailable, the event is kept as a dead letter that
 * waits in the writer until storage is back.
 */
@Injectable()
export class MemoryProcessor extends QueuedEventProcessor implements OnApplicationShutdown {
  readonly restAtStop = 'are kept as dead letters';
  private readonly log = new ThrottledLog(new PrintableLogger(QueuedEventProcessor.name), new SystemClock());

  constructor(
    private readonly buffer: EventBuffer,
    private readonly executions: ExecutionService,
    private readonly deadLetters: DeadLetterWriter,
    private readonly index: ScriptIndex,
    private readonly schedules: ScheduleRuns,
  ) {
    super();
  }

  /** Logs how many lines were left out. */
  onApplicationShutdown(): void {
    this.log.tell();
  }

  /** Resolves immediately: this process captured what waits in memory, so it has started. */
  async ready(): Promise<void> {}

  async process(event: QueuedEvent, signal: AbortSignal): Promise<ProcessingVerdict> {
    const failure = await this.execute(event, signal);
    if (failure === 'later') return 'later';
    if (failure === undefined) {
      if (event.type === SCHEDULE_EVENT_TYPE) await this.schedules.ended(event);
      return 'completed';
    }
    // The event can't be delivered again, so wait for room rather than lose it. Don't wait until it is stored: while
    // storage is unavailable, other scripts that can still run need the worker.
    const { tenantId } = event;
    if (this.deadLetters.isFullFor(tenantId)) await this.deadLetters.whenReady(tenantId);
    const letter = this.deadLetters.keep(event, failure);
    if (event.type === SCHEDULE_EVENT_TYPE) void this.schedules.ended(event, letter);
    return 'kept';
  }

  /** Undefined if it completed. */
  private async execute(
    event: QueuedEvent,
    signal: AbortSignal,
  ): Promise<DeadLetterFailure | 'later' | undefined> {
    try {
      if (event.type === SCHEDULE_EVENT_TYPE && !(await this.isStillOurs(event))) return undefined;
      const result = await this.executions.run({ event, trigger: 'event', signal }, 'later');
      if (result.status === 'completed') return undefined;
      if (result.status === 'not-run') return NOT_RUN[result.reason];
      // A run that the stop cancelled is due immediately, and its attempt doesn't count.
      return cancelledBy(result, signal)
        ? { ...failureOf(result), reason: 'shutdown', message: SHUTDOWN_MESSAGE }
        : failureOf(result);
    } catch (error) {
      const away = error instanceof ScriptStorageAwayError;
      if (away && this.buffer.putsBack && !signal.aborted) return 'later';
      return this.notStarted(event, error, signal);
    }
  }

  /**
   * False if another process has taken over this time of the schedule, because this process has not renewed its lease.
   *
   * @throws ScriptStorageAwayError if that is unknown
   */
  private async isStillOurs(event: QueuedEvent): Promise<boolean> {
    try {
      if (await this.schedules.mayBegin(event)) return true;
    } catch (error) {
      throw isOutage(error) ? new ScriptStorageAwayError(error) : error;
    }
    this.log.warn(
      'taken over',
      lineAbout(
        this.subjectOf(event),
        ({ script, ofTenant }) =>
          `The time ${event.occurredAt} of a schedule of script ${script}${ofTenant} is left to another process, which took it over while this one did not reach the database.`,
      ),
    );
    return false;
  }

  private notStarted(event: QueuedEvent, error: unknown, signal: AbortSignal): DeadLetterFailure {
    if (signal.aborted) return { reason: 'shutdown', message: SHUTDOWN_MESSAGE };
    const message = `The script could not be started: ${messageOf(error)}`;
    this.log.error(
      `not started ${event.tenantId}`,
      lineAbout(
        this.subjectOf(event),
        (ids) => `Queued event${ids.event} for script ${ids.script}${ids.ofTenant}: ${message}`,
      ),
    );
    // The script is not to blame, and the cause may contain an SQL statement, so it stays in the log.
    const away = error instanceof ScriptStorageAwayError || isOutage(error);
    return {
      reason: 'failed',
      kind: 'cancelled',
      message: away
        ? 'The script could not be started because the database was unavailable.'
        : 'The script could not be started. The script is not the cause; see the log of the application.',
    };
  }

  private subjectOf({ id: eventId, scriptId, tenantId }: QueuedEvent): LogSubject {
    return { tenantId, scriptId, scriptName: this.index.nameOf(scriptId), eventId };
  }
}
