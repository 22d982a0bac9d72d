import { isOutage } from './database-failure.js';
import { messageOf } from './errors.js';

/** What is needed of a logger: `PrintableLogger` fits. */
export interface OutageLogger {
  log(message: string): void;
  warn(message: string): void;
  error(message: string, stack?: string): void;
}

/** What is said. */
export interface OutageLines {
  /** When an outage of the database begins, before the error. */
  begins: string;
  /** When it is over. */
  ends: string;
  /** What goes on when something fails that is no outage, for example `Retries fail`. */
  fails: string;
}

/**
 * An outage of the database as one part sees it, in two lines of the log: one when it begins and one when it is over.
 * What fails in between, however often, adds none.
 *
 * An outage is what the driver or the server calls one. Anything else is a fault, which waiting does not mend: it is an
 * error in the log with its stack, once for each message until the part works again.
 */
export class Outage {
  private on = false;
  private readonly faults = new Set<string>();

  constructor(
    private readonly logger: OutageLogger,
    private readonly lines: OutageLines,
  ) {}

  /** True from the first failure for want of the database until something works. */
  get isOn(): boolean {
    return this.on;
  }

  /** True from the first failure of another kind until something works. */
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
      this.logger.error(
        `${this.lines.fails}, and the database is not the cause: ${message}`,
        error instanceof Error ? error.stack : undefined,
      );
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

  /** It is over, and somebody else says so. */
  toldElsewhere(): void {
    this.on = false;
    this.faults.clear();
  }
}

/** Messages may hold what changes each time: the log must not fill. */
const MOST_FAULTS = 10;
