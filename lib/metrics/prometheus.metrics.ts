import type { Registry } from 'prom-client';
import type { StoreOperation } from '../common/built-in-calls.js';
import { counterIn, gaugeIn, histogramIn } from './get-or-create.js';
import { CUSTOM, type KnownTypes, typeLabel } from '../common/event-type-label.js';
import { BoundedLabel } from './label-bounds.js';
import { METRICS } from './metric.definitions.js';
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
import { addGaugeSource, type GaugeSample } from './shared-gauge.js';

const DROP_REASONS: readonly DropReason[] = [
  'overflow',
  'held',
  'invalid',
  'no_tenant',
  'too_large',
  'storage',
  'internal',
];
const BREAKER_STATES: readonly BreakerStateLabel[] = ['degraded', 'disabled', 'resumed'];
const RETRY_RESULTS: readonly RetryResultLabel[] = ['succeeded', 'failed', 'exhausted'];
const SCHEDULE_REASONS: readonly ScheduleReasonLabel[] = ['missed', 'skipped'];
const SECRET_USES: readonly SecretUseLabel[] = ['filled', 'refused'];
const CIPHER_OPERATIONS: readonly CipherOperationLabel[] = ['open', 'reseal', 'seal'];
const STORE_RUN_RESULTS: readonly StoreRunLabel[] = [
  'stored',
  'again',
  'conflict',
  'quota',
  'not_a_number',
  'unstorable',
];
const REDELIVERY_RESULTS: readonly RedeliveryLabel[] = ['completed', 'kept', 'again', 'repeated'];
/** Ends of sandbox processes that no script is to blame for. */
const FAULTS = ['start-failed', 'died'];

/**
 * Records to a prom-client registry, by default the global one that `PrometheusModule` of @willsoto/nestjs-prometheus
 * serves. Several applications in one process share the metrics: counters add up, and gauges combine the values of
 * those that run.
 */
export class PrometheusMetricsRecorder extends MetricsRecorder {
  private readonly received;
  private readonly matched;
  private readonly filtered;
  private readonly undecided;
  private readonly processed;
  private readonly dropped;
  private readonly failed;
  private readonly queueTime;
  private readonly duration;
  private readonly restarts;
  private readonly retries;
  private readonly bindings;
  private readonly secretUses;
  private readonly cipherFailures;
  private readonly storeCalls;
  private readonly storeRuns;
  private readonly redeliveries;
  private readonly deleted;
  private readonly breaker;
  private readonly scheduleLag;
  private readonly schedulesPassed;
  private readonly kinds = new BoundedLabel();
  private readonly reasons = new BoundedLabel();

  /** @param knownTypes event types that keep their name as a label; others become `custom` */
  constructor(
    private readonly knownTypes: KnownTypes,
    private readonly registry?: Registry,
  ) {
    super();
    this.received = counterIn(registry, METRICS.eventsReceived);
    this.matched = counterIn(registry, METRICS.eventsMatched);
    this.filtered = counterIn(registry, METRICS.eventsFiltered);
    this.undecided = counterIn(registry, METRICS.eventsUndecided);
    this.processed = counterIn(registry, METRICS.eventsProcessed);
    this.dropped = counterIn(registry, METRICS.eventsDropped);
    this.failed = counterIn(registry, METRICS.eventsFailed);
    this.queueTime = histogramIn(registry, METRICS.queueTime);
    this.duration = histogramIn(registry, METRICS.executionDuration);
    this.restarts = counterIn(registry, METRICS.sandboxRestarts);
    this.retries = counterIn(registry, METRICS.deadLetterRetries);
    this.bindings = counterIn(registry, METRICS.bindingCalls);
    this.secretUses = counterIn(registry, METRICS.secretUses);
    this.cipherFailures = counterIn(registry, METRICS.cipherFailures);
    this.storeCalls = counterIn(registry, METRICS.storeCalls);
    this.storeRuns = counterIn(registry, METRICS.storeRuns);
    this.redeliveries = counterIn(registry, METRICS.redeliveries);
    this.deleted = counterIn(registry, METRICS.retentionDeleted);
    this.breaker = counterIn(registry, METRICS.breakerTransitions);
    this.scheduleLag = histogramIn(registry, METRICS.scheduleLag);
    this.schedulesPassed = counterIn(registry, METRICS.schedulesPassed);
    // If a series begins at 1, `increase()` misses its first event, so those used in alerts begin at 0.
    for (const reason of DROP_REASONS) this.dropped.inc({ reason }, 0);
    for (const result of RETRY_RESULTS) this.retries.inc({ result }, 0);
    for (const result of SECRET_USES) this.secretUses.inc({ result }, 0);
    for (const operation of CIPHER_OPERATIONS) this.cipherFailures.inc({ operation }, 0);
    for (const result of STORE_RUN_RESULTS) this.storeRuns.inc({ result }, 0);
    for (const result of REDELIVERY_RESULTS) this.redeliveries.inc({ result }, 0);
    for (const reason of SCHEDULE_REASONS) this.schedulesPassed.inc({ reason }, 0);
    for (const state of BREAKER_STATES) this.breaker.inc({ state }, 0);
    for (const reason of FAULTS) this.restarts.inc({ reason: this.reasons.of(reason) }, 0);
  }

  override eventReceived(eventType: string): void {
    this.received.inc({ event_type: this.type(eventType) });
  }

  override eventMatched(eventType: string, count: number): void {
    this.matched.inc({ event_type: this.type(eventType) }, count);
  }

  override eventFiltered(eventType: string, count: number): void {
    this.filtered.inc({ event_type: this.type(eventType) }, count);
  }

  override eventUndecided(eventType: string, count: number): void {
    this.undecided.inc({ event_type: this.type(eventType) }, count);
  }

  override eventDropped(reason: DropReason, count: number): void {
    this.dropped.inc({ reason }, count);
  }

  override executionFinished(
    eventType: string,
    status: ExecutionStatusLabel,
    durationMs: number,
    queueMs: number,
  ): void {
    this.processed.inc({ event_type: this.type(eventType), status });
    this.duration.observe({ status }, durationMs / 1000);
    this.queueTime.observe(queueMs / 1000);
  }

  override executionFailed(eventType: string, kind: string): void {
    this.failed.inc({ event_type: this.type(eventType), kind: this.kinds.of(kind) });
  }

  override sandboxRestarted(reason: string): void {
    this.restarts.inc({ reason: this.reasons.of(reason) });
  }

  override retryFinished(result: RetryResultLabel): void {
    this.retries.inc({ result });
  }

  override bindingCalled(binding: string, result: BindingResultLabel): void {
    this.bindings.inc({ binding, result });
  }

  override secretUsed(result: SecretUseLabel): void {
    this.secretUses.inc({ result });
  }

  override cipherFailed(operation: CipherOperationLabel): void {
    this.cipherFailures.inc({ operation });
  }

  override storeCalled(operation: StoreOperation, result: StoreCallLabel): void {
    this.storeCalls.inc({ operation, result });
  }

  override storeRunEnded(result: StoreRunLabel): void {
    this.storeRuns.inc({ result });
  }

  override redelivered(result: RedeliveryLabel, count: number): void {
    this.redeliveries.inc({ result }, count);
  }

  override scheduleFired(lagMs: number): void {
    this.scheduleLag.observe(lagMs / 1000);
  }

  override schedulePassed(reason: ScheduleReasonLabel, count: number): void {
    this.schedulesPassed.inc({ reason }, count);
  }

  override breakerMoved(state: BreakerStateLabel): void {
    this.breaker.inc({ state });
  }

  override retentionDeleted({ table, status }: RetainedLabel, count: number): void {
    this.deleted.inc({ table, status }, count);
  }

  override observe(sources: MetricsSources): () => void {
    // These begin at 0 too, but here, because the host's types are known only now.
    for (const type of [...this.knownTypes, CUSTOM]) this.undecided.inc({ event_type: type }, 0);
    const disconnect = [...this.observeProcess(sources), ...this.observeStorage(sources)];
    return () => disconnect.forEach((end) => end());
  }

  /** Gauges of this process. */
  private observeProcess(sources: MetricsSources): (() => void)[] {
    const { registry } = this;
    const { buffer, sandbox, awaitingBindings, sandboxMemory, index } = sources;
    const disconnect: (() => void)[] = [];
    if (buffer) {
      disconnect.push(
        addGaugeSource(gaugeIn(registry, METRICS.queueDepth), () => [{ value: buffer().depth }]),
        addGaugeSource(gaugeIn(registry, METRICS.workersBusy), () => [{ value: buffer().busy }]),
        addGaugeSource(gaugeIn(registry, METRICS.queueOldest), () => [{ value: buffer().oldestMs / 1000 }]),
        addGaugeSource(gaugeIn(registry, METRICS.queueLimited), () =>
          samples('reason', buffer().limited ?? {}),
        ),
      );
    }
    if (sandbox) {
      const gauge = gaugeIn(registry, METRICS.sandboxProcesses);
      disconnect.push(addGaugeSource(gauge, () => samples('state', sandbox())));
    }
    if (awaitingBindings) {
      const gauge = gaugeIn(registry, METRICS.runsAwaitingBindings);
      disconnect.push(addGaugeSource(gauge, () => [{ value: awaitingBindings() }]));
    }
    if (sandboxMemory) {
      const gauge = gaugeIn(registry, METRICS.sandboxMemory);
      disconnect.push(addGaugeSource(gauge, () => [{ value: sandboxMemory() }]));
    }
    if (index) {
      const gauge = gaugeIn(registry, METRICS.indexFilters);
      const byIndexed = (): Record<string, number> => ({ true: index().indexed, false: index().other });
      disconnect.push(addGaugeSource(gauge, () => samples('indexed', byIndexed())));
    }
    return disconnect;
  }

  /** Gauges that all processes share. */
  private observeStorage(sources: MetricsSources): (() => void)[] {
    const { deadLetters, oldestDueMs, scheduleDueMs, breaker, tables, retainedAt } = sources;
    const { registry } = this;
    const disconnect: (() => void)[] = [];
    if (deadLetters) {
      const gauge = gaugeIn(registry, METRICS.deadLetterEntries);
      disconnect.push(addGaugeSource(gauge, async () => samples('status', await deadLetters())));
    }
    if (oldestDueMs) {
      const gauge = gaugeIn(registry, METRICS.deadLetterOldestDue);
      disconnect.push(addGaugeSource(gauge, async () => [{ value: (await oldestDueMs()) / 1000 }]));
    }
    if (scheduleDueMs) {
      const gauge = gaugeIn(registry, METRICS.scheduleOldestDue);
      disconnect.push(addGaugeSource(gauge, async () => [{ value: (await scheduleDueMs()) / 1000 }]));
    }
    if (breaker) {
      const gauge = gaugeIn(registry, METRICS.breakerScripts);
      disconnect.push(addGaugeSource(gauge, async () => samples('state', await breaker())));
    }
    if (tables) {
      const sizes = async (of: 'bytes' | 'rows'): Promise<GaugeSample[]> =>
        (await tables()).map((size) => ({ labels: { table: size.table }, value: size[of] }));
      disconnect.push(
        addGaugeSource(gaugeIn(registry, METRICS.tableBytes), () => sizes('bytes')),
        addGaugeSource(gaugeIn(registry, METRICS.tableRows), () => sizes('rows')),
      );
    }
    if (retainedAt) {
      const gauge = gaugeIn(registry, METRICS.retentionLastSuccess);
      disconnect.push(addGaugeSource(gauge, () => [{ value: (retainedAt() ?? 0) / 1000 }]));
    }
    return disconnect;
  }

  private type(eventType: string): string {
    return typeLabel(this.knownTypes, eventType);
  }
}

const samples = (label: string, values: Record<string, number>): GaugeSample[] =>
  Object.entries(values).map(([word, value]) => ({ labels: { [label]: word }, value }));
