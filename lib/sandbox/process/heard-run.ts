import { BYTES_IN_JSON, mostOwnLines } from '../outcome-reader.js';
import { MOST_OF_NAME, MOST_PAYLOADS, MOST_UNSENT_ARGS, MOST_UNSENT_LINES } from '../protocol.js';
import type { CallsMessage, FrameBounds } from '../protocol.js';
import type { SandboxLimits } from '../sandbox.limits.js';

/** Most bytes of one UTF-16 unit in UTF-8. */
const BYTES_OF_UNIT = 3;
/** Bytes in a message beside the text of a log line, a call or an event. */
const BYTES_AROUND = 256;

/** What an idle process may send: that it is ready, or the result of a source check. */
export const SMALL_MESSAGES: FrameBounds = { bytes: 64 * 1024, headBytes: 32 * 1024, texts: 0 };

/** An answer to the question for unsent log lines. */
export const UNSENT_LINES: FrameBounds = {
  bytes: MOST_UNSENT_LINES + BYTES_AROUND,
  headBytes: BYTES_AROUND,
  texts: 1,
};

/** The largest message of an honest process for a run with these limits. */
export function honestBounds(limits: SandboxLimits): FrameBounds {
  const { messageBytes, stackBytes, bindingCalls, publishes } = limits;
  const texts = Math.max(2, bindingCalls) + mostLines(limits);
  const headBytes =
    4_096 +
    BYTES_IN_JSON * (messageBytes + stackBytes + MOST_OF_NAME) +
    // The name of a binding has at most 128 characters.
    bindingCalls * BYTES_AROUND;
  const result = limits.resultBytes + MOST_PAYLOADS * limits.publishBytes;
  // `logBytes` counts the script's lines as JSON. The warnings of the sandbox come in addition.
  const logs = limits.logBytes + BYTES_IN_JSON * mostOwnLines(bindingCalls) * messageBytes;
  const args = BYTES_OF_UNIT * MOST_UNSENT_ARGS + limits.bindingBytes;
  const around = BYTES_AROUND * (texts + publishes);
  return { bytes: headBytes + around + logs + Math.max(result, args), headBytes, texts };
}

/** Whether the largest message has the same size with both limits. */
export function haveSameBounds(left: SandboxLimits, right: SandboxLimits): boolean {
  if (left === right) return true;
  const [one, other] = [honestBounds(left), honestBounds(right)];
  return one.bytes === other.bytes && one.headBytes === other.headBytes && one.texts === other.texts;
}

const mostLines = ({ logLines, bindingCalls }: SandboxLimits): number =>
  logLines + mostOwnLines(bindingCalls);

/**
 * Checks what a process sends about its run. Each method for a message throws if no honest process would send it. An
 * honest process only answers, and keeps to the limits that its isolate enforces.
 */
export class HeardRun {
  /** Messages to the process that it has not answered with `need`, `waiting` or `done`. */
  private due = 1;
  private lines = 0;
  private lastCall = 0;
  /** Number of binding calls that the run has made. */
  calls = 0;
  /**
   * True once the process has sent anything but `need` for the run. It has read the run then, because nobody can guess
   * its id.
   */
  hasSpoken = false;

  /** @param mayNeed whether the run was sent without its source */
  constructor(
    private readonly limits: SandboxLimits,
    private mayNeed: boolean,
  ) {}

  /** True if the process waits for an answer and none is on its way. */
  get isWaiting(): boolean {
    return this.due === 0;
  }

  /** Counts a message to the process. */
  spokenTo(): void {
    this.due++;
  }

  /** The process asks for the source. The script has not run yet, so it can't have sent this. */
  needed(): void {
    if (!this.mayNeed || this.hasSpoken || this.due === 0) throw new RangeError('a source it has');
    this.mayNeed = false;
    this.due--;
  }

  logs(lines: number): void {
    this.listen();
    if (lines === 0) throw new RangeError('no log lines');
    this.count(lines);
  }

  /** @param texts the arguments of the calls, then log lines */
  called({ t, calls }: CallsMessage, texts: readonly string[]): void {
    this.listen();
    if (t === 'waiting') this.due--;
    else if (calls.length === 0) throw new RangeError('no calls');
    const lines = texts.length - calls.length;
    if (!(lines >= 0) || (t === 'calls' && lines > 0)) throw new RangeError('calls without their arguments');
    this.count(lines);
    for (const { call, name } of calls) {
      if (!Number.isSafeInteger(call) || call <= this.lastCall) throw new RangeError('a call twice');
      if (typeof name !== 'string') throw new TypeError('no name of a binding');
      this.lastCall = call;
    }
    this.calls += calls.length;
    if (this.calls > this.limits.bindingCalls) throw new RangeError('more calls');
  }

  done(lines: number): void {
    this.listen();
    this.count(lines);
  }

  /** The process was asked for the lines that the run had not sent, and also says how many it had sent. */
  unsent(sent: number, lines: number): void {
    this.hasSpoken = true;
    if (!Number.isSafeInteger(sent) || sent < 0 || sent + lines > mostLines(this.limits))
      throw new RangeError('more log lines');
  }

  private count(lines: number): void {
    this.lines += lines;
    if (this.lines > mostLines(this.limits)) throw new RangeError('more log lines');
  }

  private listen(): void {
    this.hasSpoken = true;
    if (this.due === 0) throw new RangeError('a message from an idle process');
  }
}
