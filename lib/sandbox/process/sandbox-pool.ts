import { afterSockets } from '../../common/after-sockets.js';
import { keptWorkers } from '../../common/kept-workers.js';
import { FairTimer } from '../../common/fair-timer.js';
import type { FailureKind, Outcome } from '../outcome.js';
import type { PreparedRun } from '../prepared-run.js';
import type { IsolationMode } from '../protocol.js';
import type { Blame, EndReason, SandboxEvent, SandboxStats } from '../sandbox-events.js';
import type { ProcessLimits } from '../sandbox.limits.js';
import { AloneScripts } from './alone-scripts.js';
import { BlameRecord } from './blame-record.js';
import { isBloated } from './bloat.js';
import { CallingScripts } from './calling-scripts.js';
import { HeavyTenants } from './heavy-tenants.js';
import { MemoryWatch } from './memory-watch.js';
import { Placement } from './placement.js';
import type { Placed } from './placement.js';
import { PoolProcesses } from './pool-processes.js';
import { PoolSize } from './pool-size.js';
import { ProcessAges } from './process-ages.js';
import type { ProcessStarter } from './process-starter.js';
import type { ExchangeEnds } from './run-exchange.js';
import { neverRan, RunQueue } from './run-queue.js';
import type { QueuedRun } from './run-queue.js';
import type { ProcessExitReport, ProcessListener, SandboxProcess } from './sandbox-process.js';
import { NO_PROCESS } from './start-error.js';

/** Reasons that are a script's fault. */
const BLAMED = new Set<EndReason>(['timeout', 'memory', 'crashed']);
/** How often a run may start again after a process gave it back. */
const MOST_RETURNS = 2;

/**
 * How many extra runs may compute beside long runs, or while the busy processes have no room for more homes, as a share
 * of the runs that may compute otherwise. Extra runs are only for tenants that have nothing in a process. So endless
 * loops of one tenant don't block the others, and a run takes at most 1.5 times as long (twice if only one may compute
 * otherwise).
 */
const EXTRA_SHARE = 0.5;
/** A process has no room once it uses this share of its memory for homes. */
const FULL = 0.9;
/** Failures after which the run's home is gone. */
const UNCLEAN = new Set<FailureKind>(['timeout', 'memory']);
const isUnclean = (outcome: Outcome): boolean =>
  outcome.status === 'failed' && UNCLEAN.has(outcome.error.kind);

/**
 * The processes, and the runs that wait for one. By default, one run per core may compute. Beside long runs, half as
 * many extra runs may compute, for tenants that have nothing in a process. A run that waits for bindings doesn't count
 * as computing. Tenants take turns. If there are several tenants, runs that call bindings leave a quarter of the
 * processes, and at least one of two or more, to tenants that have nothing in a process.
 *
 * Runs of heavy tenants compute in no extra place, and leave as many processes to the other tenants. So those always
 * find a process soon, however many heavy tenants there are.
 */
export class SandboxPool implements ProcessListener {
  private readonly processes = new PoolProcesses();
  private readonly heavy = new HeavyTenants((tenantId) => this.onLight(tenantId));
  private readonly queue = new RunQueue((tenantId) => this.heavy.has(tenantId));
  private readonly size: PoolSize;
  private readonly blames = new BlameRecord();
  /** How often a process gave a run back. */
  private readonly returns = new WeakMap<PreparedRun, number>();
  private readonly memory: MemoryWatch;
  private readonly ages: ProcessAges;
  private readonly alone: AloneScripts;
  private readonly calling = new CallingScripts();
  private readonly placement: Placement;
  private holdTimer: NodeJS.Timeout | undefined;
  private longTimer: NodeJS.Timeout | undefined;
  private readonly ended: Partial<Record<EndReason, number>> = {};
  private readonly computingExtra: number;
  private firstTenant: string | undefined;
  private severalTenants = false;
  private stopping = false;
  private runs = 0;
  private killed = 0;

  constructor(
    private readonly limits: ProcessLimits,
    isolation: IsolationMode,
    starter: ProcessStarter,
    private readonly emit: (event: SandboxEvent) => void,
  ) {
    const { processes, queue } = this;
    this.size = new PoolSize({ limits, starter, processes, queue, listener: this, emit });
    this.computingExtra = Math.max(1, Math.floor(this.size.computingMax * EXTRA_SHARE));
    this.alone = new AloneScripts(isolation);
    this.placement = new Placement(queue, processes, ({ run }) => this.alone.homeOf(run));
    this.memory = new MemoryWatch(() => processes, limits.memoryMb);
    this.ages = new ProcessAges(limits.maxAgeMs, (process) => this.onOld(process));
  }

  /**
   * Resolves when `min` processes, and at least one, are warm.
   *
   * @throws SandboxStartError immediately if no start can be tried, otherwise after repeated failures
   */
  start(): Promise<void> {
    this.memory.start();
    return this.size.start();
  }

  run(run: PreparedRun): Promise<Outcome> {
    if (this.stopping) return Promise.resolve(neverRan('cancelled', 'The sandbox is stopped'));
    if (this.size.isOutOfOrder) return Promise.resolve(neverRan('crashed', NO_PROCESS));
    this.firstTenant ??= run.tenantId;
    this.severalTenants ||= run.tenantId !== this.firstTenant;
    const outcome = this.queue.add(run);
    this.dispatch();
    return outcome;
  }

  /** Ends all processes. Running scripts have `graceMs` to finish. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    this.size.stop();
    clearTimeout(this.holdTimer);
    clearTimeout(this.longTimer);
    this.heavy.stop();
    this.queue.clear('cancelled', 'The sandbox is stopped');
    for (const process of this.processes) process.retire('stopped');
    this.processes.notifyChange();
    const timer = new FairTimer(graceMs, () => this.cancelAll());
    while (this.processes.size > 0) await this.processes.change();
    timer.cancel();
    this.memory.stop();
  }

  stats(): SandboxStats {
    const { processes, queue } = this;
    return {
      processes: processes.states(),
      awaitingBindings: processes.awaitingBindings,
      queued: queue.size + processes.ahead,
      runs: this.runs,
      killed: this.killed,
      restarts: { ...this.ended },
      rssBytes: Math.round(processes.rssMb() * 1024 * 1024),
      crashLoop: this.size.crashLoop(),
    };
  }

  isHeavy(tenantId: string): boolean {
    return this.heavy.has(tenantId);
  }

  heavyTenants(): string[] {
    return this.heavy.list();
  }

  blame(): Blame[] {
    return this.blames.list();
  }

  onReady(process: SandboxProcess): void {
    this.size.onReady();
    const startMs = Math.round(performance.now() - process.createdAt);
    this.emit({ type: 'process-started', pid: process.pid!, startMs });
    this.dispatch();
    this.processes.notifyChange();
  }

  onIdle(process: SandboxProcess): void {
    if (this.stopping) return process.retire('stopped');
    if (this.ages.isOld(process)) process.retire('expired');
    else if (process.runs >= this.limits.maxRuns || process.hasManyLimits) process.retire('aged');
    else if (isBloated(process, this.limits)) process.retire('bloated');
    this.dispatch();
    this.processes.notifyChange();
  }

  onGoesOn(process: SandboxProcess): void {
    if (isBloated(process, this.limits)) process.replace('bloated');
    this.dispatch();
  }

  onWaitingChanged(process: SandboxProcess): void {
    if (process.isWaiting) this.dispatch();
    else if (this.placement.lookAgainMs === undefined) this.giveAhead();
  }

  onRunLost(process: SandboxProcess, run: PreparedRun, reason: FailureKind & EndReason): void {
    if (!BLAMED.has(reason)) return;
    this.alone.add(run);
    this.killed++;
    this.emit({ type: 'process-killed', pid: process.pid ?? 0, blame: this.blames.add(run, reason, reason) });
  }

  onExit(report: ProcessExitReport): void {
    const { process, reason, code, signal } = report;
    this.processes.delete(process);
    this.ages.ended(process);
    this.ended[reason] = (this.ended[reason] ?? 0) + 1;
    this.emit({ type: 'process-ended', pid: process.pid ?? 0, reason, code, signal });
    this.size.onExit(report);
    this.dispatch();
    this.processes.notifyChange();
  }

  /** A process takes no more runs. If one is in progress, {@link onIdle} replaces the process when the run has ended. */
  private onOld(process: SandboxProcess): void {
    if (process.state === 'idle') process.retire('expired');
    else process.takeBackAhead();
    this.dispatch();
    this.processes.notifyChange();
  }

  /** Nothing else would look at the tenant's waiting runs before one of its runs begins, ends or is added. */
  private onLight(tenantId: string): void {
    this.queue.relist(tenantId);
    this.dispatch();
  }

  private dispatch(): void {
    for (let next = this.next(); next; next = this.next()) this.runIn(next);
    const { lookAgainMs } = this.placement;
    if (lookAgainMs !== undefined) this.dispatchLater(lookAgainMs);
    else this.giveAhead();
    this.watchLong();
    this.size.scale();
  }

  /**
   * Dispatches again after this time: a run that still waits for a busy process then goes to another one. The timer
   * need not keep the host alive, because the busy process does.
   */
  private dispatchLater(ms: number): void {
    this.holdTimer ??= setTimeout(() => {
      this.holdTimer = undefined;
      this.dispatch();
    }, ms).unref();
  }

  /**
   * Sends waiting runs ahead into busy processes that have their homes, one for each process before a second one for
   * any. When the current run ends, the next run that is ahead begins without a message from the parent.
   */
  private giveAhead(): void {
    const { placement, processes, queue } = this;
    for (let place = 0; place < placement.mostAhead; place++) {
      for (const process of processes) {
        if (queue.size === 0) return;
        if (process.runsAhead <= place) this.giveAheadIn(process);
      }
    }
  }

  private giveAheadIn(process: SandboxProcess): void {
    const { ages, calling, limits, placement } = this;
    const { currentRun, runsAhead } = process;
    if (!currentRun || process.runs + runsAhead >= limits.maxRuns || process.hasManyLimits) return;
    if (ages.isOld(process)) return;
    const callsBefore = calling.callsOf(currentRun);
    // Behind a run of a heavy tenant, it would often be taken back.
    if (this.heavy.has(currentRun.tenantId)) return;
    // Behind a run whose script calls bindings, more than one would often be taken back.
    if (process.calls < callsBefore || (runsAhead > 0 && callsBefore > 0)) return;
    const entry = placement.ahead(
      (one) => this.takesAhead(process, one),
      ({ run }) => run.home === currentRun.home,
      { lightOnly: this.isLightOnly },
    );
    if (entry) process.runAhead(entry.run, this.alone.homeOf(entry.run), this.endsOf(entry));
  }

  /**
   * Whether a process takes a run ahead. A run of another script than the current one is taken only if its script
   * called no bindings in its last run, because {@link isRestKept} looks at current runs only; and only while no
   * processes are kept for other tenants. A run of a heavy tenant is never taken, because {@link isLightOnly} also looks
   * at current runs only.
   */
  private takesAhead(process: SandboxProcess, { run }: QueuedRun): boolean {
    const home = this.alone.homeOf(run);
    if (this.heavy.has(run.tenantId) || !process.takesAhead(run, home)) return false;
    return process.isOfCurrentScript(run, home) || (this.calling.callsOf(run) === 0 && !this.isRestKept);
  }

  /**
   * Looks for long runs while any run waits. If a process is idle, takes back the runs that are ahead behind long ones.
   */
  private watchLong(): void {
    if (this.longTimer || this.stopping || (this.queue.size === 0 && this.processes.ahead === 0)) return;
    const look = (): void => {
      this.longTimer = undefined;
      if (this.stopping) return;
      if (this.processes.count('idle') > 0) for (const process of this.longRunning()) process.takeBackAhead();
      this.dispatch();
    };
    this.longTimer = setTimeout(() => afterSockets(look), this.placement.longMs).unref();
  }

  /** Processes whose run counts as long and doesn't wait for bindings. A heavy tenant's run does so from its start. */
  private longRunning(): SandboxProcess[] {
    const { longMs } = this.placement;
    const isLong = ({ currentRun, isWaiting, runningMs = 0 }: SandboxProcess): boolean =>
      currentRun !== undefined && !isWaiting && (runningMs >= longMs || this.heavy.has(currentRun.tenantId));
    return [...this.processes].filter(isLong);
  }

  private runIn({ entry, process }: Placed): void {
    if (process.runs === 0) this.ages.begins(process);
    process.run(entry.run, this.alone.homeOf(entry.run), this.endsOf(entry));
  }

  /** Takes a run out of the queue, and returns what to do at its end. */
  private endsOf({ run, resolve, begin }: QueuedRun): ExchangeEnds {
    const returns = this.returns.get(run) ?? 0;
    const { ended, putBack } = begin();
    return {
      onEnd: (outcome, touched) => {
        this.runs++;
        this.placement.ran(outcome.metrics.durationMs);
        this.calling.ended(run, outcome.metrics.bindingCalls);
        this.heavy.ran(run.tenantId, outcome);
        if (touched || isUnclean(outcome)) this.alone.add(run);
        else this.alone.endedWell(run);
        ended();
        resolve(outcome);
      },
      mayRunAnew: () => returns < MOST_RETURNS && !this.stopping,
      onGivenBack: (crowded) => {
        if (crowded) this.alone.add(run);
        this.returns.set(run, returns + 1);
        ended();
        void this.run(run).then(resolve);
      },
      onTakenBack: () => {
        putBack();
        if (this.stopping) resolve(neverRan('cancelled', 'The sandbox is stopped'));
        else this.dispatch();
      },
    };
  }

  private next(): Placed | undefined {
    const { computing } = this.processes;
    const { computingMax } = this.size;
    const lightOnly = this.isLightOnly;
    if (computing < computingMax) return this.placement.next({ restingOnly: this.isRestKept, lightOnly });
    // Runs that waited for bindings may go on together, however many they are. They must not take the extra places.
    const extra = computing - Math.max(computingMax, this.processes.resumed);
    const hasRest = extra < this.computingExtra && this.queue.hasResting(lightOnly);
    if (hasRest && (this.needsMoreHomes || extra < this.longRunning().length))
      return this.placement.next({ restingOnly: true, lightOnly });
    this.placement.full();
    return undefined;
  }

  /**
   * Whether no busy process has room for another home, and homes are used again. Then an extra process is worth the
   * processor caches that it takes.
   */
  private get needsMoreHomes(): boolean {
    if (!this.placement.areHomesUsedAgain) return false;
    for (const { state, fullness } of this.processes) if (state === 'busy' && fullness < FULL) return false;
    return true;
  }

  /**
   * Whether the remaining processes are kept for tenants that have nothing in a process. They are if the runs in all
   * other processes wait for bindings, or their scripts called some in their last run: such runs may last until their
   * time limit.
   */
  private get isRestKept(): boolean {
    const { limits, processes, calling } = this;
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
  private get isLightOnly(): boolean {
    const { heavy, limits, processes, queue, severalTenants, size } = this;
    if (!queue.hasHeavy) return false;
    const others = keptWorkers(limits.max, severalTenants) + processes.awaitingBindings;
    const long = this.longRunning().length;
    if (long < Math.min(size.computingMax, limits.max - others)) return false;
    if (long > 0) return true;
    for (const { currentRun } of processes) if (currentRun && heavy.has(currentRun.tenantId)) return true;
    return false;
  }

  private cancelAll(): void {
    for (const process of this.processes) process.cancel();
  }
}
