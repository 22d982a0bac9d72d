/** How one execution ended, as a label. */
export type ExecutionStatusLabel = 'completed' | 'failed';

/** Why an event or a queued event was not accepted. */
export type DropReason = 'overflow' | 'held' | 'invalid' | 'no_tenant' | 'too_large' | 'storage' | 'internal';

/** What the breaker did to a script, as a label. */
export type BreakerStateLabel = 'degraded' | 'disabled' | 'resumed';

/** How one retry ended, as a label. */
export type RetryResultLabel = 'succeeded' | 'failed' | 'exhausted';

/**
 * How one binding call ended, as a label. `limit`: the answer was over `sandbox.maxBindingBytes`; `cancelled`: the run was
 * over before there was an answer.
 */
export type BindingResultLabel =
  'ok' | 'invalid' | 'not_allowed' | 'failed' | 'timeout' | 'limit' | 'cancelled';

/**
 * What was found about an event that a durable buffer delivered again, or that two nodes ran, as a label:
 * `completed` and `kept` had been done and were not run again; `again` ran once more, as nothing of it was stored;
 * `repeated`: a second run completed, and only the first one counts.
 */
export type RedeliveryLabel = 'completed' | 'kept' | 'again' | 'repeated';

/** A table's rows that retention deletes by one age: `status` of its rows. */
export type RetainedLabel =
  | { table: 'script_executions'; status: 'completed' | 'failed' }
  | { table: 'dead_letter_queue'; status: 'resolved' | 'discarded' | 'exhausted' };

/** The size of a table. @publicApi */
export interface TableSize {
  /** Its name without the host's schema and prefix, such as `script_executions`. */
  table: string;
  /** Bytes on disk, with indexes and what is stored out of line. */
  bytes: number;
  /** Number of rows, as PostgreSQL last estimated it. */
  rows: number;
}

/** States that are read when metrics are collected, not counted as they change. */
export interface MetricsSources {
  /**
   * Waiting queued events, busy workers, milliseconds that the oldest one has waited, and those of the waiting that
   * something holds back, by reason.
   */
  buffer?: () => {
    depth: number;
    busy: number;
    oldestMs: number;
    limited?: Readonly<Record<string, number>>;
  };
  /** Sandbox children by state. */
  sandbox?: () => Record<string, number>;
  /** Runs that wait for the answer of a binding. */
  awaitingBindings?: () => number;
  /** Resident memory of all sandbox children, in bytes. */
  sandboxMemory?: () => number;
  /** Dead letters by status; may ask the database. */
  deadLetters?: () => Promise<Record<string, number>>;
  /** Milliseconds that the retry that is most overdue has been due, 0 if none is; may ask the database. */
  oldestDueMs?: () => Promise<number>;
  /** Scripts that are degraded and disabled; may ask the database. */
  breaker?: () => Promise<Record<string, number>>;
  /** Filters in the script index: `indexed` ones and the rest. */
  index?: () => { indexed: number; other: number };
  /** Sizes of this package's tables; may ask the database. */
  tables?: () => Promise<readonly TableSize[]>;
  /** When retention last came to its end, milliseconds since the epoch; null when it has not yet. */
  retainedAt?: () => number | null;
}

/**
 * Port for everything the package counts. Recording is synchronous, cheap, and never throws.
 * Labels are bounded: an event type outside the catalogue and the host's registry counts as `custom`;
 * no tenant and no script id is ever a label.
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
  /** One call of a binding that the application declares; no other name may be given. */
  abstract bindingCalled(binding: string, result: BindingResultLabel): void;
  abstract redelivered(result: RedeliveryLabel, count: number): void;
  /** `count` rows were deleted for their age. */
  abstract retentionDeleted(rows: RetainedLabel, count: number): void;
  /** The breaker degraded or disabled a script, or let it run as before. */
  abstract breakerMoved(state: BreakerStateLabel): void;
  /** Connects the gauges to what they read. Called once at start; calling the returned function disconnects them. */
  abstract observe(sources: MetricsSources): () => void;
}
