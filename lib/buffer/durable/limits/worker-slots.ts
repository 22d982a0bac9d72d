import { keptWorkers } from '../../../common/kept-workers.js';
import type { Lane } from '../../shared-limits.js';
import { type Admission, type TakenJob, TakenJobs } from './taken-jobs.js';

/** Limits of this process. They are functions, so that they may change. */
export interface WorkerLimits {
  workerCount: number;
  runsPerScript: (scriptId: string) => number;
  runsPerTenant: (tenantId: string) => number;
  /** Whether more than one tenant may have something to run; see `keptWorkers`. */
  severalTenants: () => boolean;
  /** Whether a tenant's runs computed for long lately. Then no kept worker starts one. */
  isHeavy: (tenantId: string) => boolean;
}

/**
 * How many milliseconds a job keeps its own place before it is put aside, if only kept workers are free to run it and
 * there is no place among the taken jobs. A burst of short runs ends within this time and needs no statement. With long
 * runs, each kept worker puts aside at most some twenty jobs a second.
 */
const PATIENCE_MS = 50;

/**
 * How many jobs may be stored beside the running ones, as a multiple of the workers. On a disk with slow commits, more
 * of them share each commit. If this process dies, these jobs are delivered again, so there must not be many.
 */
const STORING_SHARE = 2;

/**
 * Says which jobs this process's workers may run.
 *
 * The engine has more workers than may run. A job whose script is at its limit, or whose tenant has all workers except
 * those kept for others, is taken by one of the extra workers until a run ends and hands over its place. So the limit
 * costs no idle time and no statement. Only a few jobs are taken, and not more of one tenant than of another one;
 * further jobs are put aside in the database, where they block nobody.
 *
 * ```
 * mayAsk ── place free ──► asking ── job ──► enter ──► run ── runEnded ──► storing (place free for another) ── leave
 *                                              ├──► taken (place free for another), at once or later ──► run or park
 *                                              └──► park or back ── leaveUnrun ──► place free
 * ```
 *
 * A job whose run has ended leaves its place to another one while its result is being stored. So the number of jobs
 * adapts to the disk: with fast commits, hardly any are being stored; with slow ones, up to two for each worker. Beyond
 * that, a job keeps its place until one has been stored.
 */
export class WorkerSlots {
  /** Free places. Below 0 while places of looking workers are lent to jobs; see {@link tenantIsLight}. */
  private free: number;
  /** Workers that look for a job, each with a place. */
  private looking = 0;
  private readonly asking: (() => void)[] = [];
  private readonly taken = new TakenJobs();
  private readonly scripts = new Map<string, number>();
  private readonly tenants = new Map<string, number>();
  private runs = 0;
  private ended = 0;
  private closed = false;

  constructor(private readonly limits: WorkerLimits) {
    this.free = limits.workerCount;
  }

  /** Maximum number of jobs taken without a place: as many as may run. */
  get takeable(): number {
    return this.limits.workerCount;
  }

  /** Number of running jobs. */
  get running(): number {
    return this.runs;
  }

  /** Number of jobs whose run has ended, and whose result is being stored. */
  get storing(): number {
    return this.ended;
  }

  /** Maximum number of jobs being stored that have left their place to others. */
  get storable(): number {
    return STORING_SHARE * this.limits.workerCount;
  }

  /** Waits until a worker may look for a job. Call {@link enter} or {@link gotNone} afterwards. */
  mayAsk(): Promise<void> {
    if (this.closed) return Promise.resolve();
    if (this.free > 0) {
      this.look();
      return Promise.resolve();
    }
    return new Promise((resolve) => this.asking.push(resolve));
  }

  /** The worker found no job. */
  gotNone(): void {
    this.looking -= 1;
    this.freePlace();
  }

  /**
   * A job has arrived. After `park` and `back` call {@link leaveUnrun}, after `run` {@link runEnded} and {@link leave}.
   */
  enter(lane: Lane): Admission | Promise<Admission> {
    this.looking -= 1;
    if (this.closed) return 'back';
    const hasPlace = this.free >= 0;
    if (hasPlace && this.fits(lane)) {
      this.occupy(lane);
      return 'run';
    }
    const patient = hasPlace && this.ownRoom(lane) > 0;
    const room = this.mayHold(lane) || (!patient && this.letGiveWay(lane));
    if (!room && !patient) return 'park';
    return new Promise((resolve) => {
      const job: TakenJob = { lane, resolve, patience: undefined };
      this.taken.add(job);
      if (room) this.freePlace();
      else job.patience = setTimeout(() => this.losePatience(job), PATIENCE_MS).unref();
    });
  }

  /**
   * A tenant is no longer heavy: its taken jobs may use kept workers. If all free places belong to workers that look for
   * a job, they are lent to these jobs: the next such worker has none, so what it finds is taken or put aside.
   */
  tenantIsLight(): void {
    while (this.runHeld(this.free + this.looking));
    this.handOut();
  }

  /** A run has ended. What is left is to store its result, then call {@link leave}. */
  runEnded({ scriptId, tenantId }: Lane): void {
    this.runs -= 1;
    decrease(this.scripts, scriptId);
    decrease(this.tenants, tenantId);
    this.ended += 1;
    // Even without a free place: a job of the same script or tenant may have kept its own.
    if (this.ended > this.storable) this.handOut();
    else this.freePlace();
  }

  /** The result of a run that has ended is stored, or will not be. */
  leave(): void {
    const keptItsPlace = this.ended > this.storable;
    this.ended -= 1;
    if (keptItsPlace) this.freePlace();
  }

  leaveUnrun(): void {
    this.freePlace();
  }

  /** The reason why a lane that doesn't fit has to wait. */
  reasonFor({ tenantId, scriptId }: Lane): 'tenant-busy' | 'script-busy' {
    const scriptFull = this.runsOf(scriptId) >= this.limits.runsPerScript(scriptId);
    return scriptFull && this.runsOfTenant(tenantId) < this.limits.runsPerTenant(tenantId)
      ? 'script-busy'
      : 'tenant-busy';
  }

  /**
   * How many jobs of a script this process could accept now, to run or to hold.
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

  /** Starts nothing new: taken jobs are returned, and waiting workers may ask (the engine has nothing for them). */
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

  /** How many runs a script may begin by its own and its tenant's limits. */
  private ownRoom({ scriptId, tenantId }: Lane): number {
    return Math.min(
      this.limits.runsPerScript(scriptId) - this.runsOf(scriptId),
      this.limits.runsPerTenant(tenantId) - this.runsOfTenant(tenantId),
    );
  }

  /** How many runs a tenant may begin without using the workers kept for others. */
  private openTo(tenantId: string): number {
    const { workerCount, severalTenants, isHeavy } = this.limits;
    const kept = keptWorkers(workerCount, severalTenants());
    const first = kept > 0 && this.runsOfTenant(tenantId) === 0 && !isHeavy(tenantId) ? 1 : 0;
    return Math.max(first, workerCount - kept - this.runs);
  }

  private mayHold({ scriptId }: Lane): boolean {
    return (
      this.taken.placeless < this.takeable &&
      this.taken.placelessOf(scriptId) < this.limits.runsPerScript(scriptId)
    );
  }

  /**
   * Puts aside the newest taken job of the tenant that has the most, and gives its place to the new job, if that tenant
   * then still has at least as many as the new job's tenant.
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

  private freePlace(): void {
    this.free += 1;
    this.handOut();
  }

  /** Gives free places to taken jobs that fit, otherwise to workers that look for a job. */
  private handOut(): void {
    while (this.runHeld(this.free) || this.holdPatient() || this.letAsk());
  }

  /**
   * Runs the first fitting taken job of the tenant that runs the least. A job that has kept its place needs no other.
   */
  private runHeld(places: number): boolean {
    const job = this.taken.lightest(
      ({ lane, patience }) => (places > 0 || patience !== undefined) && this.fits(lane),
      ({ lane }) => this.runsOfTenant(lane.tenantId),
    );
    if (!job) return false;
    if (job.patience === undefined) this.free -= 1;
    this.taken.remove(job);
    this.occupy(job.lane);
    job.resolve('run');
    return true;
  }

  /** Moves a job that has kept its own place to a free place among the taken jobs. */
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
    this.look();
    resolve();
    return true;
  }

  private look(): void {
    this.free -= 1;
    this.looking += 1;
  }
}

function decrease(counts: Map<string, number>, key: string): void {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
