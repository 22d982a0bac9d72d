import { formatDuration } from '../../common/duration-text.js';
import { TenantTurns } from '../../common/tenant-turns.js';
import type { SourceProblem } from '../outcome.js';
import type { SandboxEvent } from '../sandbox-events.js';
import { SandboxStartError } from '../sandbox.errors.js';
import type { ProcessLimits } from '../sandbox.limits.js';
import { MemoryWatch } from './memory-watch.js';
import type { Watched } from './memory-watch.js';
import { ProcessAges } from './process-ages.js';
import type { ProcessStarter } from './process-starter.js';
import type { ProcessExitReport, ProcessListener, SandboxProcess } from './sandbox-process.js';
import type { StatusFile } from './status-file.js';

/**
 * Milliseconds for one source. A real source takes a few, but a compiler can take minutes for a hostile one of 100 KiB.
 */
const CHECK_TIMEOUT_MS = 2_000;
/**
 * How many checks may run and wait. Two run at once: with one, a slow check would block other tenants; with more, a
 * host with two cores would hardly run scripts.
 */
const TURNS = { atOnce: 2, perTenant: 20, all: 1_000 };
/**
 * How often a check is tried. Something outside may end or stop a process once; if it happens twice, the source is
 * blamed.
 */
const ATTEMPTS = 2;

const TOO_SLOW: SourceProblem = {
  code: 'too-slow',
  message: `Compiling takes longer than ${formatDuration(CHECK_TIMEOUT_MS)}. Make the source shorter or simpler; regular expressions with character sets and deep nesting take the longest.`,
};
const TOO_LARGE: SourceProblem = {
  code: 'too-slow',
  message: 'Compiling takes too much memory. Make the source shorter or simpler, with less nesting.',
};

/** A check in progress. */
class OpenCheck implements Watched {
  memoryMb = 0;
  /** Whether something outside stopped the process. Then a timeout is not the source's fault. */
  stoodStill = false;
  private readonly startedAt = performance.now();

  constructor(private readonly process: SandboxProcess) {}

  get status(): StatusFile {
    return this.process.status;
  }

  get runningMs(): number {
    return performance.now() - this.startedAt;
  }

  overMemory(): void {
    this.process.kill('memory');
  }

  noteStopped(): void {
    this.stoodStill = true;
  }

  /** Does nothing, because nothing waits behind a check. */
  runsLong(): void {}

  cancel(): void {
    this.process.kill('cancelled');
  }
}

/**
 * Checks sources in processes of their own, beside the pool: a source that is slow to compile holds up no run, and a
 * process that it ends doesn't count against the pool. The processes start when a check needs them, and end after
 * `idleMs` without a check, or when they are too old.
 */
export class SourceChecks implements ProcessListener {
  private readonly turns = new TenantTurns(TURNS);
  private readonly processes = new Set<SandboxProcess>();
  private readonly idle: SandboxProcess[] = [];
  private readonly open = new Set<OpenCheck>();
  private readonly starting = new Map<SandboxProcess, PromiseWithEnds>();
  private readonly memory: MemoryWatch;
  private readonly ages: ProcessAges;
  private idleTimer: NodeJS.Timeout | undefined;
  private stopping = false;
  private allEnded: (() => void) | undefined;

  constructor(
    private readonly limits: Pick<ProcessLimits, 'idleMs' | 'maxAgeMs' | 'memoryMb'>,
    private readonly starter: ProcessStarter,
    private readonly emit: (event: SandboxEvent) => void,
  ) {
    this.memory = new MemoryWatch(() => this.open, limits.memoryMb);
    this.ages = new ProcessAges(limits.maxAgeMs, (process) => {
      if (this.leavesIdle(process)) process.retire('expired');
    });
  }

  /**
   * The first problem of a source, or null. Compiling that takes too long or too much memory, or ends the process, is a
   * problem too.
   *
   * @throws SandboxStartError if no process can be started, or the system refuses it a thread
   * @throws SourceChecksFullError if too many sources wait
   */
  check(source: string, tenantId: string | undefined): Promise<SourceProblem | null> {
    return this.turns.take(tenantId, () => this.checkNow(source));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.idleTimer);
    this.memory.stop();
    const ended = new Promise<void>((resolve) => (this.allEnded = resolve));
    for (const process of this.processes) process.retire('stopped');
    for (const check of this.open) check.cancel();
    if (this.processes.size > 0) await ended;
  }

  rssMb(): number {
    let sum = 0;
    for (const { status } of this.processes) sum += status.read()?.residentMb ?? 0;
    return sum;
  }

  onReady(process: SandboxProcess): void {
    const startMs = Math.round(performance.now() - process.createdAt);
    this.emit({ type: 'process-started', pid: process.pid!, startMs });
    this.starting.get(process)?.resolve();
    this.starting.delete(process);
  }

  onIdle(process: SandboxProcess): void {
    if (this.stopping) return process.retire('stopped');
    if (this.ages.isOld(process)) return process.retire('expired');
    this.idle.push(process);
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.endIdle(), this.limits.idleMs).unref();
  }

  onExit({ process, reason, code, signal, stderr }: ProcessExitReport): void {
    this.processes.delete(process);
    this.ages.ended(process);
    this.leavesIdle(process);
    this.emit({ type: 'process-ended', pid: process.pid ?? 0, reason, code, signal });
    this.starting.get(process)?.reject(this.starter.startError(stderr));
    this.starting.delete(process);
    if (this.processes.size === 0) this.allEnded?.();
  }

  /** No script runs here. */
  onWaitingChanged(): void {}
  onGoesOn(): void {}
  onRunLost(): void {}

  private async checkNow(source: string): Promise<SourceProblem | null> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const process = this.idle.pop() ?? (await this.start());
      const check = new OpenCheck(process);
      this.open.add(check);
      this.memory.start();
      const checked = await process.check(source, CHECK_TIMEOUT_MS);
      this.open.delete(check);
      if (this.open.size === 0) this.memory.stop();
      if ('problem' in checked) return checked.problem;
      if (this.stopping) break;
      if (checked.lostFor === 'no-threads') throw this.starter.startError(process.stderr);
      if (checked.lostFor === 'timeout' && !check.stoodStill) return TOO_SLOW;
      if (checked.lostFor === 'memory') return TOO_LARGE;
    }
    if (this.stopping) throw stopped();
    return TOO_LARGE;
  }

  private async start(): Promise<SandboxProcess> {
    if (this.stopping) throw stopped();
    const process = this.starter.newProcess(this);
    this.processes.add(process);
    await new Promise<void>((resolve, reject) => this.starting.set(process, { resolve, reject }));
    this.ages.begins(process);
    return process;
  }

  /** Takes a process out of the idle ones. Returns whether it was one. */
  private leavesIdle(process: SandboxProcess): boolean {
    const at = this.idle.indexOf(process);
    if (at >= 0) this.idle.splice(at, 1);
    return at >= 0;
  }

  private endIdle(): void {
    for (const process of this.idle.splice(0)) process.retire('idle');
  }
}

interface PromiseWithEnds {
  resolve: () => void;
  reject: (error: Error) => void;
}

const stopped = (): SandboxStartError => new SandboxStartError('The sandbox is stopped');
