import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { eventOf } from '../../common/event-envelope.js';
import { withoutPadding } from '../../common/json.js';
import type { RunLease } from '../../common/run-lease.js';
import { ExecutionService } from '../../execution/execution.service.js';
import { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import { ScriptIndex } from '../../scripts/script-index.js';
import { DeadLetterExecutor, type RetryResult } from './dead-letter.executor.js';
import type { ClaimedDeadLetter } from '../dead-letter.types.js';

/**
 * Runs a dead letter's event again, on the current version of its script. If it was undecided, the filter is evaluated
 * first.
 */
@Injectable()
export class ExecutionServiceExecutor extends DeadLetterExecutor {
  constructor(
    private readonly executions: ExecutionService,
    private readonly clock: Clock,
    private readonly metrics: MetricsRecorder,
    private readonly index: ScriptIndex,
  ) {
    super();
  }

  async execute(entry: ClaimedDeadLetter, signal: AbortSignal, lease: RunLease): Promise<RetryResult> {
    const { id, tenantId, scriptId, eventId, attempt, trigger, requestedBy, before } = entry;
    // A process that died after the run, or that lost the database, may have completed it already.
    const done = await this.executions.completionOf(tenantId, scriptId, eventId);
    if (done !== null) {
      this.metrics.redelivered('completed', 1);
      return { status: 'completed', executionId: done };
    }
    // An event that is still undecided runs, because a person asked for it.
    const decided =
      entry.reason === 'undecided' ? this.index.decide(scriptId, JSON.parse(entry.payload)) : true;
    if (decided === undefined) return { status: 'not-run', reason: 'its filter has not been loaded yet' };
    if (decided === false) return { status: 'filtered' };
    // The time in the dead letter queue is not queue time: the wait is counted from the claim.
    const payload = withoutPadding(entry.payload);
    const event = { ...eventOf(entry), payload, scriptId, attempt, enqueuedAt: this.clock.now() };
    const request = { event, trigger, deadLetterId: id, requestedBy, before, signal, lease };
    const result = await this.executions.run(request, 'awaited');
    if (result.status === 'not-run') return result;
    const { executionId, durationMs, traceId, spanId } = result;
    const span = traceId && spanId ? { traceId, spanId } : undefined;
    return result.status === 'completed'
      ? { status: 'completed', executionId, durationMs, ...span }
      : { status: 'failed', executionId, durationMs, error: result.error, ...span };
  }
}
