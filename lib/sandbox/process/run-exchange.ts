import type { FailureKind, Outcome, RunMetrics } from '../outcome.js';
import { amount, failed, LogCollector, readOutcome, wholeAmount } from '../outcome-reader.js';
import type { PreparedRun } from '../prepared-run.js';
import type { CallsMessage, DoneMessage, IsolationMode, ToChild } from '../protocol.js';
import { BindingCalls } from './binding-calls.js';
import type { KillReason } from './exit-reason.js';

/** Time after `timeoutMs` at which a run that waits is told to end; one that computes is stopped by its isolate. */
const WAIT_GRACE_MS = 5;
/** Time after `timeoutMs` for a process to end its run by itself; then it is killed. */
const DEADLINE_GRACE_MS = 1_000;
/** Time a cancelled run has to let go before its process is killed. */
const CANCEL_GRACE_MS = 100;

/** What an exchange needs of its process. */
export interface Line {
  send(message: ToChild, texts?: readonly string[]): void;
  kill(reason: KillReason): void;
  /** The process said what no honest one says. */
  distrust(): void;
  /** The run began or ceased to wait for bindings. */
  waitingChanged(): void;
}

/** The parent's side of one run in one process: its messages, binding calls, clocks, and how it ends. */
export class RunExchange {
  readonly startedAt = performance.now();
  private readonly logs: LogCollector;
  private readonly calls: BindingCalls;
  private readonly deadline: NodeJS.Timeout;
  private readonly onAbort = (): void => this.cancel();
  private waitTimer: NodeJS.Timeout | undefined;
  private cancelTimer: NodeJS.Timeout | undefined;
  private bindingCalls = 0;
  private ended = false;
  /** True while the script can do nothing but wait for bindings. */
  isWaiting = false;

  constructor(
    private readonly id: number,
    readonly run: PreparedRun,
    private readonly line: Line,
    private readonly onEnd: (outcome: Outcome) => void,
  ) {
    this.logs = new LogCollector(run.limits);
    this.calls = new BindingCalls(run, (call, ok, text) => this.answer(call, ok, text));
    this.deadline = setTimeout(() => line.kill('timeout'), run.limits.timeoutMs + DEADLINE_GRACE_MS);
    run.signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  begin(isolation: IsolationMode): void {
    const { key, bindings, reservedEventTypes, limits, source, ctxText, inputText } = this.run;
    this.line.send({ t: 'run', id: this.id, key, isolation, bindings, reservedEventTypes, limits }, [
      source,
      ctxText,
      inputText,
    ]);
  }

  onLogs(texts: readonly string[]): void {
    this.logs.add(texts);
  }

  onCalls({ t, calls }: CallsMessage, args: readonly string[]): void {
    if (t === 'waiting') this.setWaiting(true);
    for (const [index, { call, name }] of calls.entries()) {
      this.bindingCalls++;
      this.calls.start(call, name, args[index] ?? 'null');
    }
  }

  onDone(done: DoneMessage, texts: readonly string[]): void {
    this.finish(() => {
      const cpuMs = amount(done.cpuMs);
      this.logs.dropped += wholeAmount(done.logsDropped);
      return readOutcome(this.run, done, texts, this.logs.lines, { ...this.metrics(), cpuMs });
    });
  }

  /** The process is gone, or said something no honest process says. */
  onLost(kind: FailureKind, message: string): void {
    this.finish(() => failed({ kind, message, processLost: true }, this.logs.lines, this.metrics()));
  }

  /** Ends the run as cancelled: at once when it waits, by killing the process when it does not let go. */
  cancel(): void {
    if (this.ended || this.cancelTimer) return;
    this.calls.cancel();
    this.line.send({ t: 'end', id: this.id, kind: 'cancelled' });
    this.cancelTimer = setTimeout(() => this.line.kill('cancelled'), CANCEL_GRACE_MS);
  }

  private answer(call: number, ok: boolean, text: string): void {
    if (this.ended) return;
    this.setWaiting(false);
    this.line.send({ t: 'answer', id: this.id, call, ok }, [text]);
  }

  private setWaiting(waiting: boolean): void {
    if (this.isWaiting === waiting) return;
    this.isWaiting = waiting;
    if (waiting)
      this.waitTimer ??= setTimeout(() => this.endWaiting(), Math.max(1, this.timeLeft + WAIT_GRACE_MS));
    this.line.waitingChanged();
  }

  private get timeLeft(): number {
    return this.run.limits.timeoutMs - (performance.now() - this.startedAt);
  }

  /** A run that computes at this moment reads the message when it waits again, or never. */
  private endWaiting(): void {
    this.line.send({ t: 'end', id: this.id, kind: 'timeout' });
  }

  private metrics(): RunMetrics {
    return {
      durationMs: performance.now() - this.startedAt,
      cpuMs: 0,
      bindingCalls: this.bindingCalls,
      logsDropped: this.logs.dropped,
    };
  }

  private finish(outcome: () => Outcome): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.deadline);
    clearTimeout(this.waitTimer);
    clearTimeout(this.cancelTimer);
    this.run.signal?.removeEventListener('abort', this.onAbort);
    this.calls.cancel();
    this.onEnd(this.guarded(outcome));
  }

  /** Text that cannot be read comes from a process that no longer runs our code. */
  private guarded(outcome: () => Outcome): Outcome {
    try {
      return outcome();
    } catch {
      this.line.distrust();
      const message = 'The process reported something that is no outcome';
      const error = { kind: 'crashed', message, processLost: true } as const;
      return failed(error, this.logs.lines, this.metrics());
    }
  }
}
