/** Share of the workers that is reserved for tenants that have nothing running. */
const KEPT_SHARE = 0.25;

/**
 * How many of a process's workers only start runs of tenants that have nothing running there and are not heavy: a
 * quarter, and at least one if there are two or more. So the long runs of one tenant never take all workers, nor do those
 * of several. 0 while there is only one tenant.
 */
export function keptWorkers(workerCount: number, severalTenants: boolean): number {
  if (workerCount < 2 || !severalTenants) return 0;
  return Math.max(1, Math.floor(workerCount * KEPT_SHARE));
}
