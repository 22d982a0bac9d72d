/** Whose run it is. */
export interface Lane {
  readonly tenantId: string;
  readonly scriptId: string;
}

/** Limits over all nodes, or over the process where the buffer knows no others; what is left out is not limited. */
export interface SharedLimits {
  /** Runs of the script at the same time. */
  scriptRuns?: number;
  /** Runs of the tenant's scripts at the same time. */
  tenantRuns?: number;
  /** Runs of the script that begin in one minute of the clock. */
  scriptRunsPerMinute?: number;
  /** Runs of the tenant's scripts that begin in one minute of the clock. */
  tenantRunsPerMinute?: number;
}
