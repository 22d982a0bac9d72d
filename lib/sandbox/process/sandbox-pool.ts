import { afterSockets } from '../../common/after-sockets.js';
import { FairTimer } from '../../common/fair-timer.js';
import type { FailureKind, Outcome } from '../outcome.js';
import type { PreparedRun } from '../prepared-run.js';
import type { IsolationMode } from '../protocol.js';
import type { Blame, EndReason, SandboxEvent, SandboxStats } from '../sandbox-events.js';
import type { ProcessLimits } from '../sandbox.limits.js';
import { ProcessSharing } from './process-sharing.js';
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
import { RunsAhead } from './runs-ahead.js';
import type { ProcessExitReport, ProcessListener, SandboxProcess } from './sandbox-process.js';
import { NO_PROCESS } from './start-error.js';

/** Reasons that are a script's fault. */
const BLAMED = new Set<EndReason>(['timeout', 'memory', 'crashed']);
/** How often a run may start again after a process gave it back. */
const MOST_RETURNS = 2;
/** Failures after which the run's home is gone. */
const UNCLEAN = new Set<FailureKind>(['timeout', 'memory']);
const isUnclean = (outcome: Outcome): boolean =>
  outcome.status === 'failed' && UNCLEAN.has(outcome.error.kind);

/**
 * The processes, and the runs that wait for one. Tenants take turns. {@link ProcessSharing} says which run may begin,
 * {@link Placement} in which process.
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
  private readonly sharing: ProcessSharing;
  private readonly ahead: RunsAhead;
  private readonly lightListeners = new Set<(tenantId: string) => void>();
  private holdTimer: NodeJS.Timeout | undefined;
  private longTimer: NodeJS.Timeout | undefined;
  private readonly ended: Partial<Record<EndReason, number>> = {};
  private stopping = false;
  private runs = 0;
  private killed = 0;

  constructor(
    private readonly limits: ProcessLimits,
    isolation: IsolationMode,
    starter: ProcessStarter,
    private readonly emit: (event: SandboxEvent) => void,
  ) {
    const { processes, queue, heavy, calling } = this;
    const alone = new AloneScripts(isolation);
    const placement = new Placement(queue, processes, ({ run }) => alone.homeOf(run));
    const ages = new ProcessAges(limits.maxAgeMs, (process) => this.onOld(process));
    const endsOf = (entry: QueuedRun): ExchangeEnds => this.endsOf(entry);
    this.size = new PoolSize({ limits, starter, processes, queue, listener: this, emit });
    const rules = { limits, processes, queue, placement, heavy, calling };
    const sharing = new ProcessSharing(rules, this.size.computingMax);
    this.ahead = new RunsAhead({ ...rules, sharing, alone, ages, endsOf });
    this.memory = new MemoryWatch(() => processes, limits.memoryMb);
    this.alone = alone;
    this.placement = placement;
    this.ages = ages;
    this.sharing = sharing;
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
    this.sharing.noteTenant(run.tenantId);
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

  /** Adds a listener that is called when a tenant is no longer heavy. Call the returned function to remove it. */
  onTenantLight(listener: (tenantId: string) => void): () => void {
    this.lightListeners.add(listener);
    return () => this.lightListeners.delete(listener);
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
    else if (this.placement.lookAgainMs === undefined) this.ahead.give();
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
    for (const listener of this.lightListeners) listener(tenantId);
  }

  private dispatch(): void {
    for (let next = this.sharing.next(); next; next = this.sharing.next()) this.runIn(next);
    const { lookAgainMs } = this.placement;
    if (lookAgainMs !== undefined) this.dispatchLater(lookAgainMs);
    else this.ahead.give();
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
   * Looks for long runs while any run waits. If a process is idle, takes back the runs that are ahead behind long ones.
   */
  private watchLong(): void {
    if (this.longTimer || this.stopping || (this.queue.size === 0 && this.processes.ahead === 0)) return;
    const look = (): void => {
      this.longTimer = undefined;
      if (this.stopping) return;
      if (this.processes.count('idle') > 0)
        for (const process of this.sharing.longRunning()) process.takeBackAhead();
      this.dispatch();
    };
    this.longTimer = setTimeout(() => afterSockets(look), this.placement.longMs).unref();
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

  private cancelAll(): void {
    for (const process of this.processes) process.cancel();
  }
}
