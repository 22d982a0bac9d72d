/**
 * - `up`: as it should be
 * - `degraded`: it works, and somebody should look at it
 * - `down`: it does not work
 *
 * @publicApi
 */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** How one part is. @publicApi */
export interface ComponentHealth {
  status: HealthStatus;
  /** Why, in words and figures. Holds no address, no credential and nothing of a tenant. */
  reason: string;
  /** What the verdict is made of, for programs; times in milliseconds. */
  figures: Readonly<Record<string, number | string | boolean | null>>;
}

/**
 * The parts:
 *
 * - `intake`: whether events are taken in
 * - `database`, `schema`: whether PostgreSQL answers, and has this package's tables as it needs them
 * - `queue`, `workers`: the event buffer and who works on it
 * - `lease`: the right of this node to run queued events, with a durable buffer only
 * - `sandbox`: the processes that run scripts
 * - `index`: how fresh the script index is
 * - `retries`: the retry worker
 * - `records`: execution records and dead letters that wait to be stored
 * - `retention`: whether old rows are deleted
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
  | 'retention';

/** How one application is. @publicApi */
export interface HealthReport {
  /**
   * `down` when this instance cannot run scripts, and another may: `intake`, `schema`, `sandbox` or `index` is down.
   * `degraded` when anything else is not up: events are still taken in and run or are kept.
   */
  status: HealthStatus;
  /** One sentence that names what is not up, the worst first. */
  summary: string;
  components: Readonly<Record<Exclude<HealthComponent, 'lease'>, ComponentHealth>> & {
    readonly lease?: ComponentHealth;
  };
  /** When this was looked at. */
  checkedAt: Date;
}
