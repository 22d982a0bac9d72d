import { LRUCache } from 'lru-cache';
import { inOwnContext } from './own-context.js';
import { SourceChecksFullError } from './source-checks-full.error.js';

/** How many tenants are remembered, and for how long after their last turn. */
const REMEMBERED = 1_000;
const REMEMBERED_MS = 60_000;

/** How many turns there may be, and how many callers may wait. */
export interface TurnBounds {
  /** How many tenants may have a turn at the same time. */
  atOnce: number;
  /** How many callers may wait for one tenant. */
  perTenant: number;
  /** How many callers may wait for all tenants together. */
  all: number;
}

/**
 * Gives tenants turns for work that a tenant's text can make long. A tenant has one turn at a time. The next turn goes
 * to the tenant that has used the least time recently. So a tenant that asks rarely and for little doesn't wait behind
 * anybody's queue, only for the turns in progress.
 */
export class TenantTurns {
  private readonly waiting = new Map<string | symbol, (() => void)[]>();
  private readonly busy = new Set<string | symbol>();
  private readonly usedMs = new LRUCache<string | symbol, number>({ max: REMEMBERED, ttl: REMEMBERED_MS });
  private waitingNow = 0;

  constructor(private readonly bounds: TurnBounds) {}

  /**
   * Does the work when it is the tenant's turn, outside the caller's async context. Without a tenant id, each call
   * counts as a tenant of its own.
   *
   * @throws SourceChecksFullError if too many callers wait
   */
  take<T>(tenantId: string | undefined, work: () => Promise<T>): Promise<T> {
    return inOwnContext(() => this.takeAs(tenantId ?? Symbol('nobody'), work));
  }

  private async takeAs<T>(tenant: string | symbol, work: () => Promise<T>): Promise<T> {
    await this.turn(tenant);
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.usedMs.set(tenant, (this.usedMs.get(tenant) ?? 0) + performance.now() - began);
      this.busy.delete(tenant);
      this.next();
    }
  }

  private async turn(tenant: string | symbol): Promise<void> {
    const { perTenant, all } = this.bounds;
    const own = this.waiting.get(tenant) ?? [];
    if (own.length >= perTenant) throw new SourceChecksFullError(own.length, 'of this tenant');
    if (this.waitingNow >= all) throw new SourceChecksFullError(this.waitingNow, 'of all tenants together');
    return new Promise((begin) => {
      this.waiting.set(tenant, own);
      own.push(begin);
      this.waitingNow++;
      this.next();
    });
  }

  private next(): void {
    while (this.busy.size < this.bounds.atOnce) {
      const tenant = this.leastServed();
      if (tenant === undefined) return;
      const own = this.waiting.get(tenant)!;
      const begin = own.shift()!;
      if (own.length === 0) this.waiting.delete(tenant);
      this.waitingNow--;
      this.busy.add(tenant);
      begin();
    }
  }

  private leastServed(): string | symbol | undefined {
    let best: string | symbol | undefined;
    let least = Infinity;
    for (const tenant of this.waiting.keys()) {
      const used = this.usedMs.get(tenant) ?? 0;
      if (this.busy.has(tenant) || used >= least) continue;
      best = tenant;
      least = used;
    }
    return best;
  }
}
