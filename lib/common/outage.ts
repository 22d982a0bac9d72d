import { messageOf } from './errors.js';

/** What is needed of a logger: `PrintableLogger` fits. */
export interface OutageLogger {
  log(message: string): void;
  warn(message: string): void;
}

/** What is said when it begins, before the error, and when it is over. */
export interface OutageLines {
  begins: string;
  ends: string;
}

/**
 * An outage as one part sees it, in two lines of the log: one when it begins and one when it is over. What fails in between,
 * however often, adds none.
 */
export class Outage {
  private on = false;

  constructor(
    private readonly logger: OutageLogger,
    private readonly lines: OutageLines,
  ) {}

  /** True from the first failure until something works. */
  get isOn(): boolean {
    return this.on;
  }

  failed(error: unknown): void {
    if (!this.on) this.logger.warn(`${this.lines.begins}: ${messageOf(error)}`);
    this.on = true;
  }

  worked(): void {
    if (this.on) this.logger.log(this.lines.ends);
    this.on = false;
  }

  /** It is over, and somebody else says so. */
  toldElsewhere(): void {
    this.on = false;
  }
}
