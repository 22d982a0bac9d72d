/** The share of the workers that is kept for tenants of which nothing runs. */
const KEPT_SHARE = 0.25;

/**
 * How many of a process's workers begin nothing but runs of tenants of which nothing runs there: a quarter, and at least
 * one if there are two, so that one tenant's long runs never take all workers. None while there is one tenant alone.
 */
export function keptWorkers(workerCount: number, severalTenants: boolean): number {
  if (workerCount < 2 || !severalTenants) return 0;
  return Math.max(1, Math.floor(workerCount * KEPT_SHARE));
}
