import { availableParallelism } from 'node:os';
import { HOST_SIGNALS } from '../host-signals.js';
import type { EndReason, SandboxEvent, SandboxStats } from '../sandbox-events.js';
import type { SandboxStartError } from '../sandbox.errors.js';
import type { ProcessLimits } from '../sandbox.limits.js';
import type { PoolProcesses } from './pool-processes.js';
import type { ProcessStarter } from './process-starter.js';
import { RestartPolicy } from './restart-policy.js';
import { NO_PROCESS } from './start-error.js';
import type { RunQueue } from './run-queue.js';
import type { ProcessExitReport, ProcessListener } from './sandbox-process.js';

/** Reasons for which the next process would probably end, too. */
const FAILURES: ReadonlySet<EndReason> = new Set<EndReason>(['start-failed', 'died', 'no-threads']);
const FROM_OUTSIDE: ReadonlySet<NodeJS.Signals> = new Set(HOST_SIGNALS);

/** The parts of the pool that its size depends on. */
interface Pool {
  limits: ProcessLimits;
  starter: ProcessStarter;
  processes: PoolProcesses;
  queue: RunQueue;
  /** Listens to the processes that are started. */
  listener: ProcessListener;
  emit: (event: SandboxEvent) => void;
}

/**
 * Decides how many processes the pool has, between `min` and `max`: as many as the work needs, and a spare one while
 * there is work. Starts missing processes, with growing delays if starts fail, and ends surplus ones that have been
 * idle for `idleMs`.
 */
export class PoolSize {
  /** How many runs may compute at the same time. */
  readonly computingMax: number;
  private readonly restarts = new RestartPolicy();
  private sweeper: NodeJS.Timeout | undefined;
  private restartTimer: NodeJS.Timeout | undefined;
  private nextStart: NodeJS.Immediate | undefined;
  private lastStartError: SandboxStartError;
  /** Calls of {@link start} that have not settled. */
  private awaited = 0;
  private stopping = false;

  constructor(private readonly pool: Pool) {
    this.computingMax = pool.limits.computing ?? availableParallelism();
    this.lastStartError = pool.starter.startError('');
  }

  /**
   * Resolves when `min` processes, and at least one, are warm.
   *
   * @throws SandboxStartError immediately if no start can be tried, otherwise after repeated failures
   */
  async start(): Promise<void> {
    const { limits, processes } = this.pool;
    this.sweeper ??= setInterval(() => this.shrink(), Math.max(50, limits.idleMs / 4)).unref();
    const wanted = Math.max(1, limits.min);
    while (processes.size < wanted) this.spawn();
    this.awaited++;
    try {
      while (!this.stopping && processes.count('idle') + processes.count('busy') < wanted) {
        if (this.restarts.isCrashLoop) throw this.lastStartError;
        await processes.change();
      }
    } finally {
      this.awaited--;
    }
  }

  /** Starts no further processes. */
  stop(): void {
    this.stopping = true;
    clearTimeout(this.restartTimer);
    clearImmediate(this.nextStart);
    clearInterval(this.sweeper);
  }

  /** True if the pool is in a crash loop, has no process and may not start one yet. */
  get isOutOfOrder(): boolean {
    return this.restarts.isCrashLoop && this.pool.processes.size === 0 && this.restarts.delayMs() > 0;
  }

  crashLoop(): SandboxStats['crashLoop'] {
    return this.restarts.crashLoop();
  }

  onReady(): void {
    this.restarts.succeeded();
  }

  onExit({ reason, signal, stderr }: ProcessExitReport): void {
    if (signal !== null && FROM_OUTSIDE.has(signal)) this.restarts.disturbed();
    else if (FAILURES.has(reason)) this.onFailure(this.pool.starter.startError(stderr));
  }

  /**
   * Starts missing processes, one in each turn of the event loop, because each start blocks the host for tens of
   * milliseconds, and longer if the host has much memory.
   */
  scale(): void {
    if (this.stopping || this.nextStart || this.wanted() <= this.pool.processes.live) return;
    const delay = this.restarts.delayMs();
    if (delay > 0) return this.scaleLater(delay);
    if (!this.triesToSpawn()) return this.scaleLater(this.restarts.delayMs());
    this.nextStart = setImmediate(() => {
      this.nextStart = undefined;
      this.scale();
    });
  }

  private onFailure(error: SandboxStartError): void {
    const { emit, processes, queue } = this.pool;
    this.lastStartError = error;
    const loop = this.restarts.failed();
    if (!loop) return;
    emit({ type: 'crash-loop', ...loop, message: error.message });
    // A run that fails now is retried. In the queue, it might wait forever, because perhaps no process ever starts.
    if (processes.size === 0) queue.clear('crashed', NO_PROCESS);
  }

  /**
   * Starts a process. If the start can't be tried, counts a failure and returns false: the run, timer or end of a
   * process that asked for the start must not get the error.
   */
  private triesToSpawn(): boolean {
    try {
      this.spawn();
      return true;
    } catch (error) {
      this.onFailure(error as SandboxStartError);
      return false;
    }
  }

  private spawn(): void {
    const { processes, starter, listener } = this.pool;
    processes.add(starter.newProcess(listener));
  }

  private scaleLater(delay: number): void {
    this.restartTimer ??= setTimeout(() => {
      this.restartTimer = undefined;
      this.scale();
    }, delay);
    // Waiting runs and calls of `start` keep the host alive; a pool that only replaces its spare process does not.
    if (this.pool.queue.size === 0 && this.awaited === 0) this.restartTimer.unref();
    else this.restartTimer.ref();
  }

  private wanted(): number {
    const { limits, processes, queue } = this.pool;
    const { min, max } = limits;
    const { computing } = processes;
    const toCompute = Math.min(
      Math.max(this.computingMax, computing),
      computing + queue.size + processes.ahead,
    );
    const working = processes.awaitingBindings + toCompute;
    return Math.min(max, Math.max(min, working === 0 ? 0 : working + 1));
  }

  /** Stops surplus processes that have been idle for long. */
  private shrink(): void {
    const { limits, processes } = this.pool;
    const needless = processes.live - this.wanted();
    const now = performance.now();
    const idle = [...processes].filter(
      (process) => process.state === 'idle' && now - process.idleSince >= limits.idleMs,
    );
    for (const process of idle.slice(0, Math.max(0, needless))) process.retire('idle');
  }
}
