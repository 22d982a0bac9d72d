import { keptWorkers } from '../../common/kept-workers.js';
import type { ProcessLimits } from '../sandbox.limits.js';
import type { CallingScripts } from './calling-scripts.js';
import type { HeavyTenants } from './heavy-tenants.js';
import type { Placed, Placement } from './placement.js';
import type { PoolProcesses } from './pool-processes.js';
import type { RunQueue } from './run-queue.js';
import type { SandboxProcess } from './sandbox-process.js';

/**
 * How many extra runs may compute beside long runs, or while the busy processes have no room for more homes, as a share
 * of the runs that may compute otherwise. Extra runs are only for tenants that have nothing in a process. So endless
 * loops of one tenant don't block the others, and a run takes at most 1.5 times as long (twice if only one may compute
 * otherwise).
 */
const EXTRA_SHARE = 0.5;
/** A process has no room once it uses this share of its memory for homes. */
const FULL = 0.9;

/** The parts of the pool that decide which run begins. */
interface Pool {
  limits: ProcessLimits;
  processes: PoolProcesses;
  queue: RunQueue;
  placement: Placement;
  heavy: HeavyTenants;
  calling: CallingScripts;
}

/**
 * Decides whether another run may begin, and of which tenants. By default, one run per core may compute. Beside long
 * runs, half as many extra runs may compute, for tenants that have nothing in a process. A run that waits for bindings
 * doesn't count as computing. If there are several tenants, runs that call bindings leave a quarter of the processes,
 * and at least one of two or more, to tenants that have nothing in a process.
 *
 * Runs of heavy tenants compute in no extra place, and leave as many processes to the other tenants. So those always
 * find a process soon, however many heavy tenants there are.
 */
export class ProcessSharing {
  private readonly computingExtra: number;
  private firstTenant: string | undefined;
  private severalTenants = false;

  /** @param computingMax how many runs may compute at the same time, without extra runs */
  constructor(
    private readonly pool: Pool,
    private readonly computingMax: number,
  ) {
    this.computingExtra = Math.max(1, Math.floor(computingMax * EXTRA_SHARE));
  }

  /** Call it for each run that is added. */
  noteTenant(tenantId: string): void {
    this.firstTenant ??= tenantId;
    this.severalTenants ||= tenantId !== this.firstTenant;
  }

  /** The run that begins next, and its process. */
  next(): Placed | undefined {
    const { placement, processes, queue } = this.pool;
    const { computingMax, isLightOnly: lightOnly } = this;
    const { computing } = processes;
    if (computing < computingMax) return placement.next({ restingOnly: this.isRestKept, lightOnly });
    // Runs that waited for bindings may go on together, however many they are. They must not take the extra places.
    const extra = computing - Math.max(computingMax, processes.resumed);
    const hasRest = extra < this.computingExtra && queue.hasResting(lightOnly);
    if (hasRest && (this.needsMoreHomes || extra < this.longRunning().length))
      return placement.next({ restingOnly: true, lightOnly });
    placement.full();
    return undefined;
  }

  /** Processes whose run counts as long and doesn't wait for bindings. A heavy tenant's run does so from its start. */
  longRunning(): SandboxProcess[] {
    const { heavy, placement, processes } = this.pool;
    const { longMs } = placement;
    const isLong = ({ currentRun, isWaiting, runningMs = 0 }: SandboxProcess): boolean =>
      currentRun !== undefined && !isWaiting && (runningMs >= longMs || heavy.has(currentRun.tenantId));
    return [...processes].filter(isLong);
  }

  /**
   * Whether the remaining processes are kept for tenants that have nothing in a process. They are if the runs in all
   * other processes wait for bindings, or their scripts called some in their last run: such runs may last until their
   * time limit.
   */
  get isRestKept(): boolean {
    const { limits, processes, calling } = this.pool;
    const kept = keptWorkers(limits.max, this.severalTenants);
    if (kept === 0 || limits.max - processes.count('busy') > kept) return false;
    let waiting = 0;
    for (const process of processes)
      if (process.isWaiting || (process.currentRun && calling.callsOf(process.currentRun) > 0)) waiting += 1;
    return waiting >= limits.max - kept;
  }

  /**
   * Whether only runs of tenants that are not heavy may begin, because the others have all their places. They always
   * have one, so that each of their runs has its turn.
   */
  get isLightOnly(): boolean {
    const { heavy, limits, processes, queue } = this.pool;
    if (!queue.hasHeavy) return false;
    const others = keptWorkers(limits.max, this.severalTenants) + processes.awaitingBindings;
    const long = this.longRunning().length;
    if (long < Math.min(this.computingMax, limits.max - others)) return false;
    if (long > 0) return true;
    for (const { currentRun } of processes) if (currentRun && heavy.has(currentRun.tenantId)) return true;
    return false;
  }

  /**
   * Whether no busy process has room for another home, and homes are used again. Then an extra process is worth the
   * processor caches that it takes.
   */
  private get needsMoreHomes(): boolean {
    const { placement, processes } = this.pool;
    if (!placement.areHomesUsedAgain) return false;
    for (const { state, fullness } of processes) if (state === 'busy' && fullness < FULL) return false;
    return true;
  }
}
