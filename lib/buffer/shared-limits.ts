/** The script and the tenant of a run. */
export interface Lane {
  readonly tenantId: string;
  readonly scriptId: string;
}

/**
 * Limits across all nodes, or within the process if the buffer knows no other nodes. A missing field means no limit.
 */
export interface SharedLimits {
  /** Maximum number of runs of the script at the same time. */
  scriptRuns?: number;
  /** Maximum number of runs of the tenant's scripts at the same time. */
  tenantRuns?: number;
  /** Maximum number of runs of the script that begin in one minute of the clock. */
  scriptRunsPerMinute?: number;
  /** Maximum number of runs of the tenant's scripts that begin in one minute of the clock. */
  tenantRunsPerMinute?: number;
}
