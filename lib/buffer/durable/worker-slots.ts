import type { Lane } from '../shared-limits.js';

/** Limits of this process. Functions, so that they may change. */
export interface WorkerLimits {
  workerCount: number;
  runsPerScript: (scriptId: string) => number;
  runsPerTenant: (tenantId: string) => number;
}

/** `run`: go on; `park`: put it aside, a limit is reached; `back`: the node stops, give it back. */
export type Admission = 'run' | 'park' | 'back';

interface Held {
  lane: Lane;
  resolve: (admission: Admission) => void;
}

/**
 * Who of this process's workers may run what.
 *
 * The engine has more workers than may run: a job whose script is at its limit is held by one of the others until a run
 * of that script or tenant ends and hands over its place. So the limit costs no idle time and no statement. Only a few
 * are held; what comes on top is put aside in the database, where it blocks nobody.
 *
 * ```
 * mayAsk ── place free ──► asking ── job ──► enter ──► run ── leave ──► place free, or handed to a held job
 *                                              ├──► held (place free for another)
 *                                              └──► park or back ── leaveUnrun ──► place free
 * ```
 */
export class WorkerSlots {
  private free: number;
  private readonly asking: (() => void)[] = [];
  private readonly held: Held[] = [];
  private readonly scripts = new Map<string, number>();
  private readonly tenants = new Map<string, number>();
  private runs = 0;
  private closed = false;

  constructor(private readonly limits: WorkerLimits) {
    this.free = limits.workerCount;
  }

  /** Most jobs that are held: as many as may run. */
  get holdable(): number {
    return this.limits.workerCount;
  }

  /** Jobs that run. */
  get running(): number {
    return this.runs;
  }

  /** Waits until a worker may look for a job. Each call is followed by {@link enter} or {@link gotNone}. */
  mayAsk(): Promise<void> {
    if (this.closed) return Promise.resolve();
    if (this.free > 0) {
      this.free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.asking.push(resolve));
  }

  /** The worker that asked has found nothing. */
  gotNone(): void {
    this.freePlace();
  }

  /** A job has come. `park` and `back` end with {@link leaveUnrun}, `run` with {@link leave}. */
  enter(lane: Lane): Admission | Promise<Admission> {
    if (this.closed) return 'back';
    if (this.fits(lane)) {
      this.occupy(lane);
      return 'run';
    }
    if (!this.mayHold(lane)) return 'park';
    this.freePlace();
    return new Promise((resolve) => this.held.push({ lane, resolve }));
  }

  leave(lane: Lane): void {
    this.runs -= 1;
    decrease(this.scripts, lane.scriptId);
    decrease(this.tenants, lane.tenantId);
    this.freePlace();
  }

  leaveUnrun(): void {
    this.freePlace();
  }

  /** What a lane that does not fit waits for. */
  reasonFor({ tenantId }: Lane): 'tenant-busy' | 'script-busy' {
    const full = (this.tenants.get(tenantId) ?? 0) >= this.limits.runsPerTenant(tenantId);
    return full ? 'tenant-busy' : 'script-busy';
  }

  /** Jobs of a script that this process could take in now, to run or to hold. */
  roomFor({ scriptId, tenantId }: Lane): number {
    const script = this.limits.runsPerScript(scriptId) - (this.scripts.get(scriptId) ?? 0);
    const tenant = this.limits.runsPerTenant(tenantId) - (this.tenants.get(tenantId) ?? 0);
    const mine = this.held.filter((held) => held.lane.scriptId === scriptId).length;
    const holdable = Math.min(this.limits.runsPerScript(scriptId), this.holdable) - mine;
    return this.closed ? 0 : Math.max(0, Math.min(script, tenant)) + Math.max(0, holdable);
  }

  /** Lets nothing new run: held jobs go back, and workers that wait may ask (the engine has nothing for them). */
  close(): void {
    this.closed = true;
    for (const held of this.held.splice(0)) {
      this.free -= 1;
      held.resolve('back');
    }
    for (const resolve of this.asking.splice(0)) resolve();
  }

  private fits({ scriptId, tenantId }: Lane): boolean {
    return (
      (this.scripts.get(scriptId) ?? 0) < this.limits.runsPerScript(scriptId) &&
      (this.tenants.get(tenantId) ?? 0) < this.limits.runsPerTenant(tenantId)
    );
  }

  private mayHold({ scriptId }: Lane): boolean {
    if (this.held.length >= this.holdable) return false;
    const mine = this.held.filter((held) => held.lane.scriptId === scriptId).length;
    return mine < this.limits.runsPerScript(scriptId);
  }

  private occupy({ scriptId, tenantId }: Lane): void {
    this.runs += 1;
    this.scripts.set(scriptId, (this.scripts.get(scriptId) ?? 0) + 1);
    this.tenants.set(tenantId, (this.tenants.get(tenantId) ?? 0) + 1);
  }

  /** A free place goes to a held job that fits, else to a worker that looks for one. */
  private freePlace(): void {
    this.free += 1;
    while (this.free > 0 && (this.runHeld() || this.letAsk())) this.free -= 1;
  }

  private runHeld(): boolean {
    const held = this.held.find(({ lane }) => this.fits(lane));
    if (!held) return false;
    this.held.splice(this.held.indexOf(held), 1);
    this.occupy(held.lane);
    held.resolve('run');
    return true;
  }

  private letAsk(): boolean {
    const resolve = this.asking.shift();
    resolve?.();
    return resolve !== undefined;
  }
}

function decrease(counts: Map<string, number>, key: string): void {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
