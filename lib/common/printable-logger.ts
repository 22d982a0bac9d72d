import { Logger } from '@nestjs/common';
import { printable, printableValue } from './printable.js';

type Line = string | object;

/**
 * Nest's `Logger`, and the only way in which this package logs. Every line is a single printable line of limited
 * length, even if it repeats a tenant's text. An object becomes a structured line, and every text in it is treated the
 * same way.
 */
export class PrintableLogger {
  private readonly logger: Logger;

  /** @param context what Nest writes before the message, such as a class name */
  constructor(context: string) {
    this.logger = new Logger(context);
  }

  debug(line: Line): void {
    this.logger.debug(shown(line));
  }

  log(line: Line): void {
    this.logger.log(shown(line));
  }

  warn(line: Line): void {
    this.logger.warn(shown(line));
  }

  error(line: Line): void {
    this.logger.error(shown(line));
  }
}

/** Longer than one text of a tenant, so that the rest of the line is still visible. */
const LONGEST_LINE = 8_000;

const shown = (line: Line): unknown =>
  typeof line === 'string' ? printable(line, LONGEST_LINE) : printableValue(line);
