import { randomInt } from 'node:crypto';
import { FairTimer } from '../../common/fair-timer.js';
import type { SourceProblem } from '../outcome.js';
import type { PreparedRun } from '../prepared-run.js';
import type { DoneMessage, IsolationMode, ToParent } from '../protocol.js';
import type { KillReason } from './exit-reason.js';
import { haveSameBounds } from './heard-run.js';
import { RunExchange } from './run-exchange.js';
import type { ExchangeEnds, Line } from './run-exchange.js';
import { WarmHomes } from './warm-homes.js';

/** Ids are drawn from so many: one that was not told cannot be named. */
const IDS = 2 ** 48 - 1;

/** The answer of a check, or why the process that should have given it was killed, if it did not end by itself. */
export type Checked = { problem: SourceProblem | null } | { killedFor: KillReason | undefined };

/** What work needs of its process. */
export interface Workplace extends Line {
  /**
   * The work has ended.
   *
   * @param tell tells whoever waits for it
   */
  endWork(tell?: () => void): void;
  /** It said something that belongs to no work it has. */
  onStrayWord(): void;
}

/**
 * What one process is busy with: a run, and perhaps one more that is ahead, the next one of the same script, so that it need
 * not wait for the parent between the two; or the check of a source. Messages go to the work they are about.
 */
export class ProcessWork {
  /** Runs that have begun. */
  runs = 0;
  /** Processor time of the run that ended last. */
  lastCpuMs = 0;
  exchange: RunExchange | undefined;
  private readonly warm: WarmHomes;
  private ahead: RunExchange | undefined;
  private home = '';
  private openCheck: { id: number; answer: (checked: Checked) => void } | undefined;

  constructor(
    private readonly isolation: IsolationMode,
    keptMemoryMb: number,
    private readonly place: Workplace,
  ) {
    this.warm = new WarmHomes(keptMemoryMb);
  }

  /** Has a run whose turn has not come. */
  get hasAhead(): boolean {
    return this.ahead !== undefined && !this.ahead.isTakenBack;
  }

  isWarmFor(home: string): boolean {
    return this.warm.has(home);
  }

  /** Share of what the process may keep that is in use. */
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
   * Whether a run may go ahead: it is of the script that runs here, so that nobody else's word can be taken for its own, and
   * the one before it is not waiting for a binding.
   */
  takesAhead(run: PreparedRun, home: string): boolean {
    if (this.ahead || !this.exchange || this.exchange.isWaiting) return false;
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
    this.ahead.giveAhead(this.isolation);
  }

  /** Gives back a run whose turn has not come: it would wait here for longer than elsewhere. */
  takeBackAhead(): void {
    this.ahead?.takeBack();
  }

  /** Compiles a source; the process is killed when that takes longer than `timeoutMs`. */
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
  checkLost(killedFor: KillReason | undefined): void {
    this.openCheck?.answer({ killedFor });
  }

  /**
   * Forgets the work that has ended.
   *
   * @param mayGoOn whether the run that is ahead begins now, if there is one
   * @returns the run that has begun
   */
  next(mayGoOn: boolean): RunExchange | undefined {
    const { ahead } = this;
    this.exchange = undefined;
    this.openCheck = undefined;
    this.ahead = undefined;
    if (!ahead || !mayGoOn) return undefined;
    this.exchange = ahead;
    this.runs++;
    this.warm.hasAgain(this.home, ahead.home);
    ahead.itsTurn();
    return ahead;
  }

  /** A process speaks of the work it has, by the id it was given with it, and says nothing behind its last word. */
  hear(head: Exclude<ToParent, { t: 'ready' }>, texts: readonly string[], isLast: boolean): void {
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
        if (!isLast && !this.ahead) throw new RangeError('a message after the last one');
        if (head.gone !== undefined) this.warm.forget(head.gone, this.exchange!.home);
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
   * Whether what the process says is the doing of the run it has: in a process that has run nothing else, or once it has
   * spoken for its run, nobody else can have been at work.
   */
  get isRunSpeaking(): boolean {
    return this.exchange !== undefined && (this.runs === 1 || this.exchange.hasSpoken);
  }

  private newExchange(run: PreparedRun, home: string, ends: ExchangeEnds): RunExchange {
    const { onEnd, onGivenBack, onTakenBack, mayRunAnew } = ends;
    return new RunExchange(randomInt(IDS), run, this.warm.enter(home, run), this.place, {
      mayRunAnew,
      onTakenBack,
      onEnd: (outcome, touched) => {
        this.lastCpuMs = outcome.metrics.cpuMs;
        this.place.endWork(() => onEnd(outcome, touched));
      },
      onGivenBack: (crowded) => this.place.endWork(() => onGivenBack(crowded)),
    });
  }

  private onDone(exchange: RunExchange, done: DoneMessage, texts: readonly string[]): void {
    exchange.onDone(done, texts);
    // Nobody waits for it any more but this process.
    if (exchange.isTakenBack) this.place.endWork();
  }
}
