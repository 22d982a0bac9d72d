import { Registry } from 'prom-client';
import { InMemoryMetricsRecorder } from '../../lib/index.js';
import { METRICS } from '../../lib/metrics/metric.definitions.js';
import { ScriptSandbox } from '../../lib/sandbox/index.js';
import { waitFor } from '../support/wait-for.js';
import { ADA, TestHost } from './support/test-host.js';

const GAUGES = new Set<string>(
  Object.values(METRICS)
    .filter(({ kind }) => kind === 'Gauge')
    .map(({ name }) => name),
);

describe('the metrics of a known sequence of events', () => {
  it('are exact, in Prometheus and in the recorder of the process', async () => {
    const registry = new Registry();
    const host = await TestHost.with({
      metrics: { registry, deadLetterCacheTime: 0 },
      retry: { maxRetries: 1 },
    });
    await host.script(`if (ctx.execution.attempt === 1 && ctx.input.userId === 2) throw new Error('once');
      if (ctx.input.userId === 3) throw new Error('always');
      events.publish('welcome.sent', {});`);
    await host.script('return 1;', { filters: { userId: { gt: 1 } } });
    for (const userId of [1, 2, 3]) host.emit('user.created', { ...ADA, tenantId: 'acme', userId });
    host.emit('user.created', ADA);
    host.emit('client.created', { tenantId: 'acme', clientId: 1, name: 'C', email: 'c@example.com' });
    await waitFor('one dead letter is resolved and one exhausted', async () => {
      const statuses = (await host.deadLetters()).map(({ status }) => status);
      return statuses.includes('resolved') && statuses.includes('exhausted');
    });
    await host.idle();
    const recorder = host.get(InMemoryMetricsRecorder);
    // A retry is counted after its row is written, so others may see the row a moment earlier.
    await waitFor('both retries are counted', async () => {
      const { successfulRetries, failedRetries } = await recorder.dlqMetrics();
      return successfulRetries + failedRetries === 2;
    });

    // Runs: 3 of the first script and 2 of the second from events, then one retry of user 2 and one of user 3.
    const text = await registry.metrics();
    const lines = text.split('\n').filter((line) => !line.startsWith('#'));
    expect(lines).toEqual(
      expect.arrayContaining([
        'scripts_events_received_total{event_type="user.created"} 4',
        'scripts_events_received_total{event_type="client.created"} 1',
        'scripts_events_received_total{event_type="custom"} 2',
        'scripts_events_matched_total{event_type="user.created"} 5',
        'scripts_events_filtered_total{event_type="user.created"} 1',
        'scripts_events_processed_total{event_type="user.created",status="completed"} 4',
        'scripts_events_processed_total{event_type="user.created",status="failed"} 3',
        'scripts_events_failed_total{event_type="user.created",kind="runtime"} 3',
        'scripts_events_dropped_total{reason="no_tenant"} 1',
        'scripts_dlq_retries_total{result="succeeded"} 1',
        'scripts_dlq_retries_total{result="exhausted"} 1',
        'scripts_dlq_entries{status="resolved"} 1',
        'scripts_dlq_entries{status="exhausted"} 1',
        'scripts_dlq_entries{status="pending"} 0',
        'scripts_queue_depth 0',
        'scripts_workers_busy 0',
        'scripts_execution_duration_seconds_count{status="completed"} 4',
        'scripts_execution_duration_seconds_count{status="failed"} 3',
      ]),
    );
    expect(text).not.toMatch(/acme|welcome\.sent/);
    // An application has exactly the documented metrics. Each gauge has a value; one has it only while events are limited.
    const metrics = await registry.getMetricsAsJSON();
    const own = Object.values(METRICS);
    expect(metrics.map(({ name }) => name).toSorted()).toEqual(own.map(({ name }) => name).toSorted());
    const empty = metrics.filter(({ name, values }) => GAUGES.has(name) && values.length === 0);
    expect(empty.map(({ name }) => name)).toEqual(['scripts_queue_limited']);
    const memory = Number(/^scripts_sandbox_memory_bytes (\d+)$/m.exec(text)![1]);
    // At least one process lives, and their memory is within its bounds.
    expect(memory).toBeGreaterThan(20 * 1024 * 1024);
    expect(memory).toBeLessThanOrEqual(host.get(ScriptSandbox).stats().rssBytes + 64 * 1024 * 1024);

    expect(recorder.eventMetrics()).toMatchObject({
      eventsReceived: 7,
      eventsMatched: 5,
      eventsFiltered: 1,
      eventsProcessed: 7,
      eventsFailed: 3,
      eventsDropped: 1,
    });
    expect(await recorder.dlqMetrics()).toEqual({
      totalEntries: 1,
      pendingRetries: 0,
      oldestDueMs: 0,
      successfulRetries: 1,
      failedRetries: 1,
    });
  });
});
