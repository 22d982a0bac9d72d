/** One Prometheus metric of this package. */
export interface MetricDefinition {
  readonly name: string;
  readonly kind: 'Counter' | 'Gauge' | 'Histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds in seconds, for a histogram. */
  readonly buckets?: readonly number[];
  /** How the values of several processes of a Node.js cluster are combined. Default `sum`. */
  readonly aggregator?: 'max';
  /** How the values of several applications in one process are combined. Default `sum`. */
  readonly combine?: 'max';
}

/** From an idle worker to a queue that has been full for minutes. */
const QUEUE_TIME_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

/** From a kept isolate (1 ms) through the default timeout (10 s) to the longest one (10 min). */
const EXECUTION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 600,
];

/** From a process that acts at once to an outage of an hour. */
const SCHEDULE_LAG_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

/** Every metric; docs/metrics.md describes them. Labels are bounded: no tenant, no script, no id. */
export const METRICS = {
  eventsReceived: {
    name: 'scripts_events_received_total',
    kind: 'Counter',
    help: 'Events captured, from the host and from scripts; types outside the catalogue and the host count as custom',
    labels: ['event_type'],
  },
  eventsMatched: {
    name: 'scripts_events_matched_total',
    kind: 'Counter',
    help: 'Pairs of an event and a script that matches it: one for each queued event',
    labels: ['event_type'],
  },
  eventsFiltered: {
    name: 'scripts_events_filtered_total',
    kind: 'Counter',
    help: 'Pairs of an event and a script that listens to its type but whose filter does not match',
    labels: ['event_type'],
  },
  eventsProcessed: {
    name: 'scripts_events_processed_total',
    kind: 'Counter',
    help: 'Executions that ended, by status',
    labels: ['event_type', 'status'],
  },
  eventsUndecided: {
    name: 'scripts_events_undecided_total',
    kind: 'Counter',
    help: 'Pairs of an event and a script whose filter needs too many steps on it; the event is kept as one dead letter',
    labels: ['event_type'],
  },
  eventsDropped: {
    name: 'scripts_events_dropped_total',
    kind: 'Counter',
    help: 'Events and queued events that were not accepted, by reason; with the default policy overflow is kept as dead letters',
    labels: ['reason'],
  },
  eventsFailed: {
    name: 'scripts_events_failed_total',
    kind: 'Counter',
    help: 'Executions that failed, by kind of error, and queued events that could not run, by reason',
    labels: ['event_type', 'kind'],
  },
  queueDepth: {
    name: 'scripts_queue_depth',
    kind: 'Gauge',
    help: 'Queued events that wait for a worker; with a durable buffer every process reports the whole queue, so take the maximum over them',
    labels: [],
  },
  queueOldest: {
    name: 'scripts_queue_oldest_seconds',
    kind: 'Gauge',
    help: 'Age of the oldest queued event that waits; with a durable buffer every process reports the whole queue, so take the maximum over them',
    labels: [],
    aggregator: 'max',
    combine: 'max',
  },
  queueLimited: {
    name: 'scripts_queue_limited',
    kind: 'Gauge',
    help: 'Queued events that a limit or their order holds back, by reason; with a durable buffer every process reports the whole queue, so take the maximum over them',
    labels: ['reason'],
    aggregator: 'max',
  },
  queueTime: {
    name: 'scripts_queue_time_seconds',
    kind: 'Histogram',
    help: 'Time from entering the event buffer to the start of the execution',
    labels: [],
    buckets: QUEUE_TIME_BUCKETS,
  },
  executionDuration: {
    name: 'scripts_execution_duration_seconds',
    kind: 'Histogram',
    help: 'Time an execution ran in the sandbox, waiting for bindings included',
    labels: ['status'],
    buckets: EXECUTION_BUCKETS,
  },
  workersBusy: {
    name: 'scripts_workers_busy',
    kind: 'Gauge',
    help: 'Workers that process a queued event',
    labels: [],
  },
  sandboxProcesses: {
    name: 'scripts_sandbox_processes',
    kind: 'Gauge',
    help: 'Sandbox processes by state',
    labels: ['state'],
  },
  sandboxMemory: {
    name: 'scripts_sandbox_memory_bytes',
    kind: 'Gauge',
    help: 'Resident memory of all sandbox processes; 0 if the system does not report it',
    labels: [],
  },
  runsAwaitingBindings: {
    name: 'scripts_runs_awaiting_bindings',
    kind: 'Gauge',
    help: 'Runs that wait for the answer of a binding',
    labels: [],
  },
  sandboxRestarts: {
    name: 'scripts_sandbox_restarts_total',
    kind: 'Counter',
    help: 'Sandbox processes that ended, by reason',
    labels: ['reason'],
  },
  deadLetterEntries: {
    name: 'scripts_dlq_entries',
    kind: 'Gauge',
    help: 'Dead letters in the table by status; every process reports the whole table, so take the maximum over them',
    labels: ['status'],
    aggregator: 'max',
  },
  deadLetterOldestDue: {
    name: 'scripts_dlq_oldest_due_seconds',
    kind: 'Gauge',
    help: 'How long the retry that is most overdue has been due, over active scripts; every process reports the whole table, so take the maximum over them',
    labels: [],
    aggregator: 'max',
    combine: 'max',
  },
  deadLetterRetries: {
    name: 'scripts_dlq_retries_total',
    kind: 'Counter',
    help: 'Retries and replays that ended, by result',
    labels: ['result'],
  },
  bindingCalls: {
    name: 'scripts_binding_calls_total',
    kind: 'Counter',
    help: 'Calls of bindings that ended, by result; calls that the sandbox itself refused are not among them',
    labels: ['binding', 'result'],
  },
  secretUses: {
    name: 'scripts_secret_uses_total',
    kind: 'Counter',
    help: 'Places at which scripts named a secret: filled in, or refused because the secret may not go there',
    labels: ['result'],
  },
  cipherFailures: {
    name: 'scripts_secret_cipher_failures_total',
    kind: 'Counter',
    help: 'Secrets that the cipher could not open, reseal or seal',
    labels: ['operation'],
  },
  storeCalls: {
    name: 'scripts_store_calls_total',
    kind: 'Counter',
    help: 'Calls of scripts to their store that ended, by operation and result; those of test runs are not among them',
    labels: ['operation', 'result'],
  },
  storeRuns: {
    name: 'scripts_store_runs_total',
    kind: 'Counter',
    help: 'Runs that completed after writing to their store, by result; a repeated run counts each time',
    labels: ['result'],
  },
  redeliveries: {
    name: 'scripts_redeliveries_total',
    kind: 'Counter',
    help: 'Queued events that a durable buffer delivered again or two processes ran, by what was found',
    labels: ['result'],
  },
  breakerTransitions: {
    name: 'scripts_breaker_transitions_total',
    kind: 'Counter',
    help: 'Scripts that the breaker degraded, disabled, or let run as before',
    labels: ['state'],
  },
  scheduleLag: {
    name: 'scripts_schedule_lag_seconds',
    kind: 'Histogram',
    help: 'Time from a time of a schedule to its event',
    labels: [],
    buckets: SCHEDULE_LAG_BUCKETS,
  },
  scheduleOldestDue: {
    name: 'scripts_schedule_oldest_due_seconds',
    kind: 'Gauge',
    help: 'How long the most overdue time of a schedule has been due; every process reports it, so take the maximum over them',
    labels: [],
    aggregator: 'max',
    combine: 'max',
  },
  schedulesPassed: {
    name: 'scripts_schedule_passed_total',
    kind: 'Counter',
    help: 'Times of schedules that passed without a run, by reason',
    labels: ['reason'],
  },
  breakerScripts: {
    name: 'scripts_breaker_scripts',
    kind: 'Gauge',
    help: 'Scripts that are degraded and disabled; every process reports all of them, so take the maximum over them',
    labels: ['state'],
    aggregator: 'max',
  },
  indexFilters: {
    name: 'scripts_index_filters',
    kind: 'Gauge',
    help: 'Filters in the script index; indexed ones are reached by a look-up, the others are tried one by one',
    labels: ['indexed'],
    aggregator: 'max',
  },
  retentionDeleted: {
    name: 'scripts_retention_deleted_total',
    kind: 'Counter',
    help: 'Rows deleted for their age, by table and by the status they had',
    labels: ['table', 'status'],
  },
  retentionLastSuccess: {
    name: 'scripts_retention_last_success_timestamp_seconds',
    kind: 'Gauge',
    help: 'When a round of retention last finished, as Unix time; 0 before the first one has finished',
    labels: [],
    aggregator: 'max',
    combine: 'max',
  },
  tableBytes: {
    name: 'scripts_table_bytes',
    kind: 'Gauge',
    help: 'Size of a table on disk with its indexes; every process reports it, so take the maximum over them',
    labels: ['table'],
    aggregator: 'max',
  },
  tableRows: {
    name: 'scripts_table_rows',
    kind: 'Gauge',
    help: 'Rows of a table as PostgreSQL estimates them; every process reports them, so take the maximum',
    labels: ['table'],
    aggregator: 'max',
  },
} as const satisfies Record<string, MetricDefinition>;
