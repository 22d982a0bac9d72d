import type {
  DropReason,
  MetricsRecorder,
  RetainedLabel,
  RetryResultLabel,
} from '../../lib/metrics/metrics.recorder.js';

/** A recorder that remembers what tests of dead letters and writers ask about. */
export class RecordedMetrics implements MetricsRecorder {
  readonly dropped: [DropReason, number][] = [];
  readonly retries: RetryResultLabel[] = [];
  readonly retained: [RetainedLabel, number][] = [];

  eventDropped(reason: DropReason, count: number): void {
    this.dropped.push([reason, count]);
  }

  retryFinished(result: RetryResultLabel): void {
    this.retries.push(result);
  }

  retentionDeleted(rows: RetainedLabel, count: number): void {
    this.retained.push([rows, count]);
  }

  eventReceived(): void {}
  eventMatched(): void {}
  eventFiltered(): void {}
  eventUndecided(): void {}
  executionFinished(): void {}
  executionFailed(): void {}
  sandboxRestarted(): void {}
  bindingCalled(): void {}
  secretUsed(): void {}
  cipherFailed(): void {}
  storeCalled(): void {}
  storeRunEnded(): void {}
  redelivered(): void {}
  scheduleFired(): void {}
  schedulePassed(): void {}
  breakerMoved(): void {}
  observe(): () => void {
    return () => undefined;
  }
}
