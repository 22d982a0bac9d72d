import type { LogLine } from '../outcome.js';
import { LogCollector } from '../outcome-reader.js';
import type { SandboxLimits } from '../sandbox.limits.js';

/**
 * The log lines of one run. Its process sends them, and also tells the lines that it has not sent yet when it is asked
 * for them. Those count only if the process is lost before it has sent them.
 */
export class RunLines {
  private readonly sent: LogCollector;
  private arrived = 0;
  private unsent: { from: number; texts: readonly string[] } | undefined;

  constructor(private readonly limits: SandboxLimits) {
    this.sent = new LogCollector(limits);
  }

  /** The lines that the process has sent. */
  get lines(): LogLine[] {
    return this.sent.lines;
  }

  /** How many lines of the run are missing because they exceed a limit. */
  get dropped(): number {
    return this.sent.dropped;
  }

  /** Adds lines that the process has sent. Throws for text that is not a log line. */
  add(texts: readonly string[]): void {
    this.arrived += texts.length;
    this.sent.add(texts);
  }

  /** Counts lines that the process left out. */
  addDropped(count: number): void {
    this.sent.dropped += count;
  }

  /**
   * Notes the lines that the process had not sent when it was asked. Throws for text that is not a log line.
   *
   * @param from how many lines it had sent
   */
  noteUnsent(from: number, texts: readonly string[]): void {
    new LogCollector(this.limits).add(texts);
    this.unsent = { from, texts };
  }

  /** The lines of a run whose process is lost, including those that it had not sent. */
  takeAll(): LogLine[] {
    const { unsent, arrived } = this;
    this.unsent = undefined;
    // The lines from `from` to `arrived` were sent after the process was asked.
    if (unsent && unsent.from <= arrived) this.add(unsent.texts.slice(arrived - unsent.from));
    return this.lines;
  }
}
