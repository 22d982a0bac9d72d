import { cut } from '../../common/byte-limits.js';
import { byteLength } from '../../common/json.js';
import { MOST_UNSENT_ARGS, OWN_LINE } from '../protocol.js';
import type { ChildError, DoneMessage, RunSettings } from '../protocol.js';
import { send } from './channel.js';
import { runtimeError } from './error-text.js';
import type { ThrownText } from './error-text.js';
import type { UnsentLines } from './unsent-lines.js';

/**
 * How many log lines of a run that sends promptly are sent as soon as they are written. Any other line is sent at once
 * only if the script has computed for `LOG_DELAY_MS` since the last ones were sent. Otherwise it waits until a later line
 * is sent, or until the script waits or ends: a message for each line would cost a good part of a run.
 */
const PROMPT_LINES = 8;
const LOG_DELAY_MS = 5;

/** How a run ended. An error's kind follows from which of our functions was called, never from the script's text. */
export type RunEnd = { result: string; published: string } | { error: ChildError };

/** What the parent should also know at the end of a run, about the homes of this process. */
export type About = Pick<DoneMessage, 'touched' | 'crowded' | 'gone' | 'used'>;

/** What one run has logged, called and published so far. */
export class ActiveRun {
  private readonly begunAt = performance.now();
  /** When the script's time began. */
  private startedAt = this.begunAt;
  private readonly cpuAtStart = process.cpuUsage();
  private newCalls: { call: number; name: string }[] = [];
  private newArgs: string[] = [];
  private newSize = 0;
  private logs: string[] = [];
  private logLines = 0;
  /** How many of the first lines are sent as soon as they are written. */
  private promptLines = 0;
  /** Bytes of the script's lines. The warnings of the sandbox don't count here. */
  private logBytes = 0;
  private logsSentAt = this.startedAt;
  /** Log lines that the isolate dropped, as last reported. */
  logsDropped = 0;
  private calls = 0;
  /** Binding calls that have no answer yet. */
  pending = 0;
  /** The pending calls of the script's store. The run waits for their answers even if the script doesn't. */
  private readonly openStoreCalls = new Set<number>();
  /** Milliseconds of the run in which its process stood still, as the parent reported them. */
  stillMs = 0;
  /** The first end counts, unless {@link stop} replaces it or the isolate is stopped. */
  end: RunEnd | undefined;

  constructor(
    readonly id: number,
    readonly settings: RunSettings,
    private readonly unsent: UnsentLines,
  ) {}

  /** Milliseconds since the run began. */
  get ranMs(): number {
    return performance.now() - this.begunAt;
  }

  get timeLeft(): number {
    return this.settings.limits.timeoutMs - (performance.now() - this.startedAt) + this.stillMs;
  }

  /**
   * Starts the script's time when its isolate is ready. Making an isolate doesn't count as the script's time; compiling
   * its source does.
   */
  startClock(compileMs: number): void {
    this.logsSentAt = performance.now();
    this.startedAt = this.logsSentAt - compileMs;
  }

  /**
   * Sends the first lines as soon as they are written. A script that makes the process crash then shows what it logged,
   * although nobody can ask a process that has crashed.
   */
  sendPromptly(): void {
    this.promptLines = PROMPT_LINES;
  }

  /** Adds a line of the script. Returns false if it exceeds `logBytes`; it is then dropped, like all later ones. */
  addLog(level: string, message: string, data: string | undefined): boolean {
    const line = `{"level":"${level}","message":${JSON.stringify(message)}${data === undefined ? '' : `,"data":${data}`}}`;
    this.logBytes += byteLength(line);
    const fits = this.logBytes <= this.settings.limits.logBytes;
    if (fits) this.add(line);
    return fits;
  }

  private add(line: string): void {
    this.logs.push(line);
    this.logLines++;
    if (this.isDue || !this.keep(line)) send({ t: 'logs', id: this.id }, this.takeLogs());
  }

  private get isDue(): boolean {
    return this.logLines <= this.promptLines || performance.now() - this.logsSentAt > LOG_DELAY_MS;
  }

  /** Keeps the last line where the parent can ask for it. Returns false if there is no room for it. */
  private keep(line: string): boolean {
    if (this.logs.length === 1) this.unsent.begin(this.id, this.logLines - 1);
    return this.unsent.add(line);
  }

  addCall(call: number, name: string, args: string): void {
    this.calls++;
    this.pending++;
    if (name.startsWith('store.')) this.openStoreCalls.add(call);
    this.newCalls.push({ call, name });
    this.newArgs.push(args);
    this.newSize += args.length;
    // The parent would take long to read all arguments in one message.
    if (this.newSize > MOST_UNSENT_ARGS) this.sendCalls('calls');
  }

  /** Notes that a call has its answer, and the script goes on. */
  answered(call: number): void {
    this.logsSentAt = performance.now();
    this.pending--;
    this.openStoreCalls.delete(call);
  }

  /**
   * Whether the run is over. A script may complete without `await` for a call of its store; the run then goes on until
   * that call has its answer.
   */
  get isOver(): boolean {
    return this.end !== undefined && ('error' in this.end || this.openStoreCalls.size === 0);
  }

  complete(result: string, published: string): void {
    this.end ??= { result, published };
  }

  fail(error: ChildError): void {
    this.end ??= { error };
  }

  /** Ends the run with an error, unless it is over. */
  stop(error: ChildError): void {
    if (!this.isOver) this.end = { error };
  }

  failThrown(text: string): void {
    this.fail(runtimeError(JSON.parse(text) as ThrownText, this.settings.limits));
  }

  /**
   * Logs a warning for the script's author: a promise was rejected and had no handler when the script came to rest. The
   * run does not fail because of it. The warning stays even if the script handles the rejection later.
   */
  noteUnhandledRejection(thrown: unknown): void {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    const what = this.end
      ? 'A rejected promise was not handled'
      : 'A rejected promise was not handled before the script waited';
    this.addWarning(cut(`${what}: ${text}`, this.settings.limits.messageBytes));
  }

  /** Logs a warning for the script's author if the end of the run cancels calls that the script did not await. */
  noteOpenCalls(): void {
    if (this.pending === 0) return;
    const calls = this.pending === 1 ? '1 binding call was' : `${this.pending} binding calls were`;
    this.addWarning(`${calls} not awaited, and cancelled when the run ended`);
  }

  private addWarning(message: string): void {
    this.add(`${OWN_LINE}"level":"warn","message":${JSON.stringify(message)}}`);
  }

  private takeLogs(): string[] {
    const { logs } = this;
    this.logs = [];
    this.logsSentAt = performance.now();
    return logs;
  }

  sendWaiting(): void {
    this.sendCalls('waiting', this.takeLogs());
  }

  sendDone(about: About): void {
    const end = this.end!;
    const cpu = process.cpuUsage(this.cpuAtStart);
    const done: DoneMessage = {
      t: 'done',
      id: this.id,
      // Whole microseconds, like the processor time.
      durationMs: Math.round(this.ranMs * 1000) / 1000,
      cpuMs: (cpu.user + cpu.system) / 1000,
      bindingCalls: this.calls,
      logsDropped: this.logsDropped,
    };
    // Set one by one: most runs have none of these fields, and spreading other objects into the literal costs
    // microseconds.
    if ('error' in end) done.error = end.error;
    if (about.touched) done.touched = true;
    if (about.crowded) done.crowded = true;
    if (about.gone) done.gone = about.gone;
    if (about.used !== undefined) done.used = about.used;
    send(done, 'error' in end ? this.logs : [end.result, end.published, ...this.logs]);
  }

  private sendCalls(t: 'calls' | 'waiting', logs: readonly string[] = []): void {
    send({ t, id: this.id, calls: this.newCalls }, [...this.newArgs, ...logs]);
    this.newCalls = [];
    this.newArgs = [];
    this.newSize = 0;
  }
}

/** Reports the end of a run that never began. */
export function sendNeverBegan(id: number, error: ChildError, about: About): void {
  send({ t: 'done', id, error, durationMs: 0, cpuMs: 0, bindingCalls: 0, logsDropped: 0, ...about });
}
