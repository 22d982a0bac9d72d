/**
 * - `up`: it works
 * - `degraded`: it works, but somebody should look at it
 * - `down`: it doesn't work
 *
 * @publicApi
 */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** The health of one part. @publicApi */
export interface ComponentHealth {
  status: HealthStatus;
  /** The reason, in words and figures. It has no address, no credential and nothing of a tenant. */
  reason: string;
  /** The figures behind the status, for programs; times in milliseconds. */
  figures: Readonly<Record<string, number | string | boolean | null>>;
}

/**
 * The parts:
 *
 * - `intake`: whether events are captured
 * - `database`, `schema`: whether PostgreSQL responds, and has this package's tables
 * - `queue`, `workers`: the event buffer and its workers
 * - `lease`: whether this node may run queued events; with a durable buffer only
 * - `sandbox`: the processes that run scripts
 * - `index`: how fresh the script index is
 * - `retries`: the retry worker
 * - `records`: execution records and dead letters that wait to be stored
 * - `retention`: whether old rows are deleted
 * - `schedules`: whether times of schedules become events
 *
 * @publicApi
 */
export type HealthComponent =
  | 'intake'
  | 'database'
  | 'schema'
  | 'queue'
  | 'workers'
  | 'lease'
  | 'sandbox'
  | 'index'
  | 'retries'
  | 'records'
  | 'retention'
  | 'schedules';

/** The health of one application. @publicApi */
export interface HealthReport {
  /**
   * `down` if this instance can't run scripts, though another may: `intake`, `schema`, `sandbox` or `index` is down.
   * `degraded` if any other part is not up: events are still captured, and run or kept.
   */
  status: HealthStatus;
  /** One sentence that names the parts that are not up, the worst first. */
  summary: string;
  components: Readonly<Record<Exclude<HealthComponent, 'lease'>, ComponentHealth>> & {
    readonly lease?: ComponentHealth;
  };
  /** When this was checked. */
  checkedAt: Date;
}
