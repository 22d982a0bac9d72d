import { messageOf } from '../../common/errors.js';
import { mostKeptMemoryMb } from '../../common/kept-memory.js';
import { FairTimer } from '../../common/fair-timer.js';
import type { FailureKind, Outcome } from '../outcome.js';
import type { PreparedRun } from '../prepared-run.js';
import type { IsolationMode } from '../protocol.js';
import type { Blame, EndReason, SandboxEvent, SandboxStats } from '../sandbox-events.js';
import { availableParallelism } from 'node:os';
import { SandboxStartError } from '../sandbox.errors.js';
import type { ProcessLimits } from '../sandbox.limits.js';
import { dirname } from 'node:path';
import { CHILD_ENTRY } from './child-entry.js';
import { childFlags } from './child-flags.js';
import { nodeBinary } from './node-binary.js';
import { AloneScripts } from './alone-scripts.js';
import { BlameRecord } from './blame-record.js';
import { CallingScripts } from './calling-scripts.js';
import { MemoryWatch, residentMb } from './memory-watch.js';
import { Placement } from './placement.js';
import type { Placed } from './placement.js';
import { RestartPolicy } from './restart-policy.js';
import type { ExchangeEnds } from './run-exchange.js';
import { neverRan, RunQueue } from './run-queue.js';
import type { QueuedRun } from './run-queue.js';
import { SandboxProcess } from './sandbox-process.js';
import type { ProcessExitReport, ProcessListener } from './sandbox-process.js';
import { NO_PROCESS, startErrorOf } from './start-error.js';

/** Reasons for which a script is to blame. */
const BLAMED = new Set<EndReason>(['timeout', 'memory', 'crashed']);
/** Runs between two looks at the memory of a process. */
const MEMORY_CHECK_EVERY = 64;
/**
 * Processor time in which a run can leave tens of megabytes in its home, too fast for the watch to see: some of them would
 * fill the process, and the next run in it would be stopped for what others left.
 */
const LONG_RUN_CPU_MS = 5;
/** What ends all processes of a host together; one that has not yet begun to ignore them ends too. */
const FROM_OUTSIDE = new Set<NodeJS.Signals>([
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
]);
/** Times a run begins anew after a process gave it back. */
const MOST_RETURNS = 2;

/**
 * Runs that may compute beyond the number of cores, as a share of it: only those of tenants of which nothing is in a process.
 * So the endless loops of one tenant keep nobody else waiting, and a run takes half as long again at most.
 */
const EXTRA_SHARE = 0.5;

/** Ends after which the home that the run had is gone. */
const UNCLEAN = new Set<FailureKind>(['timeout', 'memory']);
const isUnclean = (outcome: Outcome): boolean =>
  outcome.status === 'failed' && UNCLEAN.has(outcome.error.kind);

/** How processes are started. */
export interface HowToStart {
  isolation: IsolationMode;
  permissions: boolean;
  /** The binary; by default this process's own. */
  nodePath: string | undefined;
  /** The program; by default the one of the package that runs. */
  childPath: string | undefined;
}

/**
 * The processes and the runs that wait for one. As many processes as there is work for, up to `max`: one per core for
 * runs that compute, half as many more for tenants of which nothing runs, further ones only while runs wait for bindings,
 * and one spare that is warm when it is needed. Runs take turns over tenants.
 */
export class SandboxPool implements ProcessListener {
  private readonly processes = new Set<SandboxProcess>();
  private readonly queue = new RunQueue();
  private readonly restarts = new RestartPolicy();
  private readonly blames = new BlameRecord();
  /** How often a run was given back by a process. */
  private readonly returns = new WeakMap<PreparedRun, number>();
  private readonly memory: MemoryWatch;
  private readonly alone: AloneScripts;
  private readonly calling = new CallingScripts();
  private readonly placement: Placement;
  private holdTimer: NodeJS.Timeout | undefined;
  private readonly ended: Partial<Record<EndReason, number>> = {};
  private readonly computingMax: number;
  private readonly computingExtra: number;
  private sweeper: NodeJS.Timeout | undefined;
  private restartTimer: NodeJS.Timeout | undefined;
  private stopping = false;
  private lastStartError: SandboxStartError;
  private runs = 0;
  private killed = 0;
  private changed: (() => void)[] = [];

  constructor(
    private readonly limits: ProcessLimits,
    private readonly how: HowToStart,
    private readonly emit: (event: SandboxEvent) => void,
  ) {
    this.lastStartError = this.startError('');
    this.computingMax = limits.computing ?? availableParallelism();
    this.computingExtra = Math.max(1, Math.floor(this.computingMax * EXTRA_SHARE));
    this.alone = new AloneScripts(how.isolation);
    this.placement = new Placement(this.queue, this.processes, ({ run }) => this.alone.homeOf(run));
    this.memory = new MemoryWatch(() => this.processes, limits.memoryMb);
  }

  /**
   * Resolves when `min` processes, and at least one, are warm.
   *
   * @throws SandboxStartError at once when none can even be tried, else when they fail again and again
   */
  async start(): Promise<void> {
    this.memory.start();
    this.sweeper ??= setInterval(() => this.shrink(), Math.max(50, this.limits.idleMs / 4)).unref();
    const wanted = Math.max(1, this.limits.min);
    while (this.processes.size < wanted) this.spawn();
    while (!this.stopping && this.count('idle') + this.count('busy') < wanted) {
      if (this.restarts.isCrashLoop) throw this.lastStartError;
      await this.change();
    }
  }

  run(run: PreparedRun): Promise<Outcome> {
    if (this.stopping) return Promise.resolve(neverRan('cancelled', 'The sandbox is stopped'));
    if (this.isOutOfOrder) {
      return Promise.resolve(neverRan('crashed', NO_PROCESS));
    }
    const outcome = this.queue.add(run);
    this.dispatch();
    return outcome;
  }

  /** Ends everything; running scripts may take `graceMs` to end by themselves. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restartTimer);
    clearTimeout(this.holdTimer);
    clearInterval(this.sweeper);
    this.queue.clear('cancelled', 'The sandbox is stopped');
    for (const process of this.processes) process.retire('stopped');
    this.notifyChange();
    const timer = new FairTimer(graceMs, () => this.cancelAll());
    while (this.processes.size > 0) await this.change();
    timer.cancel();
    this.memory.stop();
  }

  stats(): SandboxStats {
    const states = { starting: 0, idle: 0, busy: 0, draining: 0 };
    let rssMb = 0;
    for (const process of this.processes) {
      if (process.state !== 'ended') states[process.state]++;
      if (process.pid) rssMb += residentMb(process.pid) ?? process.memoryMb;
    }
    return {
      processes: states,
      awaitingBindings: this.countWaiting(),
      queued: this.waiting,
      runs: this.runs,
      killed: this.killed,
      restarts: { ...this.ended },
      rssBytes: Math.round(rssMb * 1024 * 1024),
      crashLoop: this.restarts.crashLoop(),
    };
  }

  blame(): Blame[] {
    return this.blames.list();
  }

  onReady(process: SandboxProcess): void {
    this.restarts.succeeded();
    const startMs = Math.round(performance.now() - process.createdAt);
    this.emit({ type: 'process-started', pid: process.pid!, startMs });
    this.dispatch();
    this.notifyChange();
  }

  onIdle(process: SandboxProcess): void {
    if (this.stopping) return process.retire('stopped');
    if (process.runs >= this.limits.maxRuns) process.retire('aged');
    else if (this.isBloated(process)) process.retire('bloated');
    this.dispatch();
    if (this.changed.length > 0) this.notifyChange();
  }

  onGoesOn(process: SandboxProcess): void {
    if (this.isBloated(process)) process.replace('bloated');
    this.dispatch();
  }

  onWaitingChanged(process: SandboxProcess): void {
    if (process.isWaiting) this.dispatch();
  }

  onRunLost(process: SandboxProcess, run: PreparedRun, reason: FailureKind & EndReason): void {
    if (!BLAMED.has(reason)) return;
    this.alone.add(run);
    this.killed++;
    this.emit({ type: 'process-killed', pid: process.pid ?? 0, blame: this.blames.add(run, reason, reason) });
  }

  onExit({ process, reason, code, signal, stderr }: ProcessExitReport): void {
    this.processes.delete(process);
    this.ended[reason] = (this.ended[reason] ?? 0) + 1;
    this.emit({ type: 'process-ended', pid: process.pid ?? 0, reason, code, signal });
    if (signal !== null && FROM_OUTSIDE.has(signal)) this.restarts.disturbed();
    else if (reason === 'start-failed' || reason === 'died') this.onFailure(this.startError(stderr));
    this.dispatch();
    this.notifyChange();
  }

  private onFailure(error: SandboxStartError): void {
    this.lastStartError = error;
    const loop = this.restarts.failed();
    if (!loop) return;
    this.emit({ type: 'crash-loop', ...loop, message: error.message });
    // Nobody knows when a process will start: a run that fails now is retried, but one that waits forever is lost.
    if (this.processes.size === 0) this.queue.clear('crashed', NO_PROCESS);
  }

  private dispatch(): void {
    for (let next = this.next(); next; next = this.next()) this.runIn(next);
    const { lookAgainMs } = this.placement;
    if (lookAgainMs !== undefined) this.dispatchLater(lookAgainMs);
    else this.giveAhead();
    this.scale();
  }

  /** By then a run that waits for a busy process goes to another one. The busy one keeps the host alive. */
  private dispatchLater(ms: number): void {
    this.holdTimer ??= setTimeout(() => {
      this.holdTimer = undefined;
      this.dispatch();
    }, ms).unref();
  }

  /** What would wait for a process anyway waits in the one that runs its script: there it begins without a way between. */
  private giveAhead(): void {
    if (this.queue.size === 0) return;
    for (const process of this.processes) {
      if (process.hasAhead || process.runs >= this.limits.maxRuns) continue;
      const [entry] = this.queue.first(1, false);
      if (!entry?.mayGoAhead || this.calling.has(entry.run)) return;
      const home = this.alone.homeOf(entry.run);
      if (process.takesAhead(entry.run, home)) process.runAhead(entry.run, home, this.endsOf(entry));
    }
  }

  private runIn({ entry, process }: Placed): void {
    process.run(entry.run, this.alone.homeOf(entry.run), this.endsOf(entry));
  }

  /** Takes a run out of the queue; it ends in one of these ways. */
  private endsOf({ run, resolve, begin }: QueuedRun): ExchangeEnds {
    const returns = this.returns.get(run) ?? 0;
    const { ended, putBack } = begin();
    return {
      onEnd: (outcome, touched) => {
        this.runs++;
        this.placement.ran(outcome.metrics.durationMs);
        this.calling.ended(run, outcome.metrics.bindingCalls);
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

  /** In a crash loop, with no process and none to be started yet. */
  private get isOutOfOrder(): boolean {
    return this.restarts.isCrashLoop && this.processes.size === 0 && this.restarts.delayMs() > 0;
  }

  private next(): Placed | undefined {
    const computing = this.count('busy') - this.countWaiting();
    this.placement.lookAgainMs = undefined;
    if (computing < this.computingMax) return this.placement.next(false);
    return computing < this.computingMax + this.computingExtra ? this.placement.next(true) : undefined;
  }

  /** Starts what is missing. */
  private scale(): void {
    if (this.stopping) return;
    const missing = this.wanted() - this.live();
    if (missing <= 0) return;
    const delay = this.restarts.delayMs();
    if (delay > 0) return this.scaleLater(delay);
    for (let started = 0; started < missing; started++) {
      if (!this.triesToSpawn()) return this.scaleLater(this.restarts.delayMs());
    }
  }

  /** What cannot even be tried counts as a process that failed: here a run, a timer or an end of a process asks for it. */
  private triesToSpawn(): boolean {
    try {
      this.spawn();
      return true;
    } catch (error) {
      this.onFailure(error as SandboxStartError);
      return false;
    }
  }

  private scaleLater(delay: number): void {
    if (this.restartTimer) return;
    this.restartTimer = setTimeout(() => {
      this.restartTimer = undefined;
      this.scale();
    }, delay);
    // Waiting runs keep the host alive; a pool that only replaces its spare process does not.
    if (this.queue.size === 0) this.restartTimer.unref();
  }

  private wanted(): number {
    const { min, max } = this.limits;
    const waiting = this.countWaiting();
    const computing = this.count('busy') - waiting;
    const working = waiting + Math.min(Math.max(this.computingMax, computing), computing + this.waiting);
    return Math.min(max, Math.max(min, working === 0 ? 0 : working + 1));
  }

  /** Stops processes that have been idle for long and are more than needed. */
  private shrink(): void {
    const needless = this.live() - this.wanted();
    const now = performance.now();
    const idle = [...this.processes].filter(
      (process) => process.state === 'idle' && now - process.idleSince >= this.limits.idleMs,
    );
    for (const process of idle.slice(0, Math.max(0, needless))) process.retire('idle');
  }

  private isBloated(process: SandboxProcess): boolean {
    if (process.pid === undefined) return false;
    const isDue = process.runs % MEMORY_CHECK_EVERY === 0 || process.memoryMb > 0;
    if (!isDue && process.lastCpuMs <= LONG_RUN_CPU_MS) return false;
    process.memoryMb = residentMb(process.pid) ?? 0;
    const bloated = process.memoryMb > this.limits.memoryMb * this.limits.retireAt;
    // Measured again only after a long run or in the next round.
    process.memoryMb = bloated ? process.memoryMb : 0;
    return bloated;
  }

  /**
   * A process as those of the pool are, for who gives it other work.
   *
   * @throws SandboxStartError when it cannot even be tried: a file or package is missing, or the system refuses
   */
  newProcess(listener: ProcessListener): SandboxProcess {
    try {
      return this.tryNewProcess(listener);
    } catch (error) {
      throw error instanceof SandboxStartError ? error : this.startError(messageOf(error), error);
    }
  }

  /** Why a process of {@link newProcess} has not started. */
  startError(stderr: string, cause?: unknown): SandboxStartError {
    return startErrorOf(stderr, this.how.childPath, cause);
  }

  private tryNewProcess(listener: ProcessListener): SandboxProcess {
    const { startTimeoutMs, memoryMb, retireAt } = this.limits;
    const { keptMemoryMb = mostKeptMemoryMb(memoryMb, retireAt) } = this.limits;
    const { isolation, permissions, nodePath, childPath: child = CHILD_ENTRY } = this.how;
    const node = nodeBinary(nodePath);
    const program = {
      command: node.path,
      args: [...childFlags(permissions, node, child), child, String(keptMemoryMb)],
      cwd: dirname(child),
    };
    const options = { program, isolation, keptMemoryMb, startTimeoutMs, memoryMb };
    return new SandboxProcess(options, listener);
  }

  private spawn(): void {
    this.processes.add(this.newProcess(this));
  }

  private cancelAll(): void {
    for (const process of this.processes) process.cancel();
  }

  private count(state: SandboxProcess['state']): number {
    let count = 0;
    for (const process of this.processes) if (process.state === state) count++;
    return count;
  }

  /** Runs that have not begun. */
  private get waiting(): number {
    let ahead = 0;
    for (const process of this.processes) if (process.hasAhead) ahead++;
    return this.queue.size + ahead;
  }

  private countWaiting(): number {
    let count = 0;
    for (const process of this.processes) if (process.state === 'busy' && process.isWaiting) count++;
    return count;
  }

  private live(): number {
    return this.count('starting') + this.count('idle') + this.count('busy');
  }

  /** Resolves when a process has changed its state. */
  private change(): Promise<void> {
    return new Promise((resolve) => this.changed.push(resolve));
  }

  private notifyChange(): void {
    const waiters = this.changed;
    this.changed = [];
    for (const resolve of waiters) resolve();
  }
}
