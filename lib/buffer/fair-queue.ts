import type { QueuedEvent } from './queued-event.js';
import type { RateReason, RunRates } from './run-rates.js';

/** First in, first out, with removal at the head in constant time. */
class Fifo<T> {
  private items: (T | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  peek(): T | undefined {
    return this.items[this.head];
  }

  shift(): T | undefined {
    const item = this.items[this.head];
    if (item === undefined) return undefined;
    this.items[this.head++] = undefined;
    // Half empty: move the rest to the front, so that the list never grows with what has passed through it.
    if (this.head > 32 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }
}

/** How much may be handed out. Asked anew each time, so that it may change. */
export interface QueueLimits {
  /** Most runs of a script at one time, at least 1. */
  runsPerScript: (scriptId: string) => number;
  /** Most runs of a tenant at one time, at least 1; undefined: no limit. */
  runsPerTenant?: (tenantId: string) => number | undefined;
  /** Runs per minute. */
  rates?: RunRates;
}

/** The waiting queued events of one script, and how many of it run. */
class ScriptLane {
  readonly waiting = new Fifo<QueuedEvent>();
  running = 0;
  /** True while the lane stands in its tenant's ring. */
  listed = false;

  /** Why it waits although it has a place: its runs of this minute, or its tenant's, are used up. */
  rated: RateReason | undefined;

  constructor(readonly scriptId: string) {}
}

/** The lanes of one tenant that have something to run now. */
class TenantLane {
  running = 0;
  readonly ready = new Fifo<ScriptLane>();
  readonly scripts = new Map<string, ScriptLane>();
  listed = false;

  constructor(readonly tenantId: string) {}
}

/**
 * A queue that takes turns: over tenants first, then over the scripts of a tenant, and never hands out more than the
 * limits of script and tenant allow. Each operation takes constant time, however many tenants, scripts or events wait.
 *
 * Within one script the order is the order of arrival.
 */
export class FairQueue {
  private readonly tenants = new Map<string, TenantLane>();
  private readonly ring = new Fifo<TenantLane>();
  private count = 0;

  private readonly rated = new Set<{ tenant: TenantLane; script: ScriptLane }>();

  constructor(private readonly limits: QueueLimits) {}

  /** Queued events that wait. */
  get size(): number {
    return this.count;
  }

  push(event: QueuedEvent): void {
    const tenant = this.tenantLane(event.tenantId);
    let script = tenant.scripts.get(event.scriptId);
    if (!script) tenant.scripts.set(event.scriptId, (script = new ScriptLane(event.scriptId)));
    script.waiting.push(event);
    this.count++;
    this.list(tenant, script);
  }

  /** The next queued event whose script may run; it counts as running until {@link release}. */
  take(): QueuedEvent | undefined {
    for (let tenant = this.ring.shift(); tenant; tenant = this.ring.shift()) {
      tenant.listed = false;
      if (this.isFull(tenant)) continue; // release() lists it again
      const event = this.takeFrom(tenant);
      if (tenant.ready.length > 0) this.listTenant(tenant);
      if (event) return event;
    }
    return undefined;
  }

  /** Says that a queued event handed out by {@link take} has ended. */
  release(event: QueuedEvent): void {
    const tenant = this.tenants.get(event.tenantId);
    const script = tenant?.scripts.get(event.scriptId);
    if (!tenant || !script) return;
    script.running--;
    tenant.running--;
    if (tenant.ready.length > 0) this.listTenant(tenant);
    if (script.waiting.length > 0) return this.list(tenant, script);
    if (script.running > 0) return;
    tenant.scripts.delete(event.scriptId);
    if (tenant.scripts.size === 0) this.tenants.delete(event.tenantId);
  }

  /** True when something waits for the next minute; {@link nextMinute} lets it go on. */
  get isRated(): boolean {
    return this.rated.size > 0;
  }

  /** Lets what has used up its runs of the last minute go on. */
  nextMinute(): void {
    const lanes = [...this.rated];
    this.rated.clear();
    for (const { tenant, script } of lanes) {
      script.rated = undefined;
      this.list(tenant, script);
    }
  }

  /** Of what waits, how much a limit holds back, by reason. */
  limited(): Record<string, number> {
    const limited: Record<string, number> = {};
    for (const [, tenant] of this.tenants) {
      for (const script of tenant.scripts.values()) {
        const reason = this.reasonOf(tenant, script);
        if (reason && script.waiting.length > 0)
          limited[reason] = (limited[reason] ?? 0) + script.waiting.length;
      }
    }
    return limited;
  }

  /** Takes out everything that waits, oldest first within each script. */
  clear(): QueuedEvent[] {
    const left: QueuedEvent[] = [];
    for (const tenant of this.tenants.values()) {
      for (const script of tenant.scripts.values()) {
        for (let event = script.waiting.shift(); event; event = script.waiting.shift()) left.push(event);
      }
    }
    this.count = 0;
    return left;
  }

  /** When the longest waiting queued event came in, or `undefined` when none waits. */
  oldest(): number | undefined {
    let oldest: number | undefined;
    for (const tenant of this.tenants.values()) {
      for (const script of tenant.scripts.values()) {
        const head = script.waiting.peek();
        if (head && (oldest === undefined || head.enqueuedAt < oldest)) oldest = head.enqueuedAt;
      }
    }
    return oldest;
  }

  private takeFrom(tenant: TenantLane): QueuedEvent | undefined {
    for (let script = tenant.ready.shift(); script; script = tenant.ready.shift()) {
      script.listed = false;
      if (script.running >= this.limits.runsPerScript(script.scriptId)) continue; // release() lists it again
      const event = script.waiting.peek();
      if (!event || this.isHeldByRate(tenant, script, event)) continue;
      script.waiting.shift();
      this.count--;
      script.running++;
      tenant.running++;
      this.list(tenant, script);
      return event;
    }
    return undefined;
  }

  private isFull({ tenantId, running }: TenantLane): boolean {
    return running >= (this.limits.runsPerTenant?.(tenantId) ?? Infinity);
  }

  private isHeldByRate(tenant: TenantLane, script: ScriptLane, event: QueuedEvent): boolean {
    script.rated = this.limits.rates?.take(event);
    if (script.rated) this.rated.add({ tenant, script });
    return script.rated !== undefined;
  }

  private reasonOf(tenant: TenantLane, script: ScriptLane): string | undefined {
    if (script.rated) return script.rated;
    if (this.isFull(tenant)) return 'tenant-busy';
    return script.running >= this.limits.runsPerScript(script.scriptId) ? 'script-busy' : undefined;
  }

  private tenantLane(tenantId: string): TenantLane {
    let tenant = this.tenants.get(tenantId);
    if (!tenant) this.tenants.set(tenantId, (tenant = new TenantLane(tenantId)));
    return tenant;
  }

  private list(tenant: TenantLane, script: ScriptLane): void {
    if (script.listed || script.rated || script.waiting.length === 0) return;
    if (script.running >= this.limits.runsPerScript(script.scriptId)) return;
    script.listed = true;
    tenant.ready.push(script);
    this.listTenant(tenant);
  }

  private listTenant(tenant: TenantLane): void {
    if (tenant.listed) return;
    tenant.listed = true;
    this.ring.push(tenant);
  }
}
