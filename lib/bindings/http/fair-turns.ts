import type { BindingCallError } from '../../common/binding-call.error.js';
import { httpError } from './http.errors.js';
import { formatDuration } from '../../common/duration-text.js';

/** How many calls may run at the same time. */
export interface TurnLimits {
  /** Calls of one tenant to one host. */
  perHost: number;
  /** Calls of one tenant. */
  perTenant: number;
  /** Calls of one tenant while half of `total` is in use. The other half is for tenants with few running calls. */
  perTenantWhenBusy: number;
  /** Calls of all tenants together. */
  total: number;
}

/**
 * A socket serves one call at a time, so these also limit sockets. A worker runs one script, and a script usually
 * awaits its calls: only a script that starts calls in a loop exceeds these numbers.
 */
const LIMITS: TurnLimits = { perHost: 16, perTenant: 64, perTenantWhenBusy: 8, total: 512 };

/** Who calls, where, and how long the call may wait. */
export interface CallTurn {
  tenantId: string;
  host: string;
  /** Longest wait in milliseconds; Infinity: until the signal aborts. */
  waitMs: number;
  signal: AbortSignal;
}

interface Waiter {
  host: string;
  begin: () => void;
}

interface Tenant {
  running: number;
  byHost: Map<string, number>;
  waiting: Set<Waiter>;
}

/**
 * Decides when a call may begin. Each tenant has a limit of its own at each host, so that nobody waits behind the slow
 * calls of another tenant. When the common limit is reached, the waiting tenants take turns.
 * A tenant is remembered only while it has a call that runs or waits.
 */
export class FairTurns {
  /** In the order of their last turn; a new tenant is last. */
  private readonly tenants = new Map<string, Tenant>();
  private running = 0;

  constructor(private readonly limits: TurnLimits = LIMITS) {}

  /** How many calls are running. */
  get size(): number {
    return this.running;
  }

  /**
   * Makes the call when its turn comes.
   *
   * @throws BindingCallError `busy` if it has not come within `waitMs`; the reason of the signal if that aborts first
   */
  async take<T>(turn: CallTurn, call: () => Promise<T>): Promise<T> {
    const { tenantId, host } = turn;
    turn.signal.throwIfAborted();
    const tenant = this.tenantOf(tenantId);
    if (this.mayBegin(tenant, host)) this.begin(tenantId, tenant, host);
    else await this.wait(tenant, turn);
    try {
      return await call();
    } finally {
      this.end(tenantId, tenant, host);
    }
  }

  private wait(tenant: Tenant, { tenantId, host, waitMs, signal }: CallTurn): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (settle: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        tenant.waiting.delete(waiter);
        settle();
      };
      const begin = (): void =>
        leave(() => {
          this.begin(tenantId, tenant, host);
          resolve();
        });
      const giveUp = (error: unknown): void =>
        leave(() => {
          this.forget(tenantId, tenant);
          reject(error as Error);
        });
      const abort = (): void => giveUp(signal.reason);
      const timer =
        waitMs === Infinity ? undefined : setTimeout(() => giveUp(busy(host, tenant, waitMs)), waitMs);
      const waiter: Waiter = { host, begin };
      signal.addEventListener('abort', abort, { once: true });
      tenant.waiting.add(waiter);
    });
  }

  private mayBegin(tenant: Tenant, host: string): boolean {
    return this.hasRoom(tenant) && (tenant.byHost.get(host) ?? 0) < this.limits.perHost;
  }

  private hasRoom({ running }: Tenant): boolean {
    const { perTenant, perTenantWhenBusy, total } = this.limits;
    if (this.running >= total) return false;
    return running < (this.running * 2 >= total ? perTenantWhenBusy : perTenant);
  }

  private begin(tenantId: string, tenant: Tenant, host: string): void {
    this.running += 1;
    tenant.running += 1;
    tenant.byHost.set(host, (tenant.byHost.get(host) ?? 0) + 1);
    // The tenant moves to the end of the order.
    this.tenants.delete(tenantId);
    this.tenants.set(tenantId, tenant);
  }

  private end(tenantId: string, tenant: Tenant, host: string): void {
    this.running -= 1;
    tenant.running -= 1;
    const left = (tenant.byHost.get(host) ?? 1) - 1;
    if (left === 0) tenant.byHost.delete(host);
    else tenant.byHost.set(host, left);
    this.forget(tenantId, tenant);
    this.next();
  }

  /** Begins the calls that may begin now, tenant by tenant. */
  private next(): void {
    for (const tenant of this.tenants.values()) {
      if (this.running >= this.limits.total) return;
      if (tenant.waiting.size === 0 || !this.hasRoom(tenant)) continue;
      // One call at a time: after it, the tenant's next turn is at the end of the order.
      const next = [...tenant.waiting].find(({ host }) => this.mayBegin(tenant, host));
      next?.begin();
    }
  }

  private tenantOf(tenantId: string): Tenant {
    const known = this.tenants.get(tenantId);
    if (known) return known;
    const tenant: Tenant = { running: 0, byHost: new Map(), waiting: new Set() };
    this.tenants.set(tenantId, tenant);
    return tenant;
  }

  private forget(tenantId: string, { running, waiting }: Tenant): void {
    if (running === 0 && waiting.size === 0) this.tenants.delete(tenantId);
  }
}

const busy = (host: string, { byHost, running }: Tenant, waitMs: number): BindingCallError =>
  httpError(
    'busy',
    `timed out after waiting ${formatDuration(waitMs)} to call ${host}: ${byHost.get(host) ?? 0} calls to it and ${running} in all ` +
      `are already running for this tenant; make fewer calls at a time`,
  );
