import { Injectable } from '@nestjs/common';
import type { StoreOperation } from '../common/built-in-calls.js';
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
  type TableSize,
} from './metrics.recorder.js';

/**
 * Counts of one application since it started.
 *
 * @publicApi
 */
export interface EventMetrics {
  /** Events captured, from the host and from scripts. */
  eventsReceived: number;
  /** Pairs of an event and a script that matches it: one for each queued event. */
  eventsMatched: number;
  /** Pairs of an event and a script that listens to its type but whose filter doesn't match. */
  eventsFiltered: number;
  /** Pairs of an event and a script whose filter needs too many steps on it; the event is kept as one dead letter. */
  eventsUndecided: number;
  /** Executions that ended, completed and failed. */
  eventsProcessed: number;
  /**
   * Events and queued events that were not accepted. By default, those that don't fit in the buffer are kept as dead
   * letters.
   */
  eventsDropped: number;
  /** Executions that failed, and queued events that could not run (overflow, shutdown, loop). */
  eventsFailed: number;
  /** Average milliseconds in the event buffer; 0 before the first execution. */
  averageQueueTimeMs: number;
  droppedByReason: Partial<Record<DropReason, number>>;
  failedByKind: Record<string, number>;
  /** Events that the durable buffer delivered again, or that two nodes ran, by result; always empty in memory mode. */
  redeliveredByResult: Partial<Record<RedeliveryLabel, number>>;
}

/**
 * The dead letters of all tenants.
 *
 * @publicApi
 */
export interface DLQMetrics {
  /** Open dead letters: pending, retrying and exhausted. The count is at most some seconds old. */
  totalEntries: number;
  /** Dead letters that wait for their next retry. The count is at most some seconds old. */
  pendingRetries: number;
  /**
   * How long the most overdue retry has been due, in milliseconds, over the active scripts of all tenants; 0 if none is
   * due. At most some seconds old.
   */
  oldestDueMs: number;
  /** Retries and replays of this application that completed. */
  successfulRetries: number;
  /** Retries and replays of this application that failed, including the last ones of exhausted dead letters. */
  failedRetries: number;
}

/**
 * Calls of each binding since the application started, by how they ended.
 *
 * @publicApi
 */
export type BindingMetrics = Record<string, Partial<Record<BindingResultLabel, number>>>;

/**
 * What is stored, and what retention has deleted.
 *
 * @publicApi
 */
export interface StorageMetrics {
  /** Sizes of this package's tables, at most a minute old. */
  tables: readonly TableSize[];
  /** Rows that this application's retention has deleted since it started, by table and status. */
  deletedRows: Record<string, Record<string, number>>;
  /** When a round of retention last finished in this application; null before the first one. */
  lastRetentionAt: Date | null;
}

/**
 * What the breaker did, and how many scripts are degraded or disabled now.
 *
 * @publicApi
 */
export interface BreakerMetrics {
  /** How often this application degraded a script, disabled one, and let one resume. */
  scriptsDegraded: number;
  scriptsDisabled: number;
  scriptsResumed: number;
  /** Scripts of all tenants that are degraded or disabled. The counts are at most some seconds old. */
  degradedNow: number;
  disabledNow: number;
}

/**
 * Uses of secrets and failures of the cipher since the application started.
 *
 * @publicApi
 */
export interface SecretMetrics {
  /** How many markers were replaced by the secret's value. */
  filled: number;
  /** How many markers were refused, because the secret may not go there. */
  refused: number;
  /** How many times the cipher could not open a secret for a run. */
  openFailed: number;
  /** How many times a secret kept its old key, because the cipher could not reseal it. */
  resealFailed: number;
  /** How many times a secret could not be saved, because the cipher could not seal it. */
  sealFailed: number;
}

/**
 * What scripts did with their stores since the application started, without test runs.
 *
 * @publicApi
 */
export interface StoreMetrics {
  /** Calls that ended, by operation and result; an operation that was never called is missing. */
  calls: Partial<Record<StoreOperation, Partial<Record<StoreCallLabel, number>>>>;
  /** Runs that completed and whose writes were stored. */
  stored: number;
  /** How many times a run was repeated immediately, because another run had changed what it read. */
  ranAgain: number;
  /** Runs that failed because, each time they were repeated, another run changed what they read. */
  conflicts: number;
  /** Runs that failed because the tenant's stores would exceed their quota. */
  overQuota: number;
  /** Runs that failed because they incremented a value that is not a number. */
  notANumber: number;
  /** Runs that failed because the database refused their record. */
  unstorable: number;
}

const OPEN = ['pending', 'retrying', 'exhausted'];

/**
 * Times of schedules since the application started, as far as this process acted on them.
 *
 * @publicApi
 */
export interface ScheduleMetrics {
  /** Times that became an event. */
  fired: number;
  /** Times that no process acted on in time. */
  missed: number;
  /** Times left out because the run before still waited or ran. */
  skipped: number;
  /** The longest delay between a time and its event, in milliseconds. */
  longestLagMs: number;
}

/**
 * The counts inside the process, which are always kept. Read them with `eventMetrics()`, `dlqMetrics()`,
 * `storageMetrics()`, `bindingMetrics()`, `breakerMetrics()`, `scheduleMetrics()`,
 * `secretMetrics()` and `storeMetrics()`.
 *
 * @publicApi
 */
@Injectable()
export class InMemoryMetricsRecorder extends MetricsRecorder {
  private readonly counts = { received: 0, matched: 0, filtered: 0, undecided: 0, processed: 0, failed: 0 };
  private readonly dropped = new Map<DropReason, number>();
  private readonly failedByKind = new Map<string, number>();
  private readonly retries = new Map<RetryResultLabel, number>();
  private readonly bindings = new Map<string, Map<BindingResultLabel, number>>();
  private readonly redeliveries = new Map<RedeliveryLabel, number>();
  private readonly secrets: SecretMetrics = {
    filled: 0,
    refused: 0,
    openFailed: 0,
    resealFailed: 0,
    sealFailed: 0,
  };
  private readonly storeCalls = new Map<StoreOperation, Map<StoreCallLabel, number>>();
  private readonly storeRuns = new Map<StoreRunLabel, number>();
  private queueMs = 0;
  private readonly schedules: ScheduleMetrics = { fired: 0, missed: 0, skipped: 0, longestLagMs: 0 };
  private readonly breakerMoves = new Map<BreakerStateLabel, number>();
  private readonly deleted = new Map<RetainedLabel['table'], Map<string, number>>();
  private sources: MetricsSources = {};

  /** A copy of the counts of events. */
  eventMetrics(): EventMetrics {
    const { received, matched, filtered, undecided, processed, failed } = this.counts;
    return {
      eventsReceived: received,
      eventsMatched: matched,
      eventsFiltered: filtered,
      eventsUndecided: undecided,
      eventsProcessed: processed,
      eventsDropped: [...this.dropped.values()].reduce((sum, count) => sum + count, 0),
      eventsFailed: failed,
      averageQueueTimeMs: processed === 0 ? 0 : this.queueMs / processed,
      droppedByReason: Object.fromEntries(this.dropped),
      failedByKind: Object.fromEntries(this.failedByKind),
      redeliveredByResult: Object.fromEntries(this.redeliveries),
    };
  }

  /** Counts of dead letters. While the database is unavailable, those of the table are the last ones read. */
  async dlqMetrics(): Promise<DLQMetrics> {
    const byStatus = (await this.sources.deadLetters?.()) ?? {};
    return {
      totalEntries: OPEN.reduce((sum, status) => sum + (byStatus[status] ?? 0), 0),
      pendingRetries: byStatus.pending ?? 0,
      oldestDueMs: (await this.sources.oldestDueMs?.()) ?? 0,
      successfulRetries: this.retries.get('succeeded') ?? 0,
      failedRetries: (this.retries.get('failed') ?? 0) + (this.retries.get('exhausted') ?? 0),
    };
  }

  /** A copy of the counts of binding calls; a binding that was never called is missing. */
  bindingMetrics(): BindingMetrics {
    return Object.fromEntries(
      [...this.bindings].map(([binding, results]) => [binding, Object.fromEntries(results)]),
    );
  }

  /** Tables and retention. While the database is unavailable, the sizes are the last ones read. */
  async storageMetrics(): Promise<StorageMetrics> {
    const retainedAt = this.sources.retainedAt?.() ?? null;
    const byTable = [...this.deleted].map(([table, counts]) => [table, Object.fromEntries(counts)] as const);
    return {
      tables: (await this.sources.tables?.()) ?? [],
      deletedRows: Object.fromEntries(byTable),
      lastRetentionAt: retainedAt === null ? null : new Date(retainedAt),
    };
  }

  /** A copy of the counts of schedules. */
  scheduleMetrics(): ScheduleMetrics {
    return { ...this.schedules };
  }

  /** A copy of the counts of secrets. */
  secretMetrics(): SecretMetrics {
    return { ...this.secrets };
  }

  /** A copy of the counts of stores. */
  storeMetrics(): StoreMetrics {
    const runs = (result: StoreRunLabel): number => this.storeRuns.get(result) ?? 0;
    return {
      calls: Object.fromEntries(
        [...this.storeCalls].map(([operation, results]) => [operation, Object.fromEntries(results)]),
      ),
      stored: runs('stored'),
      ranAgain: runs('again'),
      conflicts: runs('conflict'),
      overQuota: runs('quota'),
      notANumber: runs('not_a_number'),
      unstorable: runs('unstorable'),
    };
  }

  /** The breaker. While the database is unavailable, the counts of scripts are the last ones read. */
  async breakerMetrics(): Promise<BreakerMetrics> {
    const now = (await this.sources.breaker?.()) ?? {};
    return {
      scriptsDegraded: this.breakerMoves.get('degraded') ?? 0,
      scriptsDisabled: this.breakerMoves.get('disabled') ?? 0,
      scriptsResumed: this.breakerMoves.get('resumed') ?? 0,
      degradedNow: now.degraded ?? 0,
      disabledNow: now.disabled ?? 0,
    };
  }

  override eventReceived(): void {
    this.counts.received++;
  }

  override eventMatched(_eventType: string, count: number): void {
    this.counts.matched += count;
  }

  override eventFiltered(_eventType: string, count: number): void {
    this.counts.filtered += count;
  }

  override eventUndecided(_eventType: string, count: number): void {
    this.counts.undecided += count;
  }

  override eventDropped(reason: DropReason, count: number): void {
    add(this.dropped, reason, count);
  }

  override executionFinished(
    _eventType: string,
    _status: ExecutionStatusLabel,
    _durationMs: number,
    queueMs: number,
  ): void {
    this.counts.processed++;
    this.queueMs += queueMs;
  }

  override executionFailed(_eventType: string, kind: string): void {
    this.counts.failed++;
    add(this.failedByKind, kind, 1);
  }

  override sandboxRestarted(): void {
    // EventMetrics has no restarts; `ScriptSandbox.stats()` has them.
  }

  override retryFinished(result: RetryResultLabel): void {
    add(this.retries, result, 1);
  }

  override bindingCalled(binding: string, result: BindingResultLabel): void {
    const results = this.bindings.get(binding) ?? new Map<BindingResultLabel, number>();
    this.bindings.set(binding, results);
    add(results, result, 1);
  }

  override secretUsed(result: SecretUseLabel): void {
    this.secrets[result] += 1;
  }

  override cipherFailed(operation: CipherOperationLabel): void {
    this.secrets[`${operation}Failed`] += 1;
  }

  override storeCalled(operation: StoreOperation, result: StoreCallLabel): void {
    const results = this.storeCalls.get(operation) ?? new Map<StoreCallLabel, number>();
    this.storeCalls.set(operation, results);
    add(results, result, 1);
  }

  override storeRunEnded(result: StoreRunLabel): void {
    add(this.storeRuns, result, 1);
  }

  override redelivered(result: RedeliveryLabel, count: number): void {
    add(this.redeliveries, result, count);
  }

  override scheduleFired(lagMs: number): void {
    this.schedules.fired += 1;
    this.schedules.longestLagMs = Math.max(this.schedules.longestLagMs, lagMs);
  }

  override schedulePassed(reason: ScheduleReasonLabel, count: number): void {
    this.schedules[reason] += count;
  }

  override breakerMoved(state: BreakerStateLabel): void {
    add(this.breakerMoves, state, 1);
  }

  override retentionDeleted({ table, status }: RetainedLabel, count: number): void {
    const counts = this.deleted.get(table) ?? new Map<string, number>();
    add(counts, status, count);
    this.deleted.set(table, counts);
  }

  override observe(sources: MetricsSources): () => void {
    this.sources = sources;
    return () => {
      this.sources = {};
    };
  }
}

function add<Key>(counts: Map<Key, number>, key: Key, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
