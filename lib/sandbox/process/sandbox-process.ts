import { afterSockets } from '../../common/after-sockets.js';
import { formatDuration } from '../../common/duration-text.js';
import { FairTimer } from '../../common/fair-timer.js';
import type { FailureKind } from '../outcome.js';
import type { PreparedRun } from '../prepared-run.js';
import type { Frame, IsolationMode, ToChild, ToParent, UnsentMessage } from '../protocol.js';
import type { EndReason } from '../sandbox-events.js';
import { ChildLink } from './child-link.js';
import type { Program } from './child-link.js';
import { lackedThread, verdictOf } from './exit-reason.js';
import type { KillReason } from './exit-reason.js';
import { honestBounds, SMALL_MESSAGES } from './heard-run.js';
import type { Watched } from './memory-watch.js';
import { ProcessWork } from './process-work.js';
import type { Checked, Workplace } from './process-work.js';
import { StatusFile } from './status-file.js';
import type { ExchangeEnds, RunExchange } from './run-exchange.js';

export interface ProcessOptions {
  program: Program;
  isolation: IsolationMode;
  keptMemoryMb: number;
  startTimeoutMs: number;
  /**
   * Memory limit. If the process was near it, a SIGKILL from outside counts as one by the system's out-of-memory
   * killer.
   */
  memoryMb: number;
}

export interface ProcessExitReport {
  process: SandboxProcess;
  reason: EndReason;
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

export interface ProcessListener {
  onReady(process: SandboxProcess): void;
  onIdle(process: SandboxProcess): void;
  /** The current run has ended, and the first of the runs that were ahead has begun. */
  onGoesOn(process: SandboxProcess): void;
  onWaitingChanged(process: SandboxProcess): void;
  /** The process ends or has ended with a run in it. Called before the run's caller learns of it. */
  onRunLost(process: SandboxProcess, run: PreparedRun, reason: FailureKind & EndReason): void;
  onExit(report: ProcessExitReport): void;
}

/** Time for a process to tell the log lines that its run has not sent, before it is killed. It needs some 0.1 ms. */
const LAST_LINES_MS = 20;
const NONSENSE = 'The process sent an unknown message';

/**
 * One child process, from its start to its end.
 *
 *   starting ──ready──> idle <──run / done──> busy
 *      │                 │ retire()            │ retire()
 *      │                 v                     v
 *      └─────────────> draining ────────────> ended
 */
export class SandboxProcess implements Watched, Workplace {
  state: 'starting' | 'idle' | 'busy' | 'draining' | 'ended' = 'starting';
  memoryMb = 0;
  idleSince = performance.now();
  readonly createdAt = performance.now();
  readonly status: StatusFile;
  private readonly work: ProcessWork;
  private readonly link: ChildLink;
  private readonly startTimer: FairTimer;
  private endReason: EndReason | undefined;
  /** Why the process ended, as judged when it lost its run or sent something wrong. */
  private lostFor: EndReason | undefined;
  private killedFor: KillReason | undefined;
  private lastLinesTimer: FairTimer | undefined;

  constructor(
    private readonly options: ProcessOptions,
    private readonly listener: ProcessListener,
  ) {
    this.work = new ProcessWork(options.isolation, options.keptMemoryMb, this);
    this.link = new ChildLink(options.program, {
      onMessage: (message, isLast, follower) => this.onMessage(message, isLast, follower),
      onUnsent: (message) => this.onUnsent(message),
      onPart: () => {
        if (this.state === 'idle') this.onStrayWord();
      },
      onNonsense: () => this.onNonsense(),
      onClose: (code, signal) => this.onClose(code, signal),
    });
    this.status = new StatusFile(this.pid);
    this.startTimer = new FairTimer(options.startTimeoutMs, () => this.endStart());
  }

  get pid(): number | undefined {
    return this.link.pid;
  }

  /** Its error output. */
  get stderr(): string {
    return this.link.stderr;
  }

  /** Number of runs that have begun in it. */
  get runs(): number {
    return this.work.runs;
  }

  /** Whether it keeps too many time limits of runs that have ended to begin another run. */
  get hasManyLimits(): boolean {
    return this.work.limits.areTooMany;
  }

  /** Processor time of the run that ended last. */
  get lastCpuMs(): number {
    return this.work.lastCpuMs;
  }

  get runningMs(): number | undefined {
    return this.work.exchange?.clock.passedMs;
  }

  /** Whether the script of its run can do nothing but wait for bindings. */
  get isWaiting(): boolean {
    return this.work.exchange?.isWaiting ?? false;
  }

  /** The run in progress. */
  get currentRun(): PreparedRun | undefined {
    return this.work.exchange?.run;
  }

  /** Number of binding calls that its run has made. */
  get calls(): number {
    return this.work.exchange?.callsMade ?? 0;
  }

  /** Number of runs that are ahead in it. */
  get runsAhead(): number {
    return this.work.runsAhead;
  }

  isWarmFor(home: string): boolean {
    return this.work.isWarmFor(home);
  }

  /** The used share of its memory for homes: 0 without a home, 1 or more when it is full. */
  get fullness(): number {
    return this.work.fullness;
  }

  run(run: PreparedRun, home: string, ends: ExchangeEnds): void {
    this.beginWork();
    this.link.expect(honestBounds(run.limits));
    this.work.run(run, home, ends);
  }

  /** Whether a run may be sent ahead, behind the current one and those that are ahead already. */
  takesAhead(run: PreparedRun, home: string): boolean {
    return this.state === 'busy' && this.work.takesAhead(run, home);
  }

  /** Whether a run has the home, script and source of the current run. */
  isOfCurrentScript(run: PreparedRun, home: string): boolean {
    return this.work.isOfCurrentScript(run, home);
  }

  /** Sends a run ahead. Call it only if {@link takesAhead} returned true. */
  runAhead(run: PreparedRun, home: string, ends: ExchangeEnds): void {
    this.work.runAhead(run, home, ends);
  }

  /**
   * Ends the process and takes back the run that has just begun, because earlier runs left too little memory for it.
   */
  replace(reason: EndReason): void {
    const { exchange } = this.work;
    this.work.exchange = undefined;
    this.end(reason);
    exchange?.closeUnheard();
    this.work.takeBackAhead();
  }

  /** Compiles a source. Kills the process if that takes longer than `timeoutMs`. */
  check(source: string, timeoutMs: number): Promise<Checked> {
    this.beginWork();
    return this.work.check(source, timeoutMs);
  }

  cancel(): void {
    this.work.exchange?.cancel();
  }

  /** Takes no more runs, and ends after the current one. */
  retire(reason: EndReason): void {
    this.endReason ??= reason;
    const wasBusy = this.state === 'busy';
    if (this.state === 'ended') return;
    this.state = 'draining';
    this.work.takeBackAhead();
    if (!wasBusy) this.end(reason);
  }

  /**
   * Kills the process while a script runs in it, after asking for the log lines that the run has not sent. If the run
   * ends by itself meanwhile, its outcome counts, and the process is killed nevertheless.
   */
  kill(reason: KillReason): void {
    if (this.killedFor !== undefined) return;
    this.killedFor = reason;
    this.state = 'draining';
    this.work.takeBackAhead();
    // A run that is given back runs again.
    if (reason === 'stood-still' || !this.work.exchange?.wantsUnsent) return this.killNow(reason);
    this.lastLinesTimer = new FairTimer(LAST_LINES_MS, () => this.killNow(reason));
    this.link.askForUnsent();
  }

  /**
   * Ends the run without waiting until the system has removed the process, because a killed process runs no more code.
   */
  private killNow(reason: KillReason): void {
    this.lastLinesTimer?.cancel();
    this.link.kill();
    if (reason === 'stood-still') this.giveRunBack(reason);
    else this.loseRun(null, 'SIGKILL');
  }

  /**
   * Kills the process, because it sent what our code never sends. This comes before the end of its run is reported, so
   * that no other run begins in the process.
   */
  distrust(): void {
    this.state = 'draining';
    this.link.kill();
    this.work.takeBackAhead();
    this.lostFor ??= this.work.exchange ? 'crashed' : 'distrusted';
    if (this.work.exchange) this.tellLost(this.work.exchange, 'crashed');
  }

  noteStopped(ms: number): void {
    this.work.exchange?.clock.noteStopped(ms);
  }

  overMemory(): void {
    this.kill('memory');
  }

  runsLong(): void {
    this.takeBackAhead();
    // Nobody can ask a process that has crashed. A run that waits has sent all its lines.
    if (!this.isWaiting) this.link.askForUnsent();
  }

  /** Takes back the runs that are ahead: they go into other processes. */
  takeBackAhead(): void {
    this.work.takeBackAhead();
  }

  waitingChanged(): void {
    if (this.isWaiting) this.work.takeBackAhead();
    this.listener.onWaitingChanged(this);
  }

  send(message: ToChild, texts?: readonly string[]): void {
    this.link.send(message, texts);
  }

  sendSoon(message: ToChild, texts?: readonly string[]): void {
    this.link.sendSoon(message, texts);
  }

  endWork(tell?: () => void): void {
    const next = this.work.next(this.state === 'busy');
    if (next) {
      tell?.();
      if (this.work.exchange === next) this.listener.onGoesOn(this);
      return;
    }
    this.link.expect(SMALL_MESSAGES);
    this.becomeIdle();
    tell?.();
  }

  /**
   * Handles a message that belongs to none of the work here. Kills the process and gives its run back, because an
   * earlier run may have sent the message.
   *
   * @throws RangeError if only the current run can have sent it; this run is then blamed
   */
  onStrayWord(): void {
    if (this.work.isRunSpeaking) throw new RangeError('a word of another run');
    this.state = 'draining';
    this.link.kill();
    this.work.takeBackAhead();
    this.giveRunBack('distrusted');
  }

  /** Gives the start up. How little the process has done tells a slow machine from one that refuses threads. */
  private endStart(): void {
    const { startTimeoutMs } = this.options;
    const done = this.status.read();
    const threads = done ? `, and has ${done.threads} threads` : '';
    this.link.note(`The process was not ready within ${formatDuration(startTimeoutMs)}${threads}.`);
    this.end('start-failed');
  }

  private end(reason: EndReason): void {
    this.endReason ??= reason;
    this.state = 'draining';
    this.link.holdHost(true);
    this.link.kill();
  }

  private beginWork(): void {
    this.state = 'busy';
    this.link.holdHost(true);
  }

  private becomeIdle(): void {
    this.idleSince = performance.now();
    if (this.state === 'busy') {
      this.state = 'idle';
      this.link.holdHost(false);
      this.listener.onIdle(this);
    } else if (this.endReason !== undefined) {
      this.end(this.endReason);
    } else if (this.killedFor !== undefined) {
      this.end(this.killedFor);
    }
  }

  private onMessage({ head, texts }: Frame<ToParent>, isLast: boolean, follower: ToParent | undefined): void {
    if (head.t === 'ready') this.onReady();
    else this.work.hear(head, texts, isLast, follower);
  }

  private onUnsent({ head, texts }: Frame<UnsentMessage>): void {
    this.work.hearUnsent(head, texts[0]!);
    const { killedFor } = this;
    // What the process sent before is read first, from the other pipe.
    if (killedFor !== undefined && this.link.hasToldUnsent) afterSockets(() => this.killNow(killedFor));
  }

  private onNonsense(): void {
    if (!this.work.isRunSpeaking) return this.onStrayWord();
    this.distrust();
    this.work.exchange?.onLost('crashed', NONSENSE);
  }

  private giveRunBack(reason: EndReason): void {
    this.lostFor ??= reason;
    this.work.exchange?.giveBack();
  }

  private onReady(): void {
    if (this.state === 'draining') return;
    if (this.state !== 'starting') throw new RangeError('ready again');
    this.startTimer.cancel();
    this.state = 'idle';
    this.idleSince = performance.now();
    this.listener.onReady(this);
  }

  private onClose(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.state === 'ended') return;
    const wasStarting = this.state === 'starting';
    this.state = 'ended';
    this.startTimer.cancel();
    this.status.close();
    this.lastLinesTimer?.cancel();
    this.work.takeBackAhead();
    const hadNoThread = !wasStarting && !this.killedFor && lackedThread({ signal, stderr: this.stderr });
    if (hadNoThread) this.giveRunBack('no-threads');
    else this.loseRun(code, signal);
    const reason =
      this.lostFor ?? this.killedFor ?? this.endReason ?? (wasStarting ? 'start-failed' : 'died');
    this.work.checkLost(hadNoThread ? 'no-threads' : this.killedFor);
    this.listener.onExit({ process: this, reason, code, signal, stderr: this.stderr });
  }

  /** Reports the loss of a run, unless the run was taken back: then only its end elsewhere counts. */
  private tellLost({ run, isTakenBack }: RunExchange, kind: FailureKind & EndReason): void {
    if (!isTakenBack) this.listener.onRunLost(this, run, kind);
  }

  /**
   * Whether the process ended because it had stood still: the time limits that come due meanwhile can end it when it
   * continues. No script can stop its process. But a binding can block this process, and a script can wait for that, so
   * it counts only if the process kept enough limits.
   */
  private hasStoodStill({ clock }: RunExchange): boolean {
    return clock.wasJustStopped || (clock.wasPerhapsFrozen && this.work.limits.mayOverflow);
  }

  private loseRun(code: number | null, signal: NodeJS.Signals | null): void {
    const { exchange } = this.work;
    if (exchange === undefined) return;
    const { run } = exchange;
    const { stderr } = this;
    const wasNearMemoryLimit = this.memoryMb > 0.8 * this.options.memoryMb;
    const { kind, detail } = verdictOf({
      killedFor: this.killedFor,
      code,
      signal,
      stderr,
      wasNearMemoryLimit,
    });
    if (kind === 'crashed' && signal !== null && this.hasStoodStill(exchange))
      return this.giveRunBack('stood-still');
    this.lostFor = kind;
    this.tellLost(exchange, kind);
    const bound = kind === 'timeout' ? ` (timeoutMs = ${run.limits.timeoutMs})` : '';
    exchange.onLost(
      kind,
      kind === 'cancelled' ? 'The run was cancelled' : `The script was stopped: ${detail}${bound}`,
    );
  }
}
