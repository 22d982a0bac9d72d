import { InMemoryMetricsRecorder } from '../../../lib/metrics/in-memory.metrics.js';

describe('EventMetrics', () => {
  it('are all zero before the first event', () => {
    expect(new InMemoryMetricsRecorder().eventMetrics()).toEqual({
      eventsReceived: 0,
      eventsMatched: 0,
      eventsFiltered: 0,
      eventsUndecided: 0,
      eventsProcessed: 0,
      eventsDropped: 0,
      eventsFailed: 0,
      averageQueueTimeMs: 0,
      droppedByReason: {},
      failedByKind: {},
      redeliveredByResult: {},
    });
  });

  it('count everything that is recorded', () => {
    const recorder = new InMemoryMetricsRecorder();
    recorder.eventReceived();
    recorder.eventReceived();
    recorder.eventMatched('user.created', 3);
    recorder.eventFiltered('user.created', 2);
    recorder.eventDropped('overflow', 4);
    recorder.eventDropped('no_tenant', 1);
    recorder.executionFinished('user.created', 'completed', 5, 10);
    recorder.executionFinished('user.created', 'failed', 5, 30);
    recorder.executionFailed('user.created', 'timeout');
    recorder.eventUndecided('user.created', 4);
    recorder.redelivered('completed', 1);
    recorder.redelivered('repeated', 2);
    expect(recorder.eventMetrics()).toEqual({
      eventsReceived: 2,
      eventsMatched: 3,
      eventsFiltered: 2,
      eventsUndecided: 4,
      eventsProcessed: 2,
      eventsDropped: 5,
      eventsFailed: 1,
      averageQueueTimeMs: 20,
      droppedByReason: { overflow: 4, no_tenant: 1 },
      failedByKind: { timeout: 1 },
      redeliveredByResult: { completed: 1, repeated: 2 },
    });
  });
});

describe('DLQMetrics', () => {
  it('report the open dead letters of the table and the retries of this application', async () => {
    const recorder = new InMemoryMetricsRecorder();
    recorder.observe({
      deadLetters: async () => ({ pending: 3, retrying: 1, exhausted: 2, resolved: 50, discarded: 7 }),
      oldestDueMs: async () => 2_500,
    });
    recorder.retryFinished('succeeded');
    recorder.retryFinished('failed');
    recorder.retryFinished('exhausted');
    expect(await recorder.dlqMetrics()).toEqual({
      totalEntries: 6,
      pendingRetries: 3,
      oldestDueMs: 2_500,
      successfulRetries: 1,
      failedRetries: 2,
    });
  });

  it('are empty once the application is stopped', async () => {
    const recorder = new InMemoryMetricsRecorder();
    recorder.observe({ deadLetters: async () => ({ pending: 3 }) })();
    expect(await recorder.dlqMetrics()).toMatchObject({ totalEntries: 0, pendingRetries: 0 });
  });
});

describe('BreakerMetrics', () => {
  it('report the transitions in this application, and the degraded and disabled scripts of the table', async () => {
    const recorder = new InMemoryMetricsRecorder();
    recorder.observe({ breaker: async () => ({ degraded: 4, disabled: 3 }) });
    for (const state of ['degraded', 'degraded', 'disabled', 'resumed'] as const)
      recorder.breakerMoved(state);
    expect(await recorder.breakerMetrics()).toEqual({
      scriptsDegraded: 2,
      scriptsDisabled: 1,
      scriptsResumed: 1,
      degradedNow: 4,
      disabledNow: 3,
    });
  });
});

describe('StoreMetrics', () => {
  it('count calls by operation and result, and runs that wrote by result', () => {
    const recorder = new InMemoryMetricsRecorder();
    recorder.storeCalled('get', 'ok');
    recorder.storeCalled('get', 'ok');
    recorder.storeCalled('set', 'too_large');
    for (const result of ['stored', 'again', 'again', 'conflict', 'quota', 'unstorable'] as const)
      recorder.storeRunEnded(result);
    expect(recorder.storeMetrics()).toEqual({
      calls: { get: { ok: 2 }, set: { too_large: 1 } },
      stored: 1,
      ranAgain: 2,
      conflicts: 1,
      overQuota: 1,
      notANumber: 0,
      unstorable: 1,
    });
  });
});
