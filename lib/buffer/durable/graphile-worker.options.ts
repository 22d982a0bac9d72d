import type { Lane, SharedLimits } from '../shared-limits.js';
import type { QueuedEvent } from '../queued-event.js';

/** Settings of `GraphileWorkerEventBuffer`. Durations are milliseconds. */
export interface GraphileWorkerEventBufferOptions {
  /** Queued events processed by this node at one time, at least 1. */
  workerCount: number;
  /** Most runs of one script on this node at one time, at least 1. */
  runsPerScript: (scriptId: string) => number;
  /** Most runs of one tenant on this node at one time, at least 1. Default: no limit but `workerCount`. */
  runsPerTenant?: (tenantId: string) => number;
  /**
   * Whether more than one tenant may have something to run. While it says so, some workers are kept for tenants of which
   * nothing runs on this node; see `keptWorkers`. Default: no.
   */
  severalTenants?: () => boolean;
  /** Limits over all nodes. Default: none. A script with such a limit costs some four statements more a run. */
  sharedLimits?: (lane: Lane) => SharedLimits;
  /** Events of best-effort capture that may wait in memory to be written, at least 1. Default 10,000. */
  captureSize?: number;
  /** The PostgreSQL schema of the engine's tables, for this application alone. Default `scripts_event_worker`. */
  schema?: string;
  /** Whether a start installs and updates the engine's tables. Default true. */
  installSchema?: boolean;
  /** Time between heartbeats. Default 1,500. */
  heartbeatMs?: number;
  /**
   * Time after its last heartbeat at which a node counts as dead; at least three heartbeats. Default 7,000. With a
   * heartbeat of the others on top, the work of a killed node goes on elsewhere within 10 seconds.
   */
  leaseMs?: number;
  /** Time between looks at the queue when nobody said that something came. Default 1,000. */
  pollMs?: number;
  /** Longest delay before an event comes again that could not be processed for want of the database. Default 30,000. */
  redeliveryMs?: number;
  /** How long an event id given by a publisher is remembered. Default 7 days. */
  eventIdMemoryMs?: number;
  /** False behind a pooler that cannot keep prepared statements. Default true. */
  preparedStatements?: boolean;
  /** A captured event that the database refuses for its content. It is not stored; the caller keeps or counts it. */
  onRefused?: (event: QueuedEvent, error: unknown) => void;
}

/** The engine's schema unless the host names another one. */
export const DEFAULT_SCHEMA = 'scripts_event_worker';

/** In the last tenth of its lease a node begins nothing: what it has begun must be ended when the lease is. */
export const startMarginMs = (leaseMs: number): number => leaseMs / 10;

const DAY_MS = 24 * 60 * 60 * 1000;

/** The same with its defaults. */
export type DurableSettings = Required<GraphileWorkerEventBufferOptions>;

export const withDefaults = (options: GraphileWorkerEventBufferOptions): DurableSettings => ({
  runsPerTenant: () => options.workerCount,
  severalTenants: () => false,
  sharedLimits: () => ({}),
  captureSize: 10_000,
  schema: DEFAULT_SCHEMA,
  installSchema: true,
  heartbeatMs: 1_500,
  leaseMs: 7_000,
  pollMs: 1_000,
  redeliveryMs: 30_000,
  eventIdMemoryMs: 7 * DAY_MS,
  preparedStatements: true,
  onRefused: () => undefined,
  ...options,
});
