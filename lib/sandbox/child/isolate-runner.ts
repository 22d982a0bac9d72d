import ivm from 'isolated-vm';
import type { AnswerMessage, ChildError, RunMessage, SourceMessage } from '../protocol.js';
import { ActiveRun, sendNeverBegan } from './active-run.js';
import type { About } from './active-run.js';
import { send } from './channel.js';
import { syntaxProblem } from './error-text.js';
import { IsolateMemoryError, SourceError } from './home.js';
import type { Home } from './home.js';
import { Homes } from './homes.js';
import type { Begin } from './prelude/prelude.types.js';
import type { Host, Realm } from './realm.js';
import { endingTogether, stepOf } from './time-limits.js';
import type { UnsentLines } from './unsent-lines.js';

/** What a run holds in its home until it ends. */
interface Stay {
  run: ActiveRun;
  number: number;
  home: Home;
  realm: Realm;
  begin: ivm.Reference<Begin>;
}

/** A run that waits for its source. */
interface Wanting {
  message: RunMessage;
  ctx: string;
  input: string;
  /** The tenant's values that the run may use, as JSON, if there are any. */
  values: string | undefined;
}

/** A run that waits for those before it to end. */
interface Ahead extends Wanting {
  source: string | undefined;
  /** Whether the parent has taken the run back. */
  ended: boolean;
}

/**
 * Runs scripts one at a time. Every entry into an isolate is synchronous, may take the time that its run has left, and
 * includes the microtasks that it causes. Between entries, a run can only be waiting for bindings.
 *
 * The runner never uses what an entry returns. An entry throws instead if a promise is rejected during it that has no
 * handler yet, even if the script handles the rejection later. So everything leaves the isolate by calls of
 * {@link Host}, and everything enters by references that existed before the script.
 */
export class IsolateRunner {
  private readonly homes: Homes;
  private readonly host = this.makeHost();
  private stay: Stay | undefined;
  private wanting: Wanting | undefined;
  private readonly ahead: Ahead[] = [];

  constructor(
    keptBytes: number,
    private readonly unsentLines: UnsentLines,
  ) {
    this.homes = new Homes(keptBytes);
  }

  run(message: RunMessage, ctx: string, input: string, source: string | undefined, values?: string): void {
    if (this.isBusy) return void this.ahead.push({ message, ctx, input, values, source, ended: false });
    const settings = message.settings ?? this.homes.settingsOf(message);
    if (settings === undefined) return this.askForSource({ message, ctx, input, values });
    const run = new ActiveRun(message.id, settings, this.unsentLines);
    const stay = this.open(run, message, source);
    if (stay === undefined) return run.sendDone(this.homes.takeNews());
    this.stay = stay;
    const texts = values === undefined ? [ctx, input] : [ctx, input, values];
    this.enter(stay, (timeout) => stay.begin.applySync(undefined, texts as never, { timeout }));
  }

  /** Begins the runs that wait for those before them, as far as those have ended. Call it after each message. */
  goOn(): void {
    while (!this.isBusy) {
      const next = this.ahead.shift();
      if (!next) return;
      const { message, ctx, input, source, values, ended } = next;
      if (ended) sendNeverBegan(message.id, CANCELLED, this.homes.takeNews());
      else this.run(message, ctx, input, source, values);
    }
  }

  private get isBusy(): boolean {
    return this.stay !== undefined || this.wanting !== undefined;
  }

  /** Begins the run that has waited for its source. */
  source({ id, settings }: SourceMessage, source: string): void {
    const { wanting } = this;
    if (wanting?.message.id !== id) return;
    this.wanting = undefined;
    const { message, ctx, input, values } = wanting;
    this.run({ ...message, settings }, ctx, input, source, values);
  }

  answer({ id, call, ok, stillMs }: AnswerMessage, text: string): void {
    const { stay } = this;
    if (stay?.run.id !== id) return;
    stay.run.stillMs = stillMs;
    stay.run.answered(call);
    this.enter(stay, (timeout) => stay.realm.settle.applySync(undefined, [call, ok, text], { timeout }));
  }

  /** Ends a run that waits. A run that computes receives no messages; to end it, the parent kills the process. */
  end(id: number, kind: 'timeout' | 'cancelled'): void {
    const { stay, wanting } = this;
    for (const waiting of this.ahead) if (waiting.message.id === id) waiting.ended = true;
    if (stay?.run.id === id) {
      stay.run.stop(kind === 'timeout' ? timeoutError(stay.run) : CANCELLED);
      return this.finish(stay, false);
    }
    if (wanting?.message.id !== id) return;
    this.wanting = undefined;
    sendNeverBegan(id, CANCELLED, this.homes.takeNews());
  }

  private askForSource(wanting: Wanting): void {
    this.wanting = wanting;
    send({ t: 'need', id: wanting.message.id });
  }

  private open(
    run: ActiveRun,
    { home: number, script, prompt }: RunMessage,
    source: string | undefined,
  ): Stay | undefined {
    const { settings } = run;
    for (;;) {
      let home: Home | undefined;
      let wasUsed = false;
      try {
        home = this.homes.take(number, settings);
        wasUsed = home.isUsed;
        const { compileMs, isFirst, ...entered } = home.enter({ script, settings, source });
        entered.realm.connect(this.host);
        run.startClock(compileMs);
        if (prompt || isFirst) run.sendPromptly();
        return { run, number, home, ...entered };
      } catch (error) {
        const isFit = error instanceof SourceError && settings.isolation === 'compartment';
        if (home) this.homes.giveBack(number, home, settings, isFit);
        // Other scripts may have filled the home: open this run once more, in a new home.
        if (error instanceof IsolateMemoryError && wasUsed && source !== undefined) continue;
        run.fail(setUpError(error, run, home));
        return undefined;
      }
    }
  }

  private enter(stay: Stay, visit: (timeout: number) => void): void {
    const { run } = stay;
    const timeout = endingTogether(run.timeLeft, stepOf(run.settings.limits.timeoutMs));
    try {
      visit(timeout);
    } catch (error) {
      if (this.wasStopped(stay)) return this.finish(stay, false, true);
      run.noteUnhandledRejection(error);
    }
    if (run.isOver) return this.finish(stay, true);
    if (run.pending === 0) {
      run.fail(deadlockError(run));
      return this.finish(stay, false);
    }
    run.sendWaiting();
  }

  /**
   * Whether the isolate was stopped. Only its disposal and the clock prove that. The error's text proves nothing,
   * because a rejection without a handler is thrown at the same place, with a text of the script's choice.
   */
  private wasStopped({ run, home }: Stay): boolean {
    const error = home.isDisposed ? memoryError(run) : run.timeLeft <= 1 ? timeoutError(run) : undefined;
    // Replaces an earlier end: a script that completed and then computed until it was stopped has not come to rest.
    if (error) run.end = { error };
    return error !== undefined;
  }

  /** @param wasStopped whether the isolate was stopped, so that code of the script may be left to run */
  private finish(stay: Stay, clean: boolean, wasStopped = false): void {
    const { run, number, home, realm } = stay;
    if (run.logsDropped > 0 && !wasStopped) realm.reportDropped();
    this.stay = undefined;
    if (clean) run.noteOpenCalls();
    const untouched = !clean || home.leave(realm, run.ranMs);
    const isMemory = run.end !== undefined && 'error' in run.end && run.end.error.kind === 'memory';
    // Comes before `sendDone`: this run causes what happens here, and the next run may be another tenant's.
    this.homes.giveBack(number, home, run.settings, clean);
    const about: About = this.homes.takeNews();
    if (!untouched) about.touched = true;
    if (isMemory && home.isShared) about.crowded = true;
    run.sendDone(about);
  }

  private makeHost(): Host {
    const run = (): ActiveRun | undefined => this.stay?.run;
    return {
      log: new ivm.Callback((level: string, message: string, data?: string) =>
        run()?.addLog(level, message, data),
      ),
      dropped: new ivm.Callback((lines: number) => {
        if (this.stay) this.stay.run.logsDropped = lines;
      }),
      call: new ivm.Callback((id: number, name: string, args: string) => run()?.addCall(id, name, args)),
      completed: new ivm.Callback((result: string, published: string) => run()?.complete(result, published)),
      failed: new ivm.Callback((text: string) => run()?.failThrown(text)),
      rejected: new ivm.Callback((message: string) => run()?.fail({ kind: 'rejected', message })),
    };
  }
}

function setUpError(error: unknown, run: ActiveRun, home: Home | undefined): ChildError {
  if (error instanceof SourceError) return syntaxError(error, run);
  if (error instanceof IsolateMemoryError || home?.isDisposed) return memoryError(run);
  // The script has not run yet, so the error's text is the engine's or ours.
  return { kind: 'crashed', message: `The isolate could not be created: ${String(error).slice(0, 200)}` };
}

const CANCELLED: ChildError = { kind: 'cancelled', message: 'The run was cancelled' };

const syntaxError = (error: SourceError, { settings }: ActiveRun): ChildError => ({
  kind: 'syntax',
  name: 'SyntaxError',
  ...syntaxProblem(error.thrown, settings.limits.messageBytes),
});

const timeoutError = ({ settings: { limits } }: ActiveRun): ChildError => ({
  kind: 'timeout',
  message: `The script ran longer than timeoutMs = ${limits.timeoutMs}`,
});

const deadlockError = ({ settings: { limits } }: ActiveRun): ChildError => ({
  kind: 'timeout',
  message: `The script waits for a promise that can never settle, so it would exceed timeoutMs = ${limits.timeoutMs}`,
});

const memoryError = ({ settings: { limits } }: ActiveRun): ChildError => ({
  kind: 'memory',
  message: `The script used more than memoryMb = ${limits.memoryMb}`,
});
