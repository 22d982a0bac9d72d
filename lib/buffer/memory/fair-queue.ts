import { Heaviest } from '../../common/heaviest.js';
import { Turns } from '../../common/turns.js';
import type { QueuedEvent } from '../queued-event.js';
import { HEAVY, NEW, RESTING, RUNNING, ScriptLane, TenantLane } from './lanes.js';
import type { RunRates } from './run-rates.js';

/** The limits for handing out events. They are functions, so that they may change. */
export interface QueueLimits {
  /** Maximum number of runs of a script at the same time, at least 1. */
  runsPerScript: (scriptId: string) => number;
  /** Maximum number of runs of a tenant at the same time, at least 1; undefined: no limit. */
  runsPerTenant?: (tenantId: string) => number | undefined;
  /** Runs per minute. */
  rates?: RunRates;
  /** Whether the tenant's runs computed for long lately. Default: no tenant's. */
  isHeavy?: (tenantId: string) => boolean;
}

/**
 * After this many turns for new tenants in a row, one goes to a tenant that has been waiting longer, if there is one.
 * Otherwise many tenants with one event each could starve it.
 */
const NEW_IN_A_ROW = 3;
/** After this many turns for other tenants in a row, one goes to a heavy tenant, if one waits. */
const LIGHT_IN_A_ROW = 3;

/**
 * A queue that takes turns over tenants, and within a tenant over its scripts. It never exceeds the limits of scripts
 * and tenants. A tenant that is new, or has nothing running, goes before those that have something running. Heavy tenants
 * have a quarter of the turns while others wait. Each operation takes constant time, however many tenants, scripts or
 * events are waiting.
 *
 * The events of one script keep their order of arrival.
 */
export class FairQueue {
  private readonly tenants = new Map<string, TenantLane>();
  private readonly turns = new Turns<TenantLane>(4);
  /** Tenants by how many events of each are waiting. */
  private readonly longest = new Heaviest<TenantLane>(() => this.tenants.values());
  private count = 0;
  private newInARow = 0;
  private lightInARow = 0;

  private readonly rated = new Set<{ tenant: TenantLane; script: ScriptLane }>();
  private readonly stranded = new Set<{ tenant: TenantLane; script: ScriptLane }>();

  constructor(private readonly limits: QueueLimits) {}

  /** Number of waiting queued events. */
  get size(): number {
    return this.count;
  }

  push(event: QueuedEvent): void {
    const tenant = this.tenantLane(event.tenantId);
    let script = tenant.scripts.get(event.scriptId);
    if (!script) tenant.scripts.set(event.scriptId, (script = new ScriptLane(event.scriptId)));
    script.waiting.push(event);
    this.counted(tenant, script, 1);
    this.list(tenant, script);
  }

  /**
   * Accepts an event unless `capacity` are already waiting. Otherwise one event is displaced: the newest one of the
   * tenant with the most waiting events and, within it, of the script with the most, provided that it then still has at
   * least as many as the new event's owner.
   *
   * @returns the event that has no place, this one or another; `undefined` if there was room
   */
  offer(event: QueuedEvent, capacity: number): QueuedEvent | undefined {
    const displaced = this.count < capacity ? undefined : this.takeBack(event);
    if (this.count < capacity) this.push(event);
    else return event;
    return displaced;
  }

  /**
   * The next queued event whose script may run. It counts as running until {@link release}.
   *
   * @param forAll false: only for a tenant that has nothing running and is not heavy
   */
  take(forAll = true): QueuedEvent | undefined {
    const ranks = this.ranks(forAll);
    for (let tenant = this.turns.first(ranks); tenant; tenant = this.turns.first(ranks)) {
      const rank = this.turns.rankOf(tenant);
      this.turns.remove(tenant);
      if (this.isFull(tenant)) continue; // release() lists it again
      const event = this.takeFrom(tenant);
      if (tenant.ready.length > 0) this.turns.add(tenant, this.rankOf(tenant));
      if (!event) continue;
      this.newInARow = rank === NEW ? this.newInARow + 1 : 0;
      this.lightInARow = rank === HEAVY ? 0 : this.lightInARow + 1;
      return event;
    }
    return undefined;
  }

  /** Gives a tenant the turns of its rank, which has changed while its events waited: it is no longer heavy. */
  relist(tenantId: string): void {
    const tenant = this.tenants.get(tenantId);
    if (tenant && this.turns.rankOf(tenant) !== undefined) this.turns.add(tenant, this.rankOf(tenant));
  }

  /** Call it when a queued event from {@link take} has ended. */
  release(event: QueuedEvent): void {
    const tenant = this.tenants.get(event.tenantId);
    const script = tenant?.scripts.get(event.scriptId);
    if (!tenant || !script) return;
    script.running--;
    tenant.running--;
    if (tenant.ready.length > 0) this.turns.add(tenant, this.rankOf(tenant));
    this.list(tenant, script);
    this.forget(tenant, script);
  }

  /**
   * Puts a queued event from {@link take} back in front of the others of its script, which then waits until {@link
   * goOn}, because the database that it needs is unavailable.
   */
  putBack(event: QueuedEvent): void {
    const tenant = this.tenants.get(event.tenantId);
    const script = tenant?.scripts.get(event.scriptId);
    if (!tenant || !script) return;
    script.waiting.unshift(event);
    this.counted(tenant, script, 1);
    script.stranded = true;
    this.stranded.add({ tenant, script });
    this.release(event);
  }

  /** Lets the scripts that wait because of {@link putBack} try again. */
  goOn(): void {
    const lanes = [...this.stranded];
    this.stranded.clear();
    for (const { tenant, script } of lanes) {
      script.stranded = false;
      this.list(tenant, script);
      this.forget(tenant, script);
    }
  }

  /** True if something waits for the next minute; then call {@link nextMinute}. */
  get isRated(): boolean {
    return this.rated.size > 0;
  }

  /** Lets everything continue that had used up its runs of the last minute. */
  nextMinute(): void {
    const lanes = [...this.rated];
    this.rated.clear();
    for (const { tenant, script } of lanes) {
      script.rated = undefined;
      this.list(tenant, script);
      this.forget(tenant, script);
    }
  }

  /** How many waiting events a limit holds back, by reason. */
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

  /** Takes out all waiting events, oldest first within each script. */
  clear(): QueuedEvent[] {
    const left: QueuedEvent[] = [];
    for (const tenant of this.tenants.values()) {
      for (const script of tenant.scripts.values()) {
        for (let event = script.waiting.shift(); event; event = script.waiting.shift()) {
          this.counted(tenant, script, -1);
          left.push(event);
        }
      }
    }
    return left;
  }

  /** When the longest waiting event arrived, or `undefined` if none is waiting. */
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
      if (script.stranded) continue; // goOn() lists it again
      if (script.running >= this.limits.runsPerScript(script.scriptId)) continue; // release() lists it again
      const event = script.waiting.peek();
      // Empty, because its events were displaced.
      if (!event) this.forget(tenant, script);
      if (!event || this.isHeldByRate(tenant, script, event)) continue;
      script.waiting.shift();
      this.counted(tenant, script, -1);
      script.running++;
      tenant.running++;
      tenant.served = true;
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
    if (script.stranded) return 'database-away';
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
    if (script.listed || script.rated || script.stranded || script.waiting.length === 0) return;
    if (script.running >= this.limits.runsPerScript(script.scriptId)) return;
    script.listed = true;
    tenant.ready.push(script);
    this.turns.add(tenant, this.rankOf(tenant));
  }

  private rankOf(tenant: TenantLane): number {
    return this.limits.isHeavy?.(tenant.tenantId) ? HEAVY : tenant.rank;
  }

  /**
   * Makes room for an event: takes out the newest event of the lane with the most waiting events, unless that is the
   * event's own lane.
   */
  private takeBack({ tenantId, scriptId }: QueuedEvent): QueuedEvent | undefined {
    const own = this.tenants.get(tenantId);
    const most = this.longest.get();
    const after = 1 + (own?.weight ?? 0);
    if (most && most.weight > after) return this.takeNewest(most, most.longest.get());
    if (!own) return undefined;
    const script = own.longest.get();
    const ownScript = own.scripts.get(scriptId);
    const inScript = 1 + (ownScript?.weight ?? 0);
    return script && script.weight > inScript ? this.takeNewest(own, script) : undefined;
  }

  private takeNewest(tenant: TenantLane, script: ScriptLane | undefined): QueuedEvent | undefined {
    const newest = script?.waiting.pop();
    if (!script || !newest) return undefined;
    this.counted(tenant, script, -1);
    this.forget(tenant, script);
    return newest;
  }

  private counted(tenant: TenantLane, script: ScriptLane, change: 1 | -1): void {
    this.count += change;
    this.longest.add(tenant, change);
    tenant.longest.add(script, change);
  }

  /** Drops a lane that has nothing left. A listed one stays until its turn, or it would be listed again and again. */
  private forget(tenant: TenantLane, script: ScriptLane): void {
    if (script.waiting.length > 0 || script.running > 0 || script.listed) return;
    if (script.rated || script.stranded) return;
    tenant.scripts.delete(script.scriptId);
    if (tenant.scripts.size === 0) this.tenants.delete(tenant.tenantId);
  }

  private ranks(forAll: boolean): readonly number[] {
    const patient = this.newInARow >= NEW_IN_A_ROW;
    if (!forAll) return patient ? [RESTING, NEW] : [NEW, RESTING];
    const light = patient ? [RESTING, RUNNING, NEW] : [NEW, RESTING, RUNNING];
    return this.lightInARow >= LIGHT_IN_A_ROW ? [HEAVY, ...light] : [...light, HEAVY];
  }
}
