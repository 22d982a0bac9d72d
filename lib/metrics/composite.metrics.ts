import { DeadLetterCounts } from './dead-letter-counts.js';
import {
  type BindingResultLabel,
  type DropReason,
  type ExecutionStatusLabel,
  MetricsRecorder,
  type MetricsSources,
  type RedeliveryLabel,
  type RetryResultLabel,
} from './metrics.recorder.js';

/** Records to several recorders. One that throws keeps nothing from the others, nor from what is counted. */
export class CompositeMetricsRecorder extends MetricsRecorder {
  /** @param deadLetterCacheTimeMs how long a count of dead letters is reused */
  constructor(
    private readonly recorders: readonly MetricsRecorder[],
    private readonly deadLetterCacheTimeMs: number,
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

  override redelivered(result: RedeliveryLabel, count: number): void {
    this.each((recorder) => recorder.redelivered(result, count));
  }

  override observe(sources: MetricsSources): () => void {
    const ends: (() => void)[] = [];
    const shared = this.withCachedDeadLetters(sources);
    this.each((recorder) => ends.push(recorder.observe(shared)));
    return () => ends.forEach((end) => end());
  }

  private withCachedDeadLetters(sources: MetricsSources): MetricsSources {
    if (!sources.deadLetters) return sources;
    const counts = new DeadLetterCounts(sources.deadLetters, this.deadLetterCacheTimeMs);
    return { ...sources, deadLetters: () => counts.read() };
  }

  private each(record: (recorder: MetricsRecorder) => void): void {
    for (const recorder of this.recorders) {
      try {
        record(recorder);
      } catch {
        // Counting must never fail what is counted; a registry with a metric of another shape under our name throws.
      }
    }
  }
}
