import { isOutage } from './database-failure.js';
import { messageOf, stackOf } from './errors.js';

/** The methods of a logger that are used. `PrintableLogger` has them. */
export interface OutageLogger {
  log(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** The log lines. */
export interface OutageLines {
  /** Logged when an outage of the database begins, followed by the error. */
  begins: string;
  /** Logged when the outage is over. */
  ends: string;
  /** What fails if it isn't an outage, for example `Retries fail`. */
  fails: string;
}

/**
 * An outage of the database as one part of the package sees it, in two log lines: one when it begins and one when it is
 * over. Failures in between add none, however many there are.
 *
 * An error counts as an outage if the driver or the server says that the database is unavailable. Any other error is a
 * fault that waiting doesn't fix: it is logged as an error with its stack, once for each message until the part works
 * again.
 */
export class Outage {
  private on = false;
  private readonly faults = new Set<string>();

  constructor(
    private readonly logger: OutageLogger,
    private readonly lines: OutageLines,
  ) {}

  /** True from the first failure because of the database until something works. */
  get isOn(): boolean {
    return this.on;
  }

  /** True from the first failure for another reason until something works. */
  get isFailing(): boolean {
    return this.faults.size > 0;
  }

  failed(error: unknown): void {
    if (isOutage(error)) {
      if (!this.on) this.logger.warn(`${this.lines.begins}: ${messageOf(error)}`);
      this.on = true;
      return;
    }
    const message = messageOf(error);
    if (this.faults.size < MOST_FAULTS && !this.faults.has(message))
      this.logger.error(`${this.lines.fails}, and the database is not the cause: ${stackOf(error)}`);
    if (this.faults.size < MOST_FAULTS) this.faults.add(message);
  }

  worked(): void {
    if (this.on) this.logger.log(this.lines.ends);
    this.on = false;
    if (this.faults.size > 0)
      this.logger.log(
        `Recovered: ${this.lines.fails.charAt(0).toLowerCase()}${this.lines.fails.slice(1)} no longer.`,
      );
    this.faults.clear();
  }

  /** Call it when the outage is over and somebody else has logged it. */
  toldElsewhere(): void {
    this.on = false;
    this.faults.clear();
  }
}

/**
 * Most faults that are logged until the part works again, because a message may contain something that changes each
 * time.
 */
const MOST_FAULTS = 10;
