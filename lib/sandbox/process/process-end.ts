import { afterSockets } from '../../common/after-sockets.js';
import { FairTimer } from '../../common/fair-timer.js';
import type { FailureKind } from '../outcome.js';
import type { PreparedRun } from '../prepared-run.js';
import type { EndReason } from '../sandbox-events.js';
import type { ChildLink } from './child-link.js';
import { lackedThread, verdictOf } from './exit-reason.js';
import type { KillReason } from './exit-reason.js';
import type { ProcessWork } from './process-work.js';
import type { RunExchange } from './run-exchange.js';

/** Time for a process to tell the log lines that its run has not sent, before it is killed. It needs some 0.1 ms. */
const LAST_LINES_MS = 20;
/** If a process used this share of its memory limit, the system may have killed it for its memory. */
const NEAR_LIMIT = 0.8;

/** What the end of a process needs from it. */
export interface EndingProcess {
  readonly link: ChildLink;
  readonly work: ProcessWork;
  /** The used share of its memory limit. */
  memoryShare(): number;
  /** It takes no more runs. */
  drain(): void;
  /** It ends or has ended with a run in it. Called before the run's caller learns of it. */
  onRunLost(run: PreparedRun, reason: FailureKind & EndReason): void;
}

/** Ends one process, and decides what its end means for the run in it. */
export class ProcessEnd {
  private retiredFor: EndReason | undefined;
  private killedFor: KillReason | undefined;
  /** Why the process ended, as judged when it lost its run or sent something wrong. */
  private lostFor: EndReason | undefined;
  private lastLinesTimer: FairTimer | undefined;

  constructor(private readonly process: EndingProcess) {}

  /** Ends the process when it is idle: see {@link idle}. The first reason counts. */
  whenIdle(reason: EndReason): void {
    this.retiredFor ??= reason;
  }

  /** Ends a process that has no run. */
  now(reason: EndReason): void {
    this.retiredFor ??= reason;
    this.process.drain();
    this.process.link.holdHost(true);
    this.process.link.kill();
  }

  /** The process has nothing more to do. It ends if it was retired, or was to be killed and its run has ended by itself. */
  idle(): void {
    const reason = this.retiredFor ?? this.killedFor;
    if (reason !== undefined) this.now(reason);
  }

  /**
   * Kills the process while a script runs in it, after asking for the log lines that the run has not sent. If the run
   * ends by itself meanwhile, its outcome counts, and the process is killed nevertheless.
   */
  kill(reason: KillReason): void {
    if (this.killedFor !== undefined) return;
    this.killedFor = reason;
    const { link, work } = this.drained();
    // A run that is given back runs again.
    if (reason === 'stood-still' || !work.exchange?.wantsUnsent) return this.killNow(reason);
    this.lastLinesTimer = new FairTimer(LAST_LINES_MS, () => this.killNow(reason));
    link.askForUnsent();
  }

  /** The process has told its unsent lines. What it sent before is read first, from the other pipe. */
  toldUnsent(): void {
    const { killedFor } = this;
    if (killedFor !== undefined && this.process.link.hasToldUnsent)
      afterSockets(() => this.killNow(killedFor));
  }

  /**
   * Kills the process, because it sent what our code never sends. This comes before the end of its run is reported, so
   * that no other run begins in the process.
   */
  distrust(): void {
    const { link, work } = this.drained();
    link.kill();
    this.lostFor ??= work.exchange ? 'crashed' : 'distrusted';
    if (work.exchange) this.tellLost(work.exchange, 'crashed');
  }

  /** Kills the process and gives its run back, because an earlier run may have sent what our code never sends. */
  distrustEarlier(): void {
    this.drained().link.kill();
    this.giveRunBack('distrusted');
  }

  /** The process has ended. Its run is lost or given back. Returns why the process has ended. */
  closed(code: number | null, signal: NodeJS.Signals | null, wasStarting: boolean): EndReason {
    this.lastLinesTimer?.cancel();
    const { link, work } = this.process;
    work.takeBackAhead();
    const hadNoThread = !wasStarting && !this.killedFor && lackedThread({ signal, stderr: link.stderr });
    if (hadNoThread) this.giveRunBack('no-threads');
    else this.loseRun(code, signal);
    const reason =
      this.lostFor ?? this.killedFor ?? this.retiredFor ?? (wasStarting ? 'start-failed' : 'died');
    work.checkLost(hadNoThread ? 'no-threads' : this.killedFor);
    return reason;
  }

  private drained(): EndingProcess {
    this.process.drain();
    this.process.work.takeBackAhead();
    return this.process;
  }

  /**
   * Ends the run without waiting until the system has removed the process, because a killed process runs no more code.
   */
  private killNow(reason: KillReason): void {
    this.lastLinesTimer?.cancel();
    this.process.link.kill();
    if (reason === 'stood-still') this.giveRunBack(reason);
    else this.loseRun(null, 'SIGKILL');
  }

  private giveRunBack(reason: EndReason): void {
    this.lostFor ??= reason;
    this.process.work.exchange?.giveBack();
  }

  private loseRun(code: number | null, signal: NodeJS.Signals | null): void {
    const { link, work } = this.process;
    const { exchange } = work;
    if (exchange === undefined) return;
    const { run } = exchange;
    const { killedFor } = this;
    const { stderr } = link;
    const wasNearMemoryLimit = this.process.memoryShare() > NEAR_LIMIT;
    const { kind, detail } = verdictOf({ killedFor, code, signal, stderr, wasNearMemoryLimit });
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

  /** Reports the loss of a run, unless the run was taken back: then only its end elsewhere counts. */
  private tellLost({ run, isTakenBack }: RunExchange, kind: FailureKind & EndReason): void {
    if (!isTakenBack) this.process.onRunLost(run, kind);
  }

  /**
   * Whether the process ended because it had stood still: the time limits that come due meanwhile can end it when it
   * continues. No script can stop its process. But a binding can block this process, and a script can wait for that, so
   * it counts only if the process kept enough limits.
   */
  private hasStoodStill({ clock }: RunExchange): boolean {
    return clock.wasJustStopped || (clock.wasPerhapsFrozen && this.process.work.limits.mayOverflow);
  }
}
