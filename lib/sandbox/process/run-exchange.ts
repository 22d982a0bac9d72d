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
import { RunClock } from './run-clock.js';
import { RunLines } from './run-lines.js';
import type { Rooms } from './warm-homes.js';

/** A day: no run can use more, and every column can store it. */
const MOST_CPU_MS = 86_400_000;

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
  readonly clock: RunClock;
  private readonly logs: RunLines;
  private readonly calls: BindingCalls;
  private readonly heard: HeardRun;
  private readonly onAbort = (): void => this.cancel();
  private isolation: IsolationMode = 'compartment';
  private isAhead = false;
  private ended = false;
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
    this.clock = new RunClock(run.limits.timeoutMs);
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
    if (this.isTakenBack) this.clock.beginTakenBack(() => this.line.kill('cancelled'));
    else this.startClock();
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
    this.clock.begin(() => this.line.kill(this.clock.wasStopped ? 'stood-still' : 'timeout'));
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
    if (this.ended || this.clock.isEnding) return;
    for (const [index, { call, name }] of message.calls.entries())
      this.calls.start(call, name, texts[index]!);
  }

  onDone(done: DoneMessage, texts: readonly string[]): void {
    const logs = done.error ? texts : texts.slice(2);
    this.heard.done(logs.length);
    if (this.isTakenBack) return this.close();
    if (done.error?.kind === 'cancelled' && !this.clock.isEnding) throw new RangeError('cancelled by nobody');
    this.logs.add(logs);
    const { calls } = this.heard;
    const isUnfair = done.error?.kind === 'timeout' && this.clock.hadNoChance(amount(done.cpuMs));
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
    if (this.ended || this.clock.isEnding) return;
    if (this.isAhead) return this.takeBack();
    this.calls.cancel();
    this.tell({ t: 'end', id: this.id, kind: 'cancelled' });
    this.clock.cancelled(() => this.line.kill('cancelled'));
  }

  private answer(call: number, ok: boolean, text: string): void {
    if (this.ended) return;
    this.heard.spokenTo();
    this.line.sendSoon({ t: 'answer', id: this.id, call, ok, stillMs: this.clock.stillMs }, [text]);
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
    if (isWaiting) this.clock.waits(() => this.endWaiting());
    this.line.waitingChanged();
  }

  /** If the run computes again, its process reads this message when the run waits next, or never. */
  private endWaiting(): void {
    this.tell({ t: 'end', id: this.id, kind: 'timeout' });
  }

  private get mayRunAnew(): boolean {
    return this.heard.calls === 0 && this.ends.mayRunAnew();
  }

  private metrics(cpuMs = 0, durationMs = this.clock.passedMs): RunMetrics {
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
    this.clock.stop();
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
