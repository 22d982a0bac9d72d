import type { StoreOperation } from '../common/built-in-calls.js';

/** How one execution ended, as a label. */
export type ExecutionStatusLabel = 'completed' | 'failed';

/** Why an event or a queued event was not accepted. */
export type DropReason = 'overflow' | 'held' | 'invalid' | 'no_tenant' | 'too_large' | 'storage' | 'internal';

/** What the breaker did to a script, as a label. */
export type BreakerStateLabel = 'degraded' | 'disabled' | 'resumed';

/** How one retry ended, as a label. */
export type RetryResultLabel = 'succeeded' | 'failed' | 'exhausted';

/**
 * How one binding call ended, as a label. `limit`: the answer exceeded `sandbox.maxBindingBytes`. `cancelled`: the run
 * ended before there was an answer.
 */
export type BindingResultLabel =
  'ok' | 'invalid' | 'not_allowed' | 'failed' | 'timeout' | 'limit' | 'cancelled';

/**
 * What the durable buffer found when it delivered an event again, or when two nodes ran it, as a label. `completed` and
 * `kept`: it was already done and doesn't run again. `again`: it runs once more, because nothing of it was stored.
 * `repeated`: a second run completed, and only the first one counts.
 */
export type RedeliveryLabel = 'completed' | 'kept' | 'again' | 'repeated';

/** Why a time of a schedule led to no run, as a label. */
export type ScheduleReasonLabel = 'missed' | 'skipped';

/** Whether a marker was replaced by the secret's value, as a label. `refused`: the secret may not go there. */
export type SecretUseLabel = 'filled' | 'refused';

/**
 * What the cipher could not do, as a label. `open`: a run needs a secret and doesn't get it. `reseal`: a secret keeps
 * its old key. `seal`: a secret can't be saved.
 */
export type CipherOperationLabel = 'open' | 'reseal' | 'seal';

/**
 * How a script's call of its store ended, as a label. `unavailable`: the database didn't answer, so the run is stopped.
 */
export type StoreCallLabel = 'ok' | 'invalid' | 'not_a_number' | 'too_large' | 'unavailable';

/**
 * How a run that wrote to its store ended, as a label. `again`: another run had changed what it read, so it runs again
 * immediately. `conflict`: the same, but the run may not be repeated any more.
 */
export type StoreRunLabel = 'stored' | 'again' | 'conflict' | 'quota' | 'not_a_number' | 'unstorable';

/** Rows that retention deletes at one age: those of a table with a status. */
export type RetainedLabel =
  | { table: 'script_executions'; status: 'completed' | 'failed' }
  | { table: 'dead_letter_queue'; status: 'resolved' | 'discarded' | 'exhausted' }
  | { table: 'script_statistics'; status: 'counted' }
  | { table: 'script_store'; status: 'expired' };

/** The size of a table. @publicApi */
export interface TableSize {
  /** Its name without the host's schema and prefix, such as `script_executions`. */
  table: string;
  /** Bytes on disk, with indexes and what is stored out of line. */
  bytes: number;
  /** Number of rows, as PostgreSQL last estimated it. */
  rows: number;
}

/** Values that are read when metrics are collected, instead of being counted as they change. */
export interface MetricsSources {
  /**
   * The event buffer: waiting queued events, busy workers, milliseconds that the oldest event has waited, and how many
   * waiting events are held back, by reason.
   */
  buffer?: () => {
    depth: number;
    busy: number;
    oldestMs: number;
    limited?: Readonly<Record<string, number>>;
  };
  /** Sandbox processes by state. */
  sandbox?: () => Record<string, number>;
  /** Runs that wait for the answer of a binding. */
  awaitingBindings?: () => number;
  /** Resident memory of all sandbox processes, in bytes. */
  sandboxMemory?: () => number;
  /** Dead letters by status. May query the database. */
  deadLetters?: () => Promise<Record<string, number>>;
  /** How long the most overdue retry has been due, in milliseconds; 0 if none is. May query the database. */
  oldestDueMs?: () => Promise<number>;
  /**
   * How long the most overdue time of a schedule has been due, in milliseconds; 0 if none is. May query the database.
   */
  scheduleDueMs?: () => Promise<number>;
  /** Degraded and disabled scripts. May query the database. */
  breaker?: () => Promise<Record<string, number>>;
  /** Filters in the script index: `indexed` ones, and others. */
  index?: () => { indexed: number; other: number };
  /** Sizes of this package's tables. May query the database. */
  tables?: () => Promise<readonly TableSize[]>;
  /** When retention last finished, in milliseconds since the epoch; null before that. */
  retainedAt?: () => number | null;
}

/**
 * Port: counts what happens. Recording is synchronous, cheap, and never throws. Labels are bounded: an event type
 * outside the catalogue and the host's registry counts as `custom`, and neither a tenant nor a script id is ever a
 * label.
 */
export abstract class MetricsRecorder {
  abstract eventReceived(eventType: string): void;
  /** `count` scripts will run for the event. */
  abstract eventMatched(eventType: string, count: number): void;
  /** `count` scripts were rejected by their filter. */
  abstract eventFiltered(eventType: string, count: number): void;
  /** `count` scripts have filters that need too many steps on an event, which is kept as one dead letter. */
  abstract eventUndecided(eventType: string, count: number): void;
  abstract eventDropped(reason: DropReason, count: number): void;
  abstract executionFinished(
    eventType: string,
    status: ExecutionStatusLabel,
    durationMs: number,
    queueMs: number,
  ): void;
  /** One failed execution, by error kind (`timeout`, `memory`, …) or reason (`overflow`, `shutdown`, `loop`). */
  abstract executionFailed(eventType: string, kind: string): void;
  abstract sandboxRestarted(reason: string): void;
  abstract retryFinished(result: RetryResultLabel): void;
  /** One call of a binding that the application declares. Other names must not be passed. */
  abstract bindingCalled(binding: string, result: BindingResultLabel): void;
  abstract redelivered(result: RedeliveryLabel, count: number): void;
  /** A marker was replaced by the secret's value, or was refused. */
  abstract secretUsed(result: SecretUseLabel): void;
  abstract cipherFailed(operation: CipherOperationLabel): void;
  /** A script called its store. Calls of test runs are not counted. */
  abstract storeCalled(operation: StoreOperation, result: StoreCallLabel): void;
  /** A run that wrote to its store ended in this way. */
  abstract storeRunEnded(result: StoreRunLabel): void;
  /** `count` rows were deleted for their age. */
  abstract retentionDeleted(rows: RetainedLabel, count: number): void;
  /** A time of a schedule became an event, `lagMs` milliseconds late. */
  abstract scheduleFired(lagMs: number): void;
  /** `count` times of schedules passed without a run. */
  abstract schedulePassed(reason: ScheduleReasonLabel, count: number): void;
  /** The breaker degraded or disabled a script, or let it run normally again. */
  abstract breakerMoved(state: BreakerStateLabel): void;
  /** Connects the gauges to their sources. Called once at the start; calling the returned function disconnects them. */
  abstract observe(sources: MetricsSources): () => void;
}
