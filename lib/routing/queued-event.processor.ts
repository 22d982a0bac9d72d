import { Injectable, Logger } from '@nestjs/common';
import { EventBuffer, type ProcessedEvent } from '../buffer/event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { messageOf } from '../common/errors.js';
import { DeadLetterWriter } from '../dead-letter/dead-letter.writer.js';
import type { DeadLetterFailure } from '../dead-letter/new-dead-letter.js';
import { ExecutionService } from '../execution/execution.service.js';
import type { FailedExecution } from '../execution/execution.types.js';
import { SHUTDOWN_MESSAGE } from './event-trigger.handler.js';

/** What a worker does with a queued event: execute, and keep it as a dead letter when that does not complete. */
@Injectable()
export class QueuedEventProcessor {
  private readonly logger = new Logger(QueuedEventProcessor.name);

  constructor(
    private readonly buffer: EventBuffer,
    private readonly executions: ExecutionService,
    private readonly deadLetters: DeadLetterWriter,
  ) {}

  /**
   * @throws only with a durable buffer, when storage is away: the engine then delivers the event again. From memory it is
   * kept as a dead letter instead, which waits in the writer until storage is back.
   */
  async process(event: QueuedEvent, signal: AbortSignal): Promise<ProcessedEvent> {
    let failure: DeadLetterFailure;
    try {
      const result = await this.executions.run(
        { event, trigger: 'event', signal },
        this.buffer.durable ? 'must' : 'later',
      );
      if (result.status === 'completed') return 'completed';
      failure = result.status === 'held' ? HELD[result.reason] : failureOf(result, signal);
    } catch (error) {
      if (this.buffer.durable) throw error;
      failure = this.notStarted(event, error, signal);
    }
    await this.keep(event, failure);
    return 'kept';
  }

  private async keep(event: QueuedEvent, failure: DeadLetterFailure): Promise<void> {
    if (this.buffer.durable) return this.deadLetters.keep(event, failure);
    // From memory nobody can deliver it again: wait for room rather than lose it, but not for storage. While that is
    // away the workers belong to the scripts that still run.
    if (this.deadLetters.isFull) await this.deadLetters.whenReady();
    void this.deadLetters.keep(event, failure);
  }

  private notStarted(event: QueuedEvent, error: unknown, signal: AbortSignal): DeadLetterFailure {
    if (signal.aborted) return { reason: 'shutdown', message: SHUTDOWN_MESSAGE };
    const message = `The script could not be started: ${messageOf(error)}`;
    this.logger.error(`Queued event ${event.eventId} for script ${event.scriptId}: ${message}`);
    // The script is not to blame, and the cause may hold a query of ours: it stays in the log.
    return {
      reason: 'failed',
      kind: 'cancelled',
      message: 'The script could not be started; storage was away.',
    };
  }
}

const HELD: Record<'paused' | 'deleted', DeadLetterFailure> = {
  paused: {
    reason: 'paused',
    message: 'The script was not active when its turn came; it runs when it is active again.',
  },
  deleted: {
    reason: 'deleted',
    message: 'The script was deleted or archived while the event waited.',
  },
};

/** A run that the stop cancelled did nothing wrong: it is due at once, and its attempt does not count. */
function failureOf(
  { error, scriptVersion, durationMs }: FailedExecution,
  signal: AbortSignal,
): DeadLetterFailure {
  const ran = {
    kind: error.kind,
    scriptVersion,
    durationMs,
    retryable: error.retryable,
    retryAfterMs: error.retryAfterMs,
  };
  return signal.aborted && error.kind === 'cancelled'
    ? { ...ran, reason: 'shutdown', message: SHUTDOWN_MESSAGE }
    : { ...ran, reason: 'failed', message: error.message };
}
