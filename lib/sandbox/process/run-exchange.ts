import { FairTimer } from '../../common/fair-timer.js';
import type { FailureKind, Outcome, RunMetrics } from '../outcome.js';
import { amount, failed, readOutcome, wholeAmount } from '../outcome-reader.js';
import type { PreparedRun } from '../prepared-run.js';
import type {
  CallsMessage,
  DoneMessage,
  IsolationMode,
  RunMessage,
  RunSettings,
  ToChild,
  UnsentMessage,
} from '../protocol.js';
import { BindingCalls } from './binding-calls.js';
import type { KillReason } from './exit-reason.js';
import { HeardRun } from './heard-run.js';
import { RunLines } from './run-lines.js';
import type { Rooms } from './warm-homes.js';

/** Time after `timeoutMs` until a waiting run is told to end. A computing run is stopped by its isolate. */
const WAIT_GRACE_MS = 5;
/** Time after `timeoutMs` for a process to end its run by itself, before it is killed. */
const DEADLINE_GRACE_MS = 1_000;
/** Time for a cancelled run to end before its process is killed. */
const CANCEL_GRACE_MS = 100;
/** A day: no run can use more, and every column can store it. */
const MOST_CPU_MS = 86_400_000;
/** A process that was stopped for this long was stopped from outside, because no script can stop its own process. */
const STOPPED_MS = 100;
/** A process that ends this soon after it was stopped may have ended because of that. */
const SOON_MS = 1_000;
/** If this process stood still for this long, it was frozen together with its sandbox processes, or has blocked itself. */
const FROZEN_MS = 1_000;

/** What an exchange needs from its process. */
export interface ExchangeProcess {
  send(message: ToChild, texts?: readonly string[]): void;
  /** Sends a message together with those that follow at once. */
  sendSoon(message: ToChild, texts?: readonly string[]): void;
  kill(reason: KillReason): void;
  /** The process sent what no honest process sends. */
  distrust(): void;
  /** The run now waits for bindings, or no longer does. */
  waitingChanged(): void;
}

/** How an exchange ends. */
export interface ExchangeEnds {
  /** @param touched whether the run left something on the global object */
  onEnd(outcome: Outcome, touched: boolean): void;
  /**
   * Something other than the script made the run fail, and the run has called no binding: it runs again.
   *
   * @param crowded whether the run lacked memory that other scripts of the tenant may have used
   */
  onGivenBack(crowded: boolean): void;
  /** The run ended here before the process sent anything for it. It counts as never sent. */
  onTakenBack(): void;
  /** False if the run was given back too often, or the sandbox stops. */
  mayRunAnew(): boolean;
}

/**
 * The parent's side of one run in one process: its messages, binding calls, clocks and end.
 *
 * ```
 *             ┌──────────────── begin() ────────────────┐
 *   created ──┤                                          ├──► under way ──► ended
 *             └─ giveAhead() ──► ahead ── itsTurn() ────┘
 *                                  │ takeBack(), cancel(), giveBack()
 *                                  └──► ended, and the process is told not to begin it
 * ```
 *
 * A run that is ahead waits in the process while those before it run there. Its clocks start when they have ended. The
 * process may begin a run before it reads that the run was taken back. That does no harm: what the process sends for
 * the run reaches nobody, because the exchange has ended. So the run can go into another process immediately.
 */
export class RunExchange {
  private readonly sentAt = performance.now();
  /** When the run began, as far as this process knows. */
  startedAt = this.sentAt;
  private readonly logs: RunLines;
  private readonly calls: BindingCalls;
  private readonly heard: HeardRun;
  private deadline: FairTimer | undefined;
  private readonly onAbort = (): void => this.cancel();
  private waitTimer: FairTimer | undefined;
  private cancelTimer: FairTimer | undefined;
  private isolation: IsolationMode = 'compartment';
  private isAhead = false;
  private ended = false;
  /** Milliseconds for which something outside stopped the process. */
  private stoppedMs = 0;
  private stoppedAt = -Infinity;
  /** True while the script can do nothing but wait for bindings. */
  isWaiting = false;
  /** The run was taken back before its turn. The process has yet to confirm that. */
  isTakenBack = false;
  private touched = false;

  constructor(
    readonly id: number,
    readonly run: PreparedRun,
    private readonly rooms: Rooms,
    private readonly line: ExchangeProcess,
    private readonly ends: ExchangeEnds,
  ) {
    this.logs = new RunLines(run.limits);
    this.heard = new HeardRun(run.limits, rooms.isKnown);
    this.calls = new BindingCalls(run, (call, ok, text) => this.answer(call, ok, text));
    run.signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  begin(isolation: IsolationMode): void {
    this.send(isolation);
    this.startClock();
  }

  /** Sends the run to a process that begins it after its current run. */
  giveAhead(isolation: IsolationMode): void {
    this.isAhead = true;
    this.send(isolation);
  }

  /** The run before it has ended. */
  itsTurn(): void {
    this.isAhead = false;
    if (!this.isTakenBack) return this.startClock();
    this.startedAt = performance.now();
    // The time is long, because nobody waits for this run, and a new process takes longer to start than most runs.
    this.cancelTimer = new FairTimer(DEADLINE_GRACE_MS, () => this.line.kill('cancelled'));
  }

  /** Takes back a run before its turn. */
  takeBack(): void {
    if (!this.isAhead || this.ended) return;
    this.isTakenBack = true;
    this.tell({ t: 'end', id: this.id, kind: 'cancelled' });
    this.closeUnheard();
  }

  /** Ends a run that counts as never sent. */
  closeUnheard(): void {
    this.close();
    this.ends.onTakenBack();
  }

  private send(isolation: IsolationMode): void {
    const { id } = this;
    const { source, ctxText, inputText, valuesText } = this.run;
    const { home, script, isKnown, isOwn } = this.rooms;
    this.isolation = isolation;
    const head: RunMessage = { t: 'run', id, home, script };
    const texts = [ctxText, inputText];
    if (valuesText !== undefined) {
      head.values = true;
      texts.push(valuesText);
    }
    // A script whose runs made a process crash gets a home of its own, and the next crash may come in a process that
    // has this home.
    if (isOwn) head.prompt = true;
    if (!isKnown) {
      head.settings = this.settings;
      texts.push(source);
    }
    this.line.sendSoon(head, texts);
  }

  private get settings(): RunSettings {
    const { bindings, reservedEventTypes, limits } = this.run;
    return { isolation: this.isolation, bindings, reservedEventTypes, limits };
  }

  private startClock(): void {
    this.startedAt = performance.now();
    this.deadline = new FairTimer(this.run.limits.timeoutMs + DEADLINE_GRACE_MS, () => this.endOverdue());
  }

  /** The number of the run's home in the process. */
  get home(): number {
    return this.rooms.home;
  }

  /** Binding calls that the run has made so far. */
  get callsMade(): number {
    return this.heard.calls;
  }

  /** Whether the run needs the lines that its process has not sent, if its process is killed. */
  get wantsUnsent(): boolean {
    return !this.ended;
  }

  /** True once the process has sent something for this run. The run is not to blame for anything sent before. */
  get hasSpoken(): boolean {
    return this.heard.hasSpoken;
  }

  /** The process was stopped for some milliseconds. */
  noteStopped(ms: number): void {
    this.stoppedMs += ms;
    this.stoppedAt = performance.now();
  }

  /** Whether something outside has just stopped the process. */
  get wasJustStopped(): boolean {
    return this.wasStopped && performance.now() - this.stoppedAt < SOON_MS;
  }

  /** Whether this process has stood still for long during the run. It may have been frozen together with the other. */
  get wasPerhapsFrozen(): boolean {
    return (this.deadline?.stoodStillMs ?? 0) >= FROZEN_MS;
  }

  private get wasStopped(): boolean {
    return this.stoppedMs >= STOPPED_MS;
  }

  onNeed(): void {
    this.heard.needed();
    const { id, settings } = this;
    if (!this.ended) this.tell({ t: 'source', id, settings }, [this.run.source]);
  }

  onLogs(texts: readonly string[]): void {
    this.heard.logs(texts.length);
    this.logs.add(texts);
  }

  /** The process was asked for the lines that the run has not sent. */
  onUnsent({ from }: UnsentMessage, text: string): void {
    const logs = text === '' ? [] : text.slice(0, -1).split('\n');
    this.heard.unsent(from, logs.length);
    this.logs.noteUnsent(from, logs);
  }

  onCalls(message: CallsMessage, texts: readonly string[]): void {
    this.heard.called(message, texts);
    this.logs.add(texts.slice(message.calls.length));
    this.updateWaiting();
    // The process has not read yet that the run has ended or is cancelled. The run may already be in another process.
    if (this.ended || this.cancelTimer) return;
    for (const [index, { call, name }] of message.calls.entries())
      this.calls.start(call, name, texts[index]!);
  }

  onDone(done: DoneMessage, texts: readonly string[]): void {
    const logs = done.error ? texts : texts.slice(2);
    this.heard.done(logs.length);
    if (this.isTakenBack) return this.close();
    if (done.error?.kind === 'cancelled' && !this.cancelTimer) throw new RangeError('cancelled by nobody');
    this.logs.add(logs);
    const { calls } = this.heard;
    const isUnfair = done.error?.kind === 'timeout' && this.hadNoChance(amount(done.cpuMs));
    if (isUnfair && (calls > 0 || this.mayRunAnew)) return this.giveBack();
    const isCrowded = done.crowded === true && done.error?.kind === 'memory';
    if (isCrowded && this.mayRunAnew) return this.giveBack(true);
    this.touched = done.touched === true;
    this.finish(() => {
      const cpuMs = Math.min(amount(done.cpuMs), MOST_CPU_MS);
      const durationMs = Math.min(amount(done.durationMs), performance.now() - this.sentAt);
      this.logs.addDropped(wholeAmount(done.logsDropped));
      return readOutcome(this.run, done, texts, this.logs.lines, this.metrics(cpuMs, durationMs));
    });
  }

  /** The process is gone, or sent what no honest process sends. */
  onLost(kind: FailureKind, message: string): void {
    this.finish(() => failed({ kind, message, processLost: true }, this.logs.takeAll(), this.metrics()));
  }

  /**
   * Ends the run without blaming its script. It runs again, or ends as cancelled if it has called a binding or may not
   * run again.
   */
  giveBack(crowded = false): void {
    if (this.ended) return;
    if (this.isAhead) return this.takeBack();
    this.close();
    if (this.mayRunAnew) return this.ends.onGivenBack(crowded);
    const message = 'The run was interrupted; the script is not at fault';
    this.ends.onEnd(failed({ kind: 'cancelled', message }, this.logs.takeAll(), this.metrics()), false);
  }

  /** Ends the run as cancelled. If it doesn't end soon by itself, its process is killed. */
  cancel(): void {
    if (this.ended || this.cancelTimer) return;
    if (this.isAhead) return this.takeBack();
    this.calls.cancel();
    this.tell({ t: 'end', id: this.id, kind: 'cancelled' });
    this.cancelTimer = new FairTimer(CANCEL_GRACE_MS, () => this.line.kill('cancelled'));
  }

  private answer(call: number, ok: boolean, text: string): void {
    if (this.ended) return;
    this.heard.spokenTo();
    this.line.sendSoon({ t: 'answer', id: this.id, call, ok, stillMs: this.stillMs }, [text]);
    this.updateWaiting();
  }

  private tell(message: ToChild, texts?: readonly string[]): void {
    this.heard.spokenTo();
    this.line.send(message, texts);
  }

  private updateWaiting(): void {
    const { isWaiting } = this.heard;
    if (this.isWaiting === isWaiting) return;
    this.isWaiting = isWaiting;
    if (isWaiting) this.watchWaiting();
    this.line.waitingChanged();
  }

  private watchWaiting(): void {
    this.waitTimer ??= new FairTimer(Math.max(1, this.timeLeft + WAIT_GRACE_MS), () => this.endWaiting());
  }

  private get timeLeft(): number {
    return this.run.limits.timeoutMs - (performance.now() - this.startedAt) + this.stillMs;
  }

  /** Milliseconds that don't count for the script, because this process or the script's process stood still. */
  private get stillMs(): number {
    return (this.deadline?.stoodStillMs ?? 0) + this.stoppedMs;
  }

  /** If the run computes again, its process reads this message when the run waits next, or never. */
  private endWaiting(): void {
    this.tell({ t: 'end', id: this.id, kind: 'timeout' });
  }

  private endOverdue(): void {
    this.line.kill(this.wasStopped ? 'stood-still' : 'timeout');
  }

  private get mayRunAnew(): boolean {
    return this.heard.calls === 0 && this.ends.mayRunAnew();
  }

  /** Whether the run's time passed while a process stood still. The process's own clock doesn't show that. */
  private hadNoChance(cpuMs: number): boolean {
    const { timeoutMs } = this.run.limits;
    const passed = performance.now() - this.startedAt;
    return passed >= timeoutMs && passed - this.stillMs < timeoutMs && cpuMs < timeoutMs;
  }

  private metrics(cpuMs = 0, durationMs = performance.now() - this.startedAt): RunMetrics {
    return {
      durationMs,
      cpuMs,
      bindingCalls: this.heard.calls,
      logsDropped: this.logs.dropped,
    };
  }

  private finish(outcome: () => Outcome): void {
    if (this.ended) return;
    this.close();
    this.ends.onEnd(this.guarded(outcome), this.touched);
  }

  private close(): void {
    this.ended = true;
    this.deadline?.cancel();
    this.waitTimer?.cancel();
    this.cancelTimer?.cancel();
    this.run.signal?.removeEventListener('abort', this.onAbort);
    this.calls.cancel();
  }

  /** Distrusts the process if its outcome can't be read, because our code never sends such text. */
  private guarded(outcome: () => Outcome): Outcome {
    try {
      return outcome();
    } catch {
      this.line.distrust();
      const message = 'The process reported an invalid outcome';
      const error = { kind: 'crashed', message, processLost: true } as const;
      return failed(error, this.logs.lines, this.metrics());
    }
  }
}
