import type { Lane, SharedLimits } from '../shared-limits.js';
import type { QueuedEvent } from '../queued-event.js';

/** Settings of `GraphileWorkerEventBuffer`. Durations are milliseconds. */
export interface GraphileWorkerEventBufferOptions {
  /** How many queued events this node processes at the same time, at least 1. */
  workerCount: number;
  /** Maximum number of runs of one script on this node at the same time, at least 1. */
  runsPerScript: (scriptId: string) => number;
  /**
   * Maximum number of runs of one tenant on this node at the same time, at least 1. Default: no limit but
   * `workerCount`.
   */
  runsPerTenant?: (tenantId: string) => number;
  /**
   * Whether more than one tenant may have something to run. While it returns true, some workers are kept for tenants
   * that have nothing running on this node; see `keptWorkers`. Default: no.
   */
  severalTenants?: () => boolean;
  /** Whether a tenant's runs computed for long lately. Then no kept worker starts one. Default: no tenant's. */
  isHeavy?: (tenantId: string) => boolean;
  /** Takes a listener that is called when `isHeavy` no longer returns true for a tenant. Needed with `isHeavy`. */
  onTenantLight?: (listener: (tenantId: string) => void) => void;
  /**
   * Limits across all nodes. Default: none. A script with such a limit costs some four more statements for each run.
   */
  sharedLimits?: (lane: Lane) => SharedLimits;
  /** How many captured events may wait in memory to be written, at least 1. Default 10,000. */
  captureSize?: number;
  /** The PostgreSQL schema of the engine's tables, used by this application only. Default `scripts_event_worker`. */
  schema?: string;
  /** Whether a start installs and updates the engine's tables. Default true. */
  installSchema?: boolean;
  /** Time between heartbeats. Default 1,500. */
  heartbeatMs?: number;
  /**
   * Time after its last heartbeat at which a node counts as dead; at least three heartbeats. Default 7,000: with one
   * heartbeat of the other nodes on top, a killed node's work continues elsewhere within 10 seconds.
   */
  leaseMs?: number;
  /** Time between looks at the queue when no notification arrives. Default 1,000. */
  pollMs?: number;
  /**
   * Longest delay before the redelivery of an event that could not be processed because the database was unavailable.
   * Default 30,000.
   */
  redeliveryMs?: number;
  /** How long an event id given by a publisher is remembered. Default 7 days. */
  eventIdMemoryMs?: number;
  /** Set it to false behind a pooler that doesn't keep prepared statements. Default true. */
  preparedStatements?: boolean;
  /**
   * Called for a captured event that the database refuses for its content. It isn't stored; the caller keeps or counts
   * it.
   */
  onRefused?: (event: QueuedEvent, error: unknown) => void;
}

/** The engine's schema unless the host names another one. */
export const DEFAULT_SCHEMA = 'scripts_event_worker';

/** In the last tenth of its lease a node starts nothing, because everything must have ended when the lease does. */
export const startMarginMs = (leaseMs: number): number => leaseMs / 10;

const DAY_MS = 24 * 60 * 60 * 1000;

/** The settings with their defaults. */
export type DurableSettings = Required<GraphileWorkerEventBufferOptions>;

export const withDefaults = (options: GraphileWorkerEventBufferOptions): DurableSettings => ({
  runsPerTenant: () => options.workerCount,
  severalTenants: () => false,
  isHeavy: () => false,
  onTenantLight: () => {},
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
