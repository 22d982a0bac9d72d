/** Share of the workers that is reserved for tenants that have nothing running. */
const KEPT_SHARE = 0.25;

/**
 * How many of a process's workers only start runs of tenants that have nothing running there: a quarter, and at least
 * one if there are two or more, so that one tenant's long runs never take all workers. A buffer's kept
 * workers take no run of a heavy tenant either, so that the long runs of several tenants don't. 0 while there is only one tenant.
 */
export function keptWorkers(workerCount: number, severalTenants: boolean): number {
  if (workerCount < 2 || !severalTenants) return 0;
  return Math.max(1, Math.floor(workerCount * KEPT_SHARE));
}
