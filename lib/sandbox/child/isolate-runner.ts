import ivm from 'isolated-vm';
import type { AnswerMessage, ChildError, RunMessage } from '../protocol.js';
import { ActiveRun } from './active-run.js';
import { syntaxProblem } from './error-text.js';
import { IsolateMemoryError, KeptIsolate, KeptIsolates, SourceError } from './kept-isolates.js';
import type { PreludeHost, PreludeSettings } from './prelude/prelude.types.js';
import type { Realm } from './realm.js';

/** What a run holds in its isolate until it ends. */
interface Stay {
  run: ActiveRun;
  isolate: KeptIsolate;
  realm: Realm;
}

/**
 * Runs scripts one at a time. Every entry into an isolate is synchronous, has the time that is left of the run, and
 * includes the microtasks it causes; between entries a run can only be waiting for bindings.
 *
 * What an entry returns is never needed: it throws instead whenever a promise is rejected in it that has no handler yet,
 * which a script may do and handle later. So all that has to come out of the isolate comes by calls of {@link PreludeHost},
 * and all that has to go in, by references that were there before the script was.
 */
export class IsolateRunner {
  private readonly kept: KeptIsolates;
  private readonly host = this.makeHost();
  private stay: Stay | undefined;

  constructor(keptIsolates: number) {
    this.kept = new KeptIsolates(keptIsolates);
  }

  run(message: RunMessage, [source, ctx, input]: string[]): void {
    const run = new ActiveRun(message);
    const stay = this.open(run, source!);
    if (stay === undefined) return run.sendDone();
    this.stay = stay;
    run.startClock(stay.isolate.takeCompileMs());
    this.enter(stay, (timeout) => this.begin(stay, ctx!, input!, timeout));
  }

  answer({ id, call, ok, stillMs }: AnswerMessage, text: string): void {
    const { stay } = this;
    if (stay?.run.message.id !== id) return;
    stay.run.stillMs = stillMs;
    stay.run.pending--;
    this.enter(stay, (timeout) => stay.realm.settle.applySync(undefined, [call, ok, text], { timeout }));
  }

  /** Ends a run that waits. One that computes is not reached by messages: the parent kills the process. */
  end(id: number, kind: 'timeout' | 'cancelled'): void {
    const { stay } = this;
    if (stay?.run.message.id !== id) return;
    stay.run.fail(kind === 'timeout' ? timeoutError(stay.run) : { kind, message: 'The run was cancelled' });
    this.finish(stay, false);
  }

  private open(run: ActiveRun, source: string): Stay | undefined {
    let isolate: KeptIsolate | undefined;
    try {
      isolate = this.kept.take(run.message, source);
      return { run, isolate, realm: isolate.enter() };
    } catch (error) {
      run.fail(setUpError(error, run, isolate));
      isolate?.dispose();
      return undefined;
    }
  }

  private begin(stay: Stay, ctx: string, input: string, timeout: number): void {
    const { realm, run } = stay;
    const args = [realm.script.derefInto(), this.host, ctx, input, settingsOf(run.message)];
    realm.start.applySync(undefined, args as never, { timeout, arguments: { copy: true } });
  }

  private enter(stay: Stay, visit: (timeout: number) => void): void {
    const { run } = stay;
    const timeout = Math.max(1, Math.ceil(run.timeLeft));
    try {
      visit(timeout);
    } catch (error) {
      if (this.wasStopped(stay)) return this.finish(stay, false);
      run.noteUnhandledRejection(error);
    }
    if (run.end) return this.finish(stay, true);
    if (run.pending === 0) {
      run.fail(deadlockError(run));
      return this.finish(stay, false);
    }
    run.sendWaiting();
  }

  /**
   * Whether the isolate was stopped, told by facts: disposal and the clock. The error's text proves nothing, because a
   * promise that the script rejected and nobody handled is thrown at the same place with a text of the script's choice.
   */
  private wasStopped({ run, isolate }: Stay): boolean {
    const error = isolate.isDisposed ? memoryError(run) : run.timeLeft <= 1 ? timeoutError(run) : undefined;
    // A run whose own end came first but which then went on until it was stopped has not come to rest.
    if (error) run.end = { error };
    return error !== undefined;
  }

  private finish(stay: Stay, clean: boolean): void {
    this.stay = undefined;
    if (clean) stay.run.noteOpenCalls();
    stay.run.sendDone();
    stay.isolate.leave(stay.realm);
    this.kept.giveBack(stay.run.message, stay.isolate, clean);
  }

  private makeHost(): Record<keyof PreludeHost, ivm.Callback> {
    const run = (): ActiveRun | undefined => this.stay?.run;
    return {
      log: new ivm.Callback((level: string, message: string, data?: string) =>
        run()?.addLog(level, message, data),
      ),
      drop: new ivm.Callback(() => run()?.dropLog()),
      call: new ivm.Callback((id: number, name: string, args: string) => run()?.addCall(id, name, args)),
      completed: new ivm.Callback((result: string, published: string) => run()?.complete(result, published)),
      failed: new ivm.Callback((text: string) => run()?.failThrown(text)),
      rejected: new ivm.Callback((message: string) => run()?.fail({ kind: 'rejected', message })),
    };
  }
}

function settingsOf({ bindings, reservedEventTypes, limits }: RunMessage): string {
  return JSON.stringify({ bindings, reservedEventTypes, ...limits } satisfies Record<
    keyof PreludeSettings,
    unknown
  >);
}

function setUpError(error: unknown, run: ActiveRun, isolate: KeptIsolate | undefined): ChildError {
  if (error instanceof SourceError) return syntaxError(error, run);
  if (error instanceof IsolateMemoryError || isolate?.isDisposed) return memoryError(run);
  // None of the script's code has run: the text is the engine's or ours.
  return { kind: 'crashed', message: `The isolate could not be created: ${String(error).slice(0, 200)}` };
}

const syntaxError = (error: SourceError, { message }: ActiveRun): ChildError => ({
  kind: 'syntax',
  name: 'SyntaxError',
  ...syntaxProblem(error.thrown, message.limits.messageBytes),
});

const timeoutError = ({ message: { limits } }: ActiveRun): ChildError => ({
  kind: 'timeout',
  message: `The script ran longer than timeoutMs = ${limits.timeoutMs}`,
});

const deadlockError = ({ message: { limits } }: ActiveRun): ChildError => ({
  kind: 'timeout',
  message: `The script waits for a promise that can never settle, so it would exceed timeoutMs = ${limits.timeoutMs}`,
});

const memoryError = ({ message: { limits } }: ActiveRun): ChildError => ({
  kind: 'memory',
  message: `The script used more than memoryMb = ${limits.memoryMb}`,
});
