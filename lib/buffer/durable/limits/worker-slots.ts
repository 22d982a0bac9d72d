import { keptWorkers } from '../../../common/kept-workers.js';
import type { Lane } from '../../shared-limits.js';
import { type Admission, type TakenJob, TakenJobs } from './taken-jobs.js';

/** Limits of this process. Functions, so that they may change. */
export interface WorkerLimits {
  workerCount: number;
  runsPerScript: (scriptId: string) => number;
  runsPerTenant: (tenantId: string) => number;
  /** Whether more than one tenant may have something to run; see `keptWorkers`. */
  severalTenants: () => boolean;
}

/**
 * Milliseconds for which a job that only the kept workers could run, and for which there is no place among the taken,
 * keeps its own place before it is put aside. A burst of short runs is over its job by then, and costs no statement; of
 * long ones no more than some twenty a second are put aside by each kept worker.
 */
const PATIENCE_MS = 50;

/**
 * Who of this process's workers may run what.
 *
 * The engine has more workers than may run: a job whose script is at its limit, or whose tenant has all but the workers
 * that are kept for others, is taken by one of the others until a run ends and hands over its place. So the limit costs no
 * idle time and no statement. Only a few are taken, and of one tenant no more than of another that comes; what comes on top
 * is put aside in the database, where it blocks nobody.
 *
 * ```
 * mayAsk ── place free ──► asking ── job ──► enter ──► run ── leave ──► place free, or handed to a taken job
 *                                              ├──► taken (place free for another), at once or after a while ──► run or park
 *                                              └──► park or back ── leaveUnrun ──► place free
 * ```
 */
export class WorkerSlots {
  private free: number;
  private readonly asking: (() => void)[] = [];
  private readonly taken = new TakenJobs();
  private readonly scripts = new Map<string, number>();
  private readonly tenants = new Map<string, number>();
  private runs = 0;
  private closed = false;

  constructor(private readonly limits: WorkerLimits) {
    this.free = limits.workerCount;
  }

  /** Most jobs that are taken without a place: as many as may run. */
  get takeable(): number {
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
    const patient = this.ownRoom(lane) > 0;
    const room = this.mayHold(lane) || (!patient && this.letGiveWay(lane));
    if (!room && !patient) return 'park';
    return new Promise((resolve) => {
      const job: TakenJob = { lane, resolve, patience: undefined };
      this.taken.add(job);
      if (room) this.freePlace();
      else job.patience = setTimeout(() => this.losePatience(job), PATIENCE_MS).unref();
    });
  }

  leave({ scriptId, tenantId }: Lane): void {
    this.runs -= 1;
    decrease(this.scripts, scriptId);
    decrease(this.tenants, tenantId);
    this.freePlace();
  }

  leaveUnrun(): void {
    this.freePlace();
  }

  /** What a lane that does not fit waits for. */
  reasonFor({ tenantId, scriptId }: Lane): 'tenant-busy' | 'script-busy' {
    const scriptFull = this.runsOf(scriptId) >= this.limits.runsPerScript(scriptId);
    return scriptFull && this.runsOfTenant(tenantId) < this.limits.runsPerTenant(tenantId)
      ? 'script-busy'
      : 'tenant-busy';
  }

  /**
   * Jobs of a script that this process could take in now, to run or to hold.
   *
   * @param coming jobs of the tenant that are on their way
   */
  roomFor({ scriptId, tenantId }: Lane, coming = 0): number {
    if (this.closed) return 0;
    const perScript = this.limits.runsPerScript(scriptId);
    const script =
      perScript -
      this.runsOf(scriptId) +
      Math.min(perScript, this.takeable) -
      this.taken.placelessOf(scriptId);
    const tenant = Math.max(
      0,
      Math.min(this.limits.runsPerTenant(tenantId) - this.runsOfTenant(tenantId), this.openTo(tenantId)),
    );
    const heldOfTenant = Math.max(
      this.takeable - this.taken.placeless,
      Math.floor(this.taken.behind(tenantId) / 2),
    );
    return Math.max(0, Math.min(script, tenant + heldOfTenant - coming));
  }

  /** Lets nothing new run: taken jobs go back, and workers that wait may ask (the engine has nothing for them). */
  close(): void {
    this.closed = true;
    for (const { patience, resolve } of this.taken.clear()) {
      if (patience === undefined) this.free -= 1;
      resolve('back');
    }
    for (const resolve of this.asking.splice(0)) resolve();
  }

  private fits(lane: Lane): boolean {
    return this.ownRoom(lane) > 0 && this.openTo(lane.tenantId) > 0;
  }

  /** Runs that a script may begin by its own limits and its tenant's. */
  private ownRoom({ scriptId, tenantId }: Lane): number {
    return Math.min(
      this.limits.runsPerScript(scriptId) - this.runsOf(scriptId),
      this.limits.runsPerTenant(tenantId) - this.runsOfTenant(tenantId),
    );
  }

  /** Runs that a tenant may begin by what is kept for others. */
  private openTo(tenantId: string): number {
    const { workerCount, severalTenants } = this.limits;
    const kept = keptWorkers(workerCount, severalTenants());
    const first = kept > 0 && this.runsOfTenant(tenantId) === 0 ? 1 : 0;
    return Math.max(first, workerCount - kept - this.runs);
  }

  private mayHold({ scriptId }: Lane): boolean {
    return (
      this.taken.placeless < this.takeable &&
      this.taken.placelessOf(scriptId) < this.limits.runsPerScript(scriptId)
    );
  }

  /**
   * Puts aside the newest taken job of the tenant that has most, if that leaves it no less than the one that comes has
   * then; the two change places.
   */
  private letGiveWay({ scriptId, tenantId }: Lane): boolean {
    if (this.taken.placelessOf(scriptId) >= this.limits.runsPerScript(scriptId)) return false;
    const newest = this.taken.behind(tenantId) < 2 ? undefined : this.taken.newestOfMost();
    if (!newest) return false;
    this.taken.remove(newest);
    this.free -= 1;
    newest.resolve('park');
    return true;
  }

  private losePatience(job: TakenJob): void {
    job.patience = undefined;
    this.taken.remove(job);
    if (this.letGiveWay(job.lane)) {
      this.taken.add(job);
      this.freePlace();
    } else job.resolve('park');
  }

  private occupy({ scriptId, tenantId }: Lane): void {
    this.runs += 1;
    this.scripts.set(scriptId, this.runsOf(scriptId) + 1);
    this.tenants.set(tenantId, this.runsOfTenant(tenantId) + 1);
  }

  private runsOf(scriptId: string): number {
    return this.scripts.get(scriptId) ?? 0;
  }

  private runsOfTenant(tenantId: string): number {
    return this.tenants.get(tenantId) ?? 0;
  }

  /** A free place goes to a taken job that fits, else to a worker that looks for one. */
  private freePlace(): void {
    this.free += 1;
    while (this.runHeld() || this.holdPatient() || this.letAsk());
  }

  /** Of the taken jobs that fit, the first of the tenant that runs least. One that has kept its place needs no other. */
  private runHeld(): boolean {
    const job = this.taken.lightest(
      ({ lane, patience }) => (this.free > 0 || patience !== undefined) && this.fits(lane),
      ({ lane }) => this.runsOfTenant(lane.tenantId),
    );
    if (!job) return false;
    if (job.patience === undefined) this.free -= 1;
    this.taken.remove(job);
    this.occupy(job.lane);
    job.resolve('run');
    return true;
  }

  /** Lets a job that has kept its place give it up for one among the taken that has become free. */
  private holdPatient(): boolean {
    const job = this.taken.lightest(
      ({ lane, patience }) => patience !== undefined && this.mayHold(lane),
      () => 0,
    );
    if (!job) return false;
    clearTimeout(job.patience);
    job.patience = undefined;
    this.free += 1;
    return true;
  }

  private letAsk(): boolean {
    const resolve = this.free > 0 ? this.asking.shift() : undefined;
    if (!resolve) return false;
    this.free -= 1;
    resolve();
    return true;
  }
}

function decrease(counts: Map<string, number>, key: string): void {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
