import { randomInt } from 'node:crypto';
import { FairTimer } from '../../common/fair-timer.js';
import type { FailureKind, SourceProblem } from '../outcome.js';
import type { PreparedRun } from '../prepared-run.js';
import type { DoneMessage, Frame, IsolationMode, ToChild, ToParent } from '../protocol.js';
import type { EndReason } from '../sandbox-events.js';
import { ChildLink } from './child-link.js';
import type { Program } from './child-link.js';
import { verdictOf } from './exit-reason.js';
import type { KillReason } from './exit-reason.js';
import { haveSameBounds, honestBounds, SMALL_MESSAGES } from './heard-run.js';
import type { Watched } from './memory-watch.js';
import { RunExchange } from './run-exchange.js';
import type { ExchangeEnds, Line } from './run-exchange.js';
import { WarmHomes } from './warm-homes.js';

export interface ProcessOptions {
  program: Program;
  isolation: IsolationMode;
  keptMemoryMb: number;
  startTimeoutMs: number;
  /** Share of this at which a sudden SIGKILL is taken for the system's out-of-memory killer. */
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
  /** Its run has ended, and the one that was ahead in it goes on. */
  onGoesOn(process: SandboxProcess): void;
  onWaitingChanged(process: SandboxProcess): void;
  /** The process ends, or has ended, with a run in it; told before the run's caller is. */
  onRunLost(process: SandboxProcess, run: PreparedRun, reason: FailureKind & EndReason): void;
  onExit(report: ProcessExitReport): void;
}

/** Ids are drawn from so many: one that was not told cannot be named. */
const IDS = 2 ** 48 - 1;
const NONSENSE = 'The process sent an unknown message';

/** The answer of a check, or why the process that should have given it was killed, if it did not end by itself. */
export type Checked = { problem: SourceProblem | null } | { killedFor: KillReason | undefined };

/**
 * One child process. While it is busy it may have one run more, ahead: the next one of the same script, so that it need not
 * wait for the parent between the two.
 *
 *   starting ──ready──> idle <──run / done──> busy
 *      │                 │ retire()            │ retire()
 *      │                 v                     v
 *      └─────────────> draining ────────────> ended
 */
export class SandboxProcess implements Watched, Line {
  state: 'starting' | 'idle' | 'busy' | 'draining' | 'ended' = 'starting';
  memoryMb = 0;
  runs = 0;
  /** Processor time of the run that ended last. */
  lastCpuMs = 0;
  idleSince = performance.now();
  readonly createdAt = performance.now();
  private readonly warm: WarmHomes;
  private readonly link: ChildLink;
  private readonly startTimer: FairTimer;
  private exchange: RunExchange | undefined;
  private ahead: RunExchange | undefined;
  private home = '';
  private openCheck: { id: number; answer: (checked: Checked) => void } | undefined;
  private endReason: EndReason | undefined;
  /** Why it ended, when the run it took with it, or what it said, tells. */
  private lostFor: EndReason | undefined;
  private killedFor: KillReason | undefined;

  constructor(
    private readonly options: ProcessOptions,
    private readonly listener: ProcessListener,
  ) {
    this.warm = new WarmHomes(options.keptMemoryMb);
    this.link = new ChildLink(options.program, {
      onMessage: (message, isLast) => this.onMessage(message, isLast),
      onPart: () => {
        if (this.state === 'idle') this.onStrayWord();
      },
      onNonsense: () => this.onNonsense(),
      onClose: (code, signal) => this.onClose(code, signal),
    });
    this.startTimer = new FairTimer(options.startTimeoutMs, () => this.end('start-failed'));
  }

  get pid(): number | undefined {
    return this.link.pid;
  }

  get runningMs(): number | undefined {
    return this.exchange && performance.now() - this.exchange.startedAt;
  }

  /** Busy with a script that can do nothing but wait. */
  get isWaiting(): boolean {
    return this.exchange?.isWaiting ?? false;
  }

  /** Has a run whose turn has not come. */
  get hasAhead(): boolean {
    return this.ahead !== undefined && !this.ahead.isTakenBack;
  }

  isWarmFor(home: string): boolean {
    return this.warm.has(home);
  }

  /** Share of what it may keep that is in use. */
  get fullness(): number {
    return this.warm.fullness;
  }

  run(run: PreparedRun, home: string, ends: ExchangeEnds): void {
    this.beginWork();
    this.runs++;
    this.home = home;
    this.link.expect(honestBounds(run.limits));
    this.exchange = this.newExchange(run, home, ends);
    this.exchange.begin(this.options.isolation);
  }

  /**
   * Whether a run may go ahead: it is of the script that runs here, so that nobody else's word can be taken for its own, and
   * the one before it is not waiting for a binding.
   */
  takesAhead(run: PreparedRun, home: string): boolean {
    if (this.state !== 'busy' || this.ahead || !this.exchange || this.isWaiting) return false;
    const now = this.exchange.run;
    return (
      home === this.home &&
      run.script === now.script &&
      run.source === now.source &&
      haveSameBounds(run.limits, now.limits)
    );
  }

  /** Only for a run that {@link takesAhead} said yes to. */
  runAhead(run: PreparedRun, home: string, ends: ExchangeEnds): void {
    this.ahead = this.newExchange(run, home, ends);
    this.ahead.giveAhead(this.options.isolation);
  }

  /** Gives back a run whose turn has not come: it would wait here for longer than elsewhere. */
  takeBackAhead(): void {
    this.ahead?.takeBack();
  }

  /** Gives back the run that has just begun, for it would have to suffer for what others left here, and ends. */
  replace(reason: EndReason): void {
    const { exchange } = this;
    this.exchange = undefined;
    this.end(reason);
    exchange?.closeUnheard();
  }

  /** Compiles a source; the process is killed when that takes longer than `timeoutMs`. */
  check(source: string, timeoutMs: number): Promise<Checked> {
    this.beginWork();
    return new Promise((resolve) => {
      const timer = new FairTimer(timeoutMs, () => this.kill('timeout'));
      const id = randomInt(IDS);
      const answer = (checked: Checked): void => {
        timer.cancel();
        this.endWork();
        resolve(checked);
      };
      this.openCheck = { id, answer };
      this.send({ t: 'check', id }, [source]);
    });
  }

  cancel(): void {
    this.exchange?.cancel();
  }

  /** Takes no more runs and ends after the one it has. */
  retire(reason: EndReason): void {
    this.endReason ??= reason;
    const wasBusy = this.state === 'busy';
    if (this.state === 'ended') return;
    this.state = 'draining';
    this.takeBackAhead();
    if (!wasBusy) this.end(reason);
  }

  /**
   * Ends the process although a script runs in it. The run is over at once: no code of a killed process runs any more,
   * but on a busy machine the system may take long to clear it away.
   */
  kill(reason: KillReason): void {
    this.killedFor ??= reason;
    this.state = 'draining';
    this.link.kill();
    this.takeBackAhead();
    if (reason === 'stood-still') this.giveRunBack(reason);
    else this.loseRun(null, 'SIGKILL');
  }

  /** Ends a process that no longer runs our code, before its run is told to be over: no other run may begin in it. */
  distrust(): void {
    this.state = 'draining';
    this.link.kill();
    this.takeBackAhead();
    this.lostFor ??= this.exchange ? 'crashed' : 'distrusted';
    if (this.exchange) this.listener.onRunLost(this, this.exchange.run, 'crashed');
  }

  noteStopped(ms: number): void {
    this.exchange?.noteStopped(ms);
  }

  overMemory(): void {
    this.kill('memory');
  }

  runsLong(): void {
    this.takeBackAhead();
  }

  waitingChanged(): void {
    if (this.isWaiting) this.takeBackAhead();
    this.listener.onWaitingChanged(this);
  }

  send(message: ToChild, texts?: readonly string[]): void {
    this.link.send(message, texts);
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

  private newExchange(run: PreparedRun, home: string, ends: ExchangeEnds): RunExchange {
    const { onEnd, onGivenBack, onTakenBack, mayRunAnew } = ends;
    return new RunExchange(randomInt(IDS), run, this.warm.enter(home, run), this, {
      mayRunAnew,
      onTakenBack,
      onEnd: (outcome, touched) => {
        this.lastCpuMs = outcome.metrics.cpuMs;
        this.endWork(() => onEnd(outcome, touched));
      },
      onGivenBack: (crowded) => this.endWork(() => onGivenBack(crowded)),
    });
  }

  /** @param tell tells of what has ended */
  private endWork(tell?: () => void): void {
    const { ahead } = this;
    this.exchange = undefined;
    this.openCheck = undefined;
    this.ahead = undefined;
    if (ahead && this.state === 'busy') {
      this.exchange = ahead;
      this.runs++;
      this.warm.hasAgain(this.home, ahead.home);
      ahead.itsTurn();
      tell?.();
      if (this.exchange === ahead) this.listener.onGoesOn(this);
      return;
    }
    this.link.expect(SMALL_MESSAGES);
    this.becomeIdle();
    tell?.();
  }

  private becomeIdle(): void {
    this.idleSince = performance.now();
    if (this.state === 'busy') {
      this.state = 'idle';
      this.link.holdHost(false);
      this.listener.onIdle(this);
    } else if (this.endReason !== undefined) {
      this.end(this.endReason);
    }
  }

  /** A process speaks of the work it has, by the id it was given with it, and says nothing behind its last word. */
  private onMessage({ head, texts }: Frame<ToParent>, isLast: boolean): void {
    if (head.t === 'ready') return this.onReady();
    const open = head.t === 'checked' ? this.openCheck : this.exchange;
    if (open?.id !== head.id) return this.onStrayWord();
    switch (head.t) {
      case 'need':
        return this.exchange!.onNeed();
      case 'logs':
        return this.exchange!.onLogs(texts);
      case 'calls':
      case 'waiting':
        return this.exchange!.onCalls(head, texts);
      case 'done':
        if (!isLast && !this.ahead) throw new RangeError('a message after the last one');
        if (head.gone !== undefined) this.warm.forget(head.gone);
        return this.onDone(this.exchange!, head, texts);
      case 'checked':
        if (!isLast) throw new RangeError('a message after the last one');
        return this.openCheck!.answer({ problem: head.problem });
      default: {
        const unknown: never = head;
        throw new TypeError(`unknown message ${JSON.stringify(unknown)}`);
      }
    }
  }

  private onDone(exchange: RunExchange, done: DoneMessage, texts: readonly string[]): void {
    exchange.onDone(done, texts);
    // Nobody waits for it any more but this process.
    if (exchange.isTakenBack) this.endWork();
  }

  private onNonsense(): void {
    if (this.exchange === undefined || !this.isItsDoing(this.exchange)) return this.onStrayWord();
    this.distrust();
    this.exchange?.onLost('crashed', NONSENSE);
  }

  /** Whoever made the process say this, its run did not: what was said before a run was read is not its doing. */
  private onStrayWord(): void {
    if (this.exchange && this.isItsDoing(this.exchange)) throw new RangeError('a word of another run');
    this.state = 'draining';
    this.link.kill();
    this.takeBackAhead();
    this.giveRunBack('distrusted');
  }

  /** In a process that has run nothing else, or once it has spoken for its run, nobody else can have been at work. */
  private isItsDoing(exchange: RunExchange): boolean {
    return this.runs === 1 || exchange.hasSpoken;
  }

  private giveRunBack(reason: EndReason): void {
    this.lostFor ??= reason;
    this.exchange?.giveBack();
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
    this.takeBackAhead();
    this.loseRun(code, signal);
    const reason =
      this.lostFor ?? this.killedFor ?? this.endReason ?? (wasStarting ? 'start-failed' : 'died');
    this.openCheck?.answer({ killedFor: this.killedFor });
    this.listener.onExit({ process: this, reason, code, signal, stderr: this.link.stderr });
  }

  private loseRun(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.exchange === undefined) return;
    const { run } = this.exchange;
    const { stderr } = this.link;
    const wasNearMemoryLimit = this.memoryMb > 0.8 * this.options.memoryMb;
    const { kind, detail } = verdictOf({
      killedFor: this.killedFor,
      code,
      signal,
      stderr,
      wasNearMemoryLimit,
    });
    this.lostFor = kind;
    this.listener.onRunLost(this, run, kind);
    const bound = kind === 'timeout' ? ` (timeoutMs = ${run.limits.timeoutMs})` : '';
    this.exchange.onLost(
      kind,
      kind === 'cancelled' ? 'The run was cancelled' : `The script was stopped: ${detail}${bound}`,
    );
  }
}
