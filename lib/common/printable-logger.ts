import { Logger } from '@nestjs/common';
import { fieldFormOf } from './host-log.js';
import { type Line, lineAsText, lineWithFields } from './log-line.js';

type Level = 'debug' | 'log' | 'warn' | 'error';

/**
 * Nest's `Logger`, and the only way in which this package logs. Every line is a single printable line of limited
 * length, even if it repeats a tenant's text. A line about an execution, an event, a dead letter, a script or a tenant
 * ({@link lineAbout}) has their ids as fields if the host's logger takes fields, otherwise in its text.
 */
export class PrintableLogger {
  private readonly logger: Logger;

  /** @param context what Nest writes before the message, such as a class name */
  constructor(context: string) {
    this.logger = new Logger(context);
  }

  debug(line: Line): void {
    this.write('debug', line);
  }

  log(line: Line): void {
    this.write('log', line);
  }

  warn(line: Line): void {
    this.write('warn', line);
  }

  error(line: Line): void {
    this.write('error', line);
  }

  private write(level: Level, line: Line): void {
    // The host may set its logger at any time.
    const form = fieldFormOf(this.logger.localInstance);
    if (form === 'none') return this.logger[level](lineAsText(line));
    const { text, fields } = lineWithFields(line);
    // Also without fields: after a text alone, Nest passes `undefined` for a stack, which pino puts in place of a `%s`.
    if (form === 'before') return this.logger[level](fields, text);
    if (Object.keys(fields).length === 0) return this.logger[level](text);
    if (form === 'after') this.logger[level](text, fields);
    else this.logger[level]({ message: text, ...fields });
  }
}
