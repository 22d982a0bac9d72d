import { Registry } from 'prom-client';
import { METRICS } from '../../../lib/metrics/metric.definitions.js';
import { PrometheusMetricsRecorder } from '../../../lib/metrics/prometheus.metrics.js';

function recorder() {
  const registry = new Registry();
  return { registry, metrics: new PrometheusMetricsRecorder(new Set(['user.created']), registry) };
}

describe('the Prometheus text', () => {
  it('has the recorded values with their labels, and a help text for every metric', async () => {
    const { registry, metrics } = recorder();
    metrics.eventReceived('user.created');
    metrics.eventMatched('user.created', 3);
    metrics.eventFiltered('user.created', 2);
    metrics.eventDropped('no_tenant', 1);
    metrics.executionFinished('user.created', 'completed', 20, 7);
    metrics.executionFailed('user.created', 'timeout');
    metrics.sandboxRestarted('memory');
    metrics.retryFinished('exhausted');
    metrics.retentionDeleted({ table: 'script_executions', status: 'completed' }, 40);
    metrics.breakerMoved('disabled');
    metrics.secretUsed('filled');
    metrics.cipherFailed('open');
    metrics.storeCalled('increment', 'ok');
    metrics.storeRunEnded('again');
    metrics.observe({
      buffer: () => ({ depth: 5, busy: 4, oldestMs: 1_500 }),
      sandbox: () => ({ idle: 1, busy: 2 }),
      awaitingBindings: () => 7,
      sandboxMemory: () => 52_428_800,
      deadLetters: async () => ({ pending: 8, exhausted: 1 }),
      oldestDueMs: async () => 2_500,
      scheduleDueMs: async () => 4_500,
      breaker: async () => ({ degraded: 2, disabled: 1 }),
      index: () => ({ indexed: 90, other: 10 }),
      tables: async () => [{ table: 'scripts', bytes: 81_920, rows: 12 }],
      retainedAt: () => 1_700_000_000_500,
    });
    const text = await registry.metrics();
    for (const line of [
      'scripts_events_received_total{event_type="user.created"} 1',
      'scripts_events_matched_total{event_type="user.created"} 3',
      'scripts_events_filtered_total{event_type="user.created"} 2',
      'scripts_events_processed_total{event_type="user.created",status="completed"} 1',
      'scripts_events_dropped_total{reason="no_tenant"} 1',
      'scripts_events_failed_total{event_type="user.created",kind="timeout"} 1',
      'scripts_queue_depth 5',
      'scripts_queue_oldest_seconds 1.5',
      'scripts_queue_time_seconds_sum 0.007',
      'scripts_execution_duration_seconds_sum{status="completed"} 0.02',
      'scripts_workers_busy 4',
      'scripts_sandbox_processes{state="busy"} 2',
      'scripts_runs_awaiting_bindings 7',
      'scripts_sandbox_memory_bytes 52428800',
      'scripts_sandbox_restarts_total{reason="memory"} 1',
      'scripts_dlq_entries{status="pending"} 8',
      'scripts_dlq_oldest_due_seconds 2.5',
      'scripts_dlq_retries_total{result="exhausted"} 1',
      'scripts_breaker_transitions_total{state="disabled"} 1',
      'scripts_breaker_scripts{state="degraded"} 2',
      'scripts_index_filters{indexed="true"} 90',
      'scripts_index_filters{indexed="false"} 10',
      'scripts_retention_deleted_total{table="script_executions",status="completed"} 40',
      'scripts_retention_last_success_timestamp_seconds 1700000000.5',
      'scripts_table_bytes{table="scripts"} 81920',
      'scripts_table_rows{table="scripts"} 12',
      'scripts_schedule_oldest_due_seconds 4.5',
      'scripts_secret_uses_total{result="filled"} 1',
      'scripts_secret_uses_total{result="refused"} 0',
      'scripts_secret_cipher_failures_total{operation="open"} 1',
      'scripts_store_calls_total{operation="increment",result="ok"} 1',
      'scripts_store_runs_total{result="again"} 1',
      'scripts_store_runs_total{result="quota"} 0',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    for (const { name } of Object.values(METRICS)) expect(text).toContain(`# HELP ${name} `);
  });

  it('starts the counters that alerts use at 0', async () => {
    const { registry } = recorder();
    const text = await registry.metrics();
    expect(text).toContain('scripts_events_dropped_total{reason="overflow"} 0');
    expect(text).toContain('scripts_dlq_retries_total{result="exhausted"} 0');
    expect(text).toContain('scripts_breaker_transitions_total{state="disabled"} 0');
  });

  it('has the other metrics if a source fails', async () => {
    const { registry, metrics } = recorder();
    metrics.observe({
      buffer: () => ({ depth: 5, busy: 4, oldestMs: 1_500 }),
      sandbox: () => {
        throw new Error('gone');
      },
      deadLetters: () => Promise.reject(new Error('database away')),
    });
    const text = await registry.metrics();
    expect(text).toContain('scripts_queue_depth 5');
    expect(text).not.toContain('scripts_dlq_entries{');
  });

  it('has the latest of several times, and not their sum', async () => {
    const { registry, metrics } = recorder();
    for (const at of [null, 3_000, 2_000]) metrics.observe({ retainedAt: () => at });
    expect(await registry.metrics()).toContain('scripts_retention_last_success_timestamp_seconds 3\n');
  });

  it('no longer has a state that is gone', async () => {
    const { registry, metrics } = recorder();
    let states: Record<string, number> = { starting: 1 };
    metrics.observe({ sandbox: () => states });
    expect(await registry.metrics()).toContain('scripts_sandbox_processes{state="starting"} 1');
    states = { idle: 1 };
    expect(await registry.metrics()).not.toContain('state="starting"');
  });
});

describe('binding calls', () => {
  it('are counted by binding and result', async () => {
    const { registry, metrics } = recorder();
    metrics.bindingCalled('crm.find', 'ok');
    metrics.bindingCalled('crm.find', 'ok');
    metrics.bindingCalled('crm.find', 'timeout');
    const text = await registry.metrics();
    expect(text).toContain('scripts_binding_calls_total{binding="crm.find",result="ok"} 2');
    expect(text).toContain('scripts_binding_calls_total{binding="crm.find",result="timeout"} 1');
  });
});

describe('a label', () => {
  it('of an undeclared event type is custom, however many such types there are', async () => {
    const { registry, metrics } = recorder();
    for (let i = 0; i < 1000; i++) metrics.eventReceived(`tenant.invented_${i}`);
    const text = await registry.metrics();
    expect(text).toContain('scripts_events_received_total{event_type="custom"} 1000');
    expect(text).not.toContain('invented');
  });

  it('of free words has at most 32 values, and other for further ones', async () => {
    const { registry, metrics } = recorder();
    for (let i = 0; i < 1000; i++) metrics.executionFailed('user.created', `kind-${i}`);
    metrics.executionFailed('user.created', 'not a word {}"');
    const { values } = await registry.getSingleMetric(METRICS.eventsFailed.name)!.get();
    expect(values).toHaveLength(33);
    expect(values.find(({ labels }) => labels.kind === 'other')?.value).toBe(969);
  });
});
