import { BindingCallError, LONGEST_CALL_MESSAGE } from '../../common/binding-call.error.js';
import { BUILT_IN_CALLS } from '../../common/built-in-calls.js';
import { isLargerThan } from '../../common/byte-limits.js';
import { FairTimer } from '../../common/fair-timer.js';
import { messageOf, ScriptsEventError } from '../../common/errors.js';
import { JsonText, toStorableJson } from '../../common/json.js';
import type { JsonValue } from '../../common/json.js';
import { isDeeperThan } from '../bounded-text.js';
import type { PreparedRun } from '../prepared-run.js';
import { Pace } from './pace.js';
import { formatDuration } from '../../common/duration-text.js';

/** What a script sees of a call that failed. */
interface CallProblem {
  name: 'BindingError' | 'LimitError';
  code: string;
  message: string;
}

export type AnswerCall = (call: number, ok: boolean, text: string) => void;

interface OpenCall {
  readonly controller: AbortController;
  timer: FairTimer | undefined;
}

/** Shared, because all runs use one event loop. */
const pace = new Pace();

/** The binding calls of one run. The parent makes them, and aborts open ones when the run ends. */
export class BindingCalls {
  private readonly open = new Map<number, OpenCall>();

  constructor(
    private readonly run: PreparedRun,
    private readonly answer: AnswerCall,
  ) {}

  /** Makes a call, in this turn of the event loop or a later one; its answer is sent unless the run ends first. */
  start(call: number, name: string, argsText: string): void {
    pace.do(this, { size: argsText.length, run: () => this.startNow(call, name, argsText) });
  }

  private startNow(call: number, name: string, argsText: string): void {
    const problem = this.refusal(name, argsText);
    if (problem) return this.answer(call, false, JSON.stringify(problem));
    const open: OpenCall = { controller: new AbortController(), timer: undefined };
    this.open.set(call, open);
    void this.askAndAnswer(call, name, argsText, open);
  }

  private async askAndAnswer(call: number, name: string, argsText: string, open: OpenCall): Promise<void> {
    const { ok, text } = await this.ask(name, argsText, open);
    if (this.open.delete(call)) this.answer(call, ok, text);
  }

  /** Aborts open calls and drops those that have not begun. Later answers are ignored. */
  cancel(): void {
    pace.drop(this);
    if (this.open.size === 0) return;
    const reason = new Error('the run is over');
    for (const { controller, timer } of this.open.values()) {
      timer?.cancel();
      controller.abort(reason);
    }
    this.open.clear();
  }

  /**
   * Repeats the isolate's checks, because a script may have taken over the process. `HeardRun` has already checked the
   * number of calls.
   */
  private refusal(name: string, argsText: string): CallProblem | undefined {
    const { bindings, callBinding, limits } = this.run;
    if (!bindings.includes(name) && !(callBinding && BUILT_IN_CALLS.has(name)))
      return bindingError('not-allowed', `${name} is not among the bindings of this script`);
    if (isLargerThan(argsText, limits.bindingBytes)) return limitError('bindingBytes', limits.bindingBytes);
    if (isDeeperThan(argsText, limits.depth)) return limitError('depth', limits.depth);
    return undefined;
  }

  private async ask(name: string, argsText: string, open: OpenCall): Promise<{ ok: boolean; text: string }> {
    const { limits, callBinding } = this.run;
    const { controller } = open;
    const late = new Promise<never>((_, reject) => {
      open.timer = new FairTimer(limits.bindingTimeoutMs, () => {
        const message = `${name} took longer than ${formatDuration(limits.bindingTimeoutMs)}, the most a binding call may take (sandbox.bindingTimeout)`;
        const error = new BindingCallError('timeout', message);
        reject(error);
        controller.abort(error);
      });
    });
    try {
      const args = JSON.parse(toStorableJson(argsText)) as JsonValue;
      return this.read(name, await Promise.race([callBinding!(name, args, controller.signal), late]));
    } catch (error) {
      return { ok: false, text: JSON.stringify(problemOf(name, error)) };
    } finally {
      open.timer?.cancel();
    }
  }

  private read(name: string, value: JsonValue | JsonText | undefined): { ok: boolean; text: string } {
    const { bindingBytes, depth } = this.run.limits;
    const text =
      value instanceof JsonText ? value.text : ((JSON.stringify(value) as string | undefined) ?? 'null');
    const problem = isLargerThan(text, bindingBytes)
      ? limitError('bindingBytes', bindingBytes)
      : isDeeperThan(text, depth)
        ? limitError('depth', depth)
        : undefined;
    if (problem === undefined) return { ok: true, text };
    return {
      ok: false,
      text: JSON.stringify({ ...problem, message: `The result of ${name}: ${problem.message}` }),
    };
  }
}

const bindingError = (code: string, message: string): CallProblem => ({
  name: 'BindingError',
  code,
  message,
});

const limitError = (code: string, limit: number): CallProblem => ({
  name: 'LimitError',
  code,
  message: `over ${code} = ${limit}`,
});

/** Shows the message of a `ScriptsEventError` only, because any other error may name machines, tables or paths. */
function problemOf(name: string, error: unknown): CallProblem {
  if (error instanceof ScriptsEventError) {
    return bindingError(error.code, messageOf(error).slice(0, LONGEST_CALL_MESSAGE));
  }
  return bindingError('failed', `${name} failed`);
}
