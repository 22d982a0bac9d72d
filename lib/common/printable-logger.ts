import { Logger } from '@nestjs/common';
import { printable, printableValue } from './printable.js';

type Line = string | object;

/**
 * Nest's `Logger`, and the only way of this package into it: whatever a line repeats of a tenant's text, it is one line,
 * printable, and bounded. An object is a structured line; every text in it is treated the same.
 */
export class PrintableLogger {
  private readonly logger: Logger;

  /** @param context what Nest writes before the message, for example a class's name */
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

/** Longer than one text of a tenant, so that what a line says after it is still there. */
const LONGEST_LINE = 8_000;

const shown = (line: Line): unknown =>
  typeof line === 'string' ? printable(line, LONGEST_LINE) : printableValue(line);
