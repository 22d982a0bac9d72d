import { randomInt } from 'node:crypto';
import { FairTimer } from '../../common/fair-timer.js';
import type { SourceProblem } from '../outcome.js';
import type { PreparedRun } from '../prepared-run.js';
import type { DoneMessage, IsolationMode, ToParent, UnsentMessage } from '../protocol.js';
import type { KillReason } from './exit-reason.js';
import { haveSameBounds } from './heard-run.js';
import { PendingLimits } from './pending-limits.js';
import { RunExchange } from './run-exchange.js';
import type { ExchangeEnds, ExchangeProcess } from './run-exchange.js';
import { WarmHomes } from './warm-homes.js';

/** IDs are drawn at random below this number, so that nobody can guess one. */
const IDS = 2 ** 48 - 1;

/** Why a process ended during the check of a source; undefined if it ended by itself for a reason that is unknown. */
type LostFor = KillReason | 'no-threads' | undefined;

/** The result of a source check, or why its process ended. */
export type Checked = { problem: SourceProblem | null } | { lostFor: LostFor };

/** What work needs from its process. */
export interface Workplace extends ExchangeProcess {
  /**
   * The work has ended.
   *
   * @param tell reports the end to whoever waits for it
   */
  endWork(tell?: () => void): void;
  /** The process sent something that belongs to none of its work. */
  onStrayWord(): void;
}

/** A run that is ahead, and the name of its home. */
interface Ahead {
  exchange: RunExchange;
  home: string;
}

/**
 * The work of one process: a run, or the check of a source. While a run is in progress, the next runs may
 * already be in the process. They are "ahead": each begins without another message from the parent when the one before
 * it has ended. Passes each message on to the work that it belongs to.
 */
export class ProcessWork {
  /** Runs that have begun. */
  runs = 0;
  /** Processor time of the run that ended last. */
  lastCpuMs = 0;
  readonly limits = new PendingLimits();
  exchange: RunExchange | undefined;
  private readonly warm: WarmHomes;
  /** The runs that are ahead, in order. Those that were taken back stay until the process has reported their end. */
  private readonly ahead: Ahead[] = [];
  /** The home of the current run. */
  private home = '';
  private openCheck: { id: number; answer: (checked: Checked) => void } | undefined;

  constructor(
    private readonly isolation: IsolationMode,
    keptMemoryMb: number,
    private readonly place: Workplace,
  ) {
    this.warm = new WarmHomes(keptMemoryMb);
  }

  /** Number of runs that are ahead and were not taken back. */
  get runsAhead(): number {
    let count = 0;
    for (const { exchange } of this.ahead) if (!exchange.isTakenBack) count++;
    return count;
  }

  isWarmFor(home: string): boolean {
    return this.warm.has(home);
  }

  /** The used share of the memory for homes, from 0 to 1. */
  get fullness(): number {
    return this.warm.fullness;
  }

  run(run: PreparedRun, home: string, ends: ExchangeEnds): void {
    this.runs++;
    this.home = home;
    this.exchange = this.newExchange(run, home, ends);
    this.exchange.begin(this.isolation);
  }

  /**
   * Whether a run may go ahead. Its home must be here, or its script must be the current one. The current run must not
   * wait for a binding, no run may have been taken back, and the limits of both runs must allow messages of the same
   * size.
   */
  takesAhead(run: PreparedRun, home: string): boolean {
    if (!this.exchange || this.exchange.isWaiting || this.runsAhead < this.ahead.length) return false;
    const now = this.exchange.run;
    return (
      (this.warm.has(home) || this.isOfCurrentScript(run, home)) && haveSameBounds(run.limits, now.limits)
    );
  }

  /** Whether a run has the home, script and source of the current run. */
  isOfCurrentScript(run: PreparedRun, home: string): boolean {
    const now = this.exchange?.run;
    return home === this.home && run.script === now?.script && run.source === now.source;
  }

  /** Sends a run ahead. Call it only if {@link takesAhead} returned true. */
  runAhead(run: PreparedRun, home: string, ends: ExchangeEnds): void {
    const exchange = this.newExchange(run, home, ends);
    this.ahead.push({ exchange, home });
    exchange.giveAhead(this.isolation);
  }

  /** Takes back the runs that are ahead, because they would wait longer here than elsewhere. */
  takeBackAhead(): void {
    for (const { exchange } of this.ahead) exchange.takeBack();
  }

  /** Compiles a source. Kills the process if that takes longer than `timeoutMs`. */
  check(source: string, timeoutMs: number): Promise<Checked> {
    return new Promise((resolve) => {
      const timer = new FairTimer(timeoutMs, () => this.place.kill('timeout'));
      const id = randomInt(IDS);
      const answer = (checked: Checked): void => {
        timer.cancel();
        this.place.endWork();
        resolve(checked);
      };
      this.openCheck = { id, answer };
      this.place.send({ t: 'check', id }, [source]);
    });
  }

  /** The process has ended with a check in it. */
  checkLost(lostFor: LostFor): void {
    this.openCheck?.answer({ lostFor });
  }

  /**
   * Drops the work that has ended.
   *
   * @param mayGoOn whether the next run that is ahead begins now, if there is one
   * @returns the run that has begun, if any
   */
  next(mayGoOn: boolean): RunExchange | undefined {
    this.exchange = undefined;
    this.openCheck = undefined;
    if (!mayGoOn) this.ahead.length = 0;
    const next = this.ahead.shift();
    if (!next) return undefined;
    const { exchange, home } = next;
    this.exchange = exchange;
    this.home = home;
    this.runs++;
    this.warm.hasAgain(home, exchange.home);
    exchange.itsTurn();
    return exchange;
  }

  /**
   * Handles a message. The message carries the id of the work that it belongs to; after `done` or `checked`, an honest
   * process sends nothing more for that work.
   */
  hear(
    head: Exclude<ToParent, { t: 'ready' }>,
    texts: readonly string[],
    isLast: boolean,
    follower: ToParent | undefined,
  ): void {
    const open = head.t === 'checked' ? this.openCheck : this.exchange;
    if (open?.id !== head.id) return this.place.onStrayWord();
    switch (head.t) {
      case 'need':
        return this.exchange!.onNeed();
      case 'logs':
        return this.exchange!.onLogs(texts);
      case 'calls':
      case 'waiting':
        return this.exchange!.onCalls(head, texts);
      case 'done':
        if (!isLast && !this.maySpeakNext(follower)) throw new RangeError('a message after the last one');
        if (head.gone !== undefined) this.warm.forget(head.gone);
        if (head.used !== undefined) this.warm.uses(head.used);
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

  /**
   * Handles log lines that a run had not sent when its process was asked. They come on another pipe: the run may have
   * ended, or be the next one although the end of the run before it has not been read.
   */
  hearUnsent(head: UnsentMessage, text: string): void {
    const open = [this.exchange, ...this.ahead.map(({ exchange }) => exchange)];
    open.find((exchange) => exchange?.id === head.id)?.onUnsent(head, text);
  }

  /**
   * Whether the current run is responsible for what the process sends: the process has run nothing else, or has already
   * sent something for this run.
   */
  get isRunSpeaking(): boolean {
    return this.exchange !== undefined && (this.runs === 1 || this.exchange.hasSpoken);
  }

  /** Whether what follows the `done` of the current run can belong to the next run that is ahead. */
  private maySpeakNext(follower: ToParent | undefined): boolean {
    const next = this.ahead[0];
    if (!next) return false;
    return follower === undefined || (follower.t !== 'ready' && follower.id === next.exchange.id);
  }

  private newExchange(run: PreparedRun, home: string, ends: ExchangeEnds): RunExchange {
    const { onEnd, onGivenBack, onTakenBack, mayRunAnew } = ends;
    return new RunExchange(randomInt(IDS), run, this.warm.enter(home, run), this.place, {
      mayRunAnew,
      onTakenBack,
      onEnd: (outcome, touched) => {
        const { cpuMs, bindingCalls } = outcome.metrics;
        this.lastCpuMs = cpuMs;
        // The process sets a limit when the run begins, and one for each answer.
        this.limits.add(run.limits.timeoutMs, 1 + bindingCalls);
        this.place.endWork(() => onEnd(outcome, touched));
      },
      onGivenBack: (crowded) => this.place.endWork(() => onGivenBack(crowded)),
    });
  }

  private onDone(exchange: RunExchange, done: DoneMessage, texts: readonly string[]): void {
    exchange.onDone(done, texts);
    // The exchange reports no second end of a run that was taken back.
    if (exchange.isTakenBack) this.place.endWork();
  }
}
