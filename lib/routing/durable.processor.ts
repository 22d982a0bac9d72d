import { Inject, Injectable } from '@nestjs/common';
import type { ProcessingVerdict } from '../buffer/event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { WriteRefusedError } from '../common/batching-writer.errors.js';
import { SCHEDULE_EVENT_TYPE } from '../common/event-type-name.js';
import type { RunLease } from '../common/run-lease.js';
import { DeadLetterQueueRepository } from '../dead-letter/store/dead-letter-queue.repository.js';
import { DeadLetterWriter } from '../dead-letter/dead-letter.writer.js';
import type { DeadLetterFailure } from '../dead-letter/new-dead-letter.js';
import { UNDECIDED } from '../dead-letter/undecided.js';
import { checkLoop } from '../events/loop-guard.js';
import { ExecutionService } from '../execution/execution.service.js';
import type { ExecutionRequest } from '../execution/execution.types.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { ScheduleRuns } from '../schedules/schedule.runs.js';
import { cancelledBy, failureOf, NOT_RUN } from './failures.js';
import { loopMessage } from './loop-messages.js';
import { QueuedEventProcessor } from './queued-event.processor.js';
import { RunCancelledError } from './routing.errors.js';

/**
 * After this many deliveries without a result, an event is no longer run, because it may have ended the nodes that ran
 * it. If storage is unavailable, that takes some four minutes and loses nothing: the retry worker takes over.
 */
const MAX_DELIVERIES = 10;

/**
 * Processes an event of a durable buffer. It returns when everything about the event is stored; a crash before that
 * leads to another delivery.
 *
 * ```
 * delivered again? ── has completed, or is a dead letter ──► answered as before, not run
 *       │        └───── too often, with nothing stored ──────► dead letter stored ──► answered
 *       │ no, or nothing of it is stored
 *       ▼
 *      run ── completed ──► published events stored ──► record stored ──► answered
 *       ├──── failed ─────► record stored ──► dead letter stored, one for the event ──► answered
 *       └──── cancelled by the stop of this node ──► thrown: goes back to the queue
 * ```
 */
@Injectable()
export class DurableProcessor extends QueuedEventProcessor {
  readonly restAtStop = 'go back to the queue';

  constructor(
    private readonly executions: ExecutionService,
    private readonly writer: DeadLetterWriter,
    private readonly deadLetters: DeadLetterQueueRepository,
    private readonly metrics: MetricsRecorder,
    private readonly schedules: ScheduleRuns,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {
    super();
  }

  /** An event from the database may run a binding of the host, whose modules must be initialised first. */
  async ready(bootstrapped: Promise<boolean>): Promise<void> {
    if (!(await bootstrapped)) throw new RunCancelledError();
  }

  /**
   * For a schedule's event it also stores that the event has ended, which the schedule's next time depends on.
   *
   * @throws if storage is unavailable or the node stops; the engine then delivers the event again
   */
  async process(...given: Parameters<QueuedEventProcessor['process']>): Promise<ProcessingVerdict> {
    const [event] = given;
    const verdict = await this.answer(...given);
    if (event.type === SCHEDULE_EVENT_TYPE) await this.schedules.ended(event);
    return verdict;
  }

  private async answer(
    event: QueuedEvent,
    signal: AbortSignal,
    delivery: number,
    lease?: RunLease,
    ended?: () => void,
  ): Promise<ProcessingVerdict> {
    const answered = delivery > 1 ? await this.answeredBefore(event) : undefined;
    if (answered) return answered;
    const refusal = this.refusalOf(event, delivery);
    const failure = refusal ?? (await this.execute({ event, trigger: 'event', signal, lease, ended }));
    if (failure === undefined) return 'completed';
    await this.keep(event, failure);
    // Counted only once it is stored, because until then it may be delivered again. A run has been counted at its end.
    if (refusal) this.metrics.executionFailed(event.type, refusal.kind ?? refusal.reason);
    return 'kept';
  }

  /** The verdict that an earlier delivery has stored. */
  private async answeredBefore(event: QueuedEvent): Promise<ProcessingVerdict | undefined> {
    const { tenantId, scriptId, id } = event;
    let answer: Exclude<ProcessingVerdict, 'later'> | undefined;
    if ((await this.executions.completionOf(tenantId, scriptId, id)) !== null) answer = 'completed';
    else if (await this.deadLetters.has(tenantId, scriptId, id)) answer = 'kept';
    this.metrics.redelivered(answer ?? 'again', 1);
    return answer;
  }

  /** Why it may not run; undefined if it may. */
  private refusalOf(
    { undecided, cause, scriptId }: QueuedEvent,
    delivery: number,
  ): DeadLetterFailure | undefined {
    if (undecided) return UNDECIDED;
    const { events } = this.options;
    const loop = checkLoop(cause, scriptId, events);
    if (loop) return { reason: 'loop', message: loopMessage(loop, events) };
    if (delivery <= MAX_DELIVERIES) return undefined;
    const message = `Gave up after ${MAX_DELIVERIES} deliveries: each time the node crashed or the result could not be stored.`;
    return { reason: 'failed', kind: 'crashed', message };
  }

  /** Undefined if it completed. */
  private async execute(
    request: ExecutionRequest & { signal: AbortSignal },
  ): Promise<DeadLetterFailure | undefined> {
    const result = await this.executions.run(request, 'must');
    if (result.status === 'completed') return undefined;
    if (result.status === 'not-run') return NOT_RUN[result.reason];
    if (cancelledBy(result, request.signal)) throw new RunCancelledError();
    return failureOf(result);
  }

  private async keep(event: QueuedEvent, failure: DeadLetterFailure): Promise<void> {
    if (this.writer.isFullFor(event.tenantId)) await this.writer.whenReady(event.tenantId);
    try {
      await this.writer.keepOnce(event, failure);
    } catch (error) {
      // The writer has counted and logged the loss. The database would refuse the record after every further run, too.
      if (!(error instanceof WriteRefusedError)) throw error;
    }
  }
}
