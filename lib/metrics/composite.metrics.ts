import type { StoreOperation } from '../common/built-in-calls.js';
import { CachedReading } from './cached-reading.js';
import {
  type BindingResultLabel,
  type BreakerStateLabel,
  type CipherOperationLabel,
  type DropReason,
  type ExecutionStatusLabel,
  MetricsRecorder,
  type MetricsSources,
  type RedeliveryLabel,
  type RetainedLabel,
  type RetryResultLabel,
  type ScheduleReasonLabel,
  type SecretUseLabel,
  type StoreCallLabel,
  type StoreRunLabel,
} from './metrics.recorder.js';

/** Records to several recorders. If one throws, the others still record, and the code that counts isn't affected. */
export class CompositeMetricsRecorder extends MetricsRecorder {
  /** @param cacheTimes how long counts of dead letters and sizes of tables are reused, in milliseconds */
  constructor(
    private readonly recorders: readonly MetricsRecorder[],
    private readonly cacheTimes: { deadLetterCacheTimeMs: number; tableSizeCacheTimeMs: number },
  ) {
    super();
  }

  override eventReceived(eventType: string): void {
    this.each((recorder) => recorder.eventReceived(eventType));
  }

  override eventMatched(eventType: string, count: number): void {
    this.each((recorder) => recorder.eventMatched(eventType, count));
  }

  override eventFiltered(eventType: string, count: number): void {
    this.each((recorder) => recorder.eventFiltered(eventType, count));
  }

  override eventUndecided(eventType: string, count: number): void {
    this.each((recorder) => recorder.eventUndecided(eventType, count));
  }

  override eventDropped(reason: DropReason, count: number): void {
    this.each((recorder) => recorder.eventDropped(reason, count));
  }

  override executionFinished(
    eventType: string,
    status: ExecutionStatusLabel,
    durationMs: number,
    queueMs: number,
  ): void {
    this.each((recorder) => recorder.executionFinished(eventType, status, durationMs, queueMs));
  }

  override executionFailed(eventType: string, kind: string): void {
    this.each((recorder) => recorder.executionFailed(eventType, kind));
  }

  override sandboxRestarted(reason: string): void {
    this.each((recorder) => recorder.sandboxRestarted(reason));
  }

  override retryFinished(result: RetryResultLabel): void {
    this.each((recorder) => recorder.retryFinished(result));
  }

  override bindingCalled(binding: string, result: BindingResultLabel): void {
    this.each((recorder) => recorder.bindingCalled(binding, result));
  }

  override secretUsed(result: SecretUseLabel): void {
    this.each((recorder) => recorder.secretUsed(result));
  }

  override cipherFailed(operation: CipherOperationLabel): void {
    this.each((recorder) => recorder.cipherFailed(operation));
  }

  override storeCalled(operation: StoreOperation, result: StoreCallLabel): void {
    this.each((recorder) => recorder.storeCalled(operation, result));
  }

  override storeRunEnded(result: StoreRunLabel): void {
    this.each((recorder) => recorder.storeRunEnded(result));
  }

  override redelivered(result: RedeliveryLabel, count: number): void {
    this.each((recorder) => recorder.redelivered(result, count));
  }

  override retentionDeleted(rows: RetainedLabel, count: number): void {
    this.each((recorder) => recorder.retentionDeleted(rows, count));
  }

  override scheduleFired(lagMs: number): void {
    this.each((recorder) => recorder.scheduleFired(lagMs));
  }

  override schedulePassed(reason: ScheduleReasonLabel, count: number): void {
    this.each((recorder) => recorder.schedulePassed(reason, count));
  }

  override breakerMoved(state: BreakerStateLabel): void {
    this.each((recorder) => recorder.breakerMoved(state));
  }

  override observe(sources: MetricsSources): () => void {
    const ends: (() => void)[] = [];
    const shared = this.withCaches(sources);
    this.each((recorder) => ends.push(recorder.observe(shared)));
    return () => ends.forEach((end) => end());
  }

  /** Values from the database are read once for all recorders. */
  private withCaches(sources: MetricsSources): MetricsSources {
    const cached = { ...sources };
    const { deadLetterCacheTimeMs, tableSizeCacheTimeMs } = this.cacheTimes;
    if (sources.deadLetters) {
      const counts = new CachedReading(
        'The count of dead letters',
        sources.deadLetters,
        {},
        deadLetterCacheTimeMs,
      );
      cached.deadLetters = () => counts.read();
    }
    if (sources.oldestDueMs) {
      const name = 'The age of the retry that is most overdue';
      const age = new CachedReading(name, sources.oldestDueMs, 0, deadLetterCacheTimeMs);
      cached.oldestDueMs = () => age.read();
    }
    if (sources.scheduleDueMs) {
      const name = 'The age of the time of a schedule that is most overdue';
      const age = new CachedReading(name, sources.scheduleDueMs, 0, deadLetterCacheTimeMs);
      cached.scheduleDueMs = () => age.read();
    }
    if (sources.breaker) {
      const name = 'The count of degraded and disabled scripts';
      const counts = new CachedReading(name, sources.breaker, {}, deadLetterCacheTimeMs);
      cached.breaker = () => counts.read();
    }
    if (sources.tables) {
      const sizes = new CachedReading('The size of the tables', sources.tables, [], tableSizeCacheTimeMs);
      cached.tables = () => sizes.read();
    }
    return cached;
  }

  private each(record: (recorder: MetricsRecorder) => void): void {
    for (const recorder of this.recorders) {
      try {
        record(recorder);
      } catch {
        // A failing recorder must not break the work that it counts. A registry throws if it has a different metric
        // with the same name.
      }
    }
  }
}
