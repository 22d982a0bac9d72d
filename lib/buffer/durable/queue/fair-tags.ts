/**
 * Fairness to tenants with a queue that knows only one order: start-time fair queuing (Goyal, Vin and Cheng, 1996).
 *
 * Each queued event gets a tag: the tenant's next whole number or the virtual time, whichever is higher. The queue
 * hands out the lowest tag first, and virtual time is the lowest waiting tag. So 20,000 events of one tenant take
 * 20,000 tags, and the first event of another tenant, whose tags start at virtual time, goes right behind the head.
 *
 * A tag is a time in the engine's `run_at`, counted in microseconds and 20 years in the past, so that it is always due.
 * While nothing is waiting, virtual time follows the clock, which is faster than tags are given out. So it never falls
 * behind the tags of tenants that have been served, tags never run out, and no row has to be renumbered.
 *
 * Each node remembers only its own tenants' last tags. A tenant whose events are published on several nodes at the same
 * moment gets a share for each of them.
 */
export class FairTags {
  private readonly next = new Map<string, number>();
  private virtualTime = 0;

  /** Reserves `count` tags of a tenant and returns the first one; the database raises them to the virtual time. */
  reserve(tenantId: string, count: number): number {
    // Not this node's own virtual time, because it may be ahead of what other nodes have queued in the meantime. A
    // tenant that has nothing queued would then wait behind all of that.
    const floor = this.next.get(tenantId) ?? 0;
    this.next.set(tenantId, floor + count);
    return floor;
  }

  /** Passes on the virtual time that the database used for `counts` events of these tenants. */
  advance(virtualTime: number, counts: ReadonlyMap<string, number>): void {
    for (const [tenantId, count] of counts) {
      const next = this.next.get(tenantId);
      if (next !== undefined && next < virtualTime + count) this.next.set(tenantId, virtualTime + count);
    }
    if (virtualTime <= this.virtualTime) return;
    this.virtualTime = virtualTime;
    // Tags below virtual time no longer delay anyone.
    for (const [tenantId, next] of this.next) if (next <= virtualTime) this.next.delete(tenantId);
  }

  /** Number of tenants whose last tags are remembered. */
  get size(): number {
    return this.next.size;
  }
}
