import { SchedulerRegistry } from '@nestjs/schedule';
import { DeadLetterExecutor, type RetryResult } from '../../../lib/dead-letter/retry/dead-letter.executor.js';
import type { RunLease } from '../../../lib/common/run-lease.js';
import type { DeadLetterQueueRepository } from '../../../lib/dead-letter/store/dead-letter-queue.repository.js';
import type { ClaimedDeadLetter } from '../../../lib/dead-letter/dead-letter.types.js';
import { RetryStrategy } from '../../../lib/dead-letter/retry/retry.strategy.js';
import { RetryWorker } from '../../../lib/dead-letter/retry/retry.worker.js';
import type { RetryWorkerOptions } from '../../../lib/dead-letter/retry/retry-worker.options.js';
import { RecordedMetrics } from '../../support/recorded-metrics.js';

type Run = (
  entry: ClaimedDeadLetter,
  signal: AbortSignal,
  lease: RunLease,
) => Promise<RetryResult> | RetryResult;

/** An executor that does what a test says, and records its runs. */
export class ScriptedExecutor extends DeadLetterExecutor {
  readonly runs: ClaimedDeadLetter[] = [];
  running = 0;
  mostRunning = 0;

  constructor(private readonly run: Run) {
    super();
  }

  async execute(entry: ClaimedDeadLetter, signal: AbortSignal, lease: RunLease): Promise<RetryResult> {
    this.runs.push(entry);
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      return await this.run(entry, signal, lease);
    } finally {
      this.running -= 1;
    }
  }
}

export const completed: RetryResult = { status: 'completed', executionId: 'x' };

export const failedWith = (
  kind: string,
  more: { retryable?: boolean; retryAfterMs?: number; message?: string } = {},
): RetryResult => ({
  status: 'failed',
  executionId: 'x',
  durationMs: 7,
  error: { kind, message: 'it failed again', ...more },
});

/** A worker, with the services to which it reports. */
export class WorkerUnderTest {
  readonly metrics = new RecordedMetrics();
  readonly scheduler = new SchedulerRegistry();
  readonly executor: ScriptedExecutor;
  readonly worker: RetryWorker;
  alerted = 0;

  constructor(
    readonly repository: DeadLetterQueueRepository,
    run: Run,
    options: Partial<RetryWorkerOptions> = {},
  ) {
    this.executor = new ScriptedExecutor(run);
    this.worker = new RetryWorker(
      repository,
      this.executor,
      new RetryStrategy({ jitter: 0 }),
      { poke: () => (this.alerted += 1) },
      this.metrics,
      this.scheduler,
      { intervalMs: 60_000, ...options },
    );
  }
}
