import type { DropReason, MetricsRecorder, RetryResultLabel } from '../../lib/metrics/metrics.recorder.js';

/** A recorder that remembers what tests of dead letters and writers ask about. */
export class RecordedMetrics implements MetricsRecorder {
  readonly dropped: [DropReason, number][] = [];
  readonly retries: RetryResultLabel[] = [];

  eventDropped(reason: DropReason, count: number): void {
    this.dropped.push([reason, count]);
  }

  retryFinished(result: RetryResultLabel): void {
    this.retries.push(result);
  }

  eventReceived(): void {}
  eventMatched(): void {}
  eventFiltered(): void {}
  executionFinished(): void {}
  executionFailed(): void {}
  sandboxRestarted(): void {}
  bindingCalled(): void {}
  redelivered(): void {}
  observe(): () => void {
    return () => undefined;
  }
}
