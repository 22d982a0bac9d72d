import { formatDuration } from '../../common/duration-text.js';
import { FairTimer } from '../../common/fair-timer.js';
import type { FailureKind } from '../outcome.js';
import type { PreparedRun } from '../prepared-run.js';
import type { Frame, IsolationMode, ToChild, ToParent, UnsentMessage } from '../protocol.js';
import type { EndReason } from '../sandbox-events.js';
import { ChildLink } from './child-link.js';
import type { Program } from './child-link.js';
import type { KillReason } from './exit-reason.js';
import { honestBounds, SMALL_MESSAGES } from './heard-run.js';
import type { Watched } from './memory-watch.js';
import { type EndingProcess, ProcessEnd } from './process-end.js';
import { ProcessWork } from './process-work.js';
import type { Checked, Workplace } from './process-work.js';
import { StatusFile } from './status-file.js';
import type { ExchangeEnds } from './run-exchange.js';

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
  private readonly end: ProcessEnd;
  private readonly startTimer: FairTimer;

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
    this.end = new ProcessEnd(this.ending());
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
    this.end.now(reason);
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
    this.end.whenIdle(reason);
    const wasBusy = this.state === 'busy';
    if (this.state === 'ended') return;
    this.state = 'draining';
    this.work.takeBackAhead();
    if (!wasBusy) this.end.idle();
  }

  kill(reason: KillReason): void {
    this.end.kill(reason);
  }

  distrust(): void {
    this.end.distrust();
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
    this.end.distrustEarlier();
  }

  /** Gives the start up. How little the process has done tells a slow machine from one that refuses threads. */
  private endStart(): void {
    const { startTimeoutMs } = this.options;
    const done = this.status.read();
    const threads = done ? `, and has ${done.threads} threads` : '';
    this.link.note(`The process was not ready within ${formatDuration(startTimeoutMs)}${threads}.`);
    this.end.now('start-failed');
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
    } else this.end.idle();
  }

  private onMessage({ head, texts }: Frame<ToParent>, isLast: boolean, follower: ToParent | undefined): void {
    if (head.t === 'ready') this.onReady();
    else this.work.hear(head, texts, isLast, follower);
  }

  private onUnsent({ head, texts }: Frame<UnsentMessage>): void {
    this.work.hearUnsent(head, texts[0]!);
    this.end.toldUnsent();
  }

  private onNonsense(): void {
    if (!this.work.isRunSpeaking) return this.onStrayWord();
    this.end.distrust();
    this.work.exchange?.onLost('crashed', NONSENSE);
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
    const reason = this.end.closed(code, signal, wasStarting);
    this.listener.onExit({ process: this, reason, code, signal, stderr: this.stderr });
  }

  private ending(): EndingProcess {
    const { link, work } = this;
    return {
      link,
      work,
      memoryShare: () => this.memoryMb / this.options.memoryMb,
      drain: () => {
        if (this.state !== 'ended') this.state = 'draining';
      },
      onRunLost: (run, reason) => this.listener.onRunLost(this, run, reason),
    };
  }
}
