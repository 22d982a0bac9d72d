import type { LoggerService } from '@nestjs/common';

/** Records what an application logs, each line as text that begins with its level. */
export class RecordedLog implements LoggerService {
  readonly lines: string[] = [];

  log = (...parts: unknown[]): void => this.keep('log', parts);
  error = (...parts: unknown[]): void => this.keep('error', parts);
  warn = (...parts: unknown[]): void => this.keep('warn', parts);
  debug = (...parts: unknown[]): void => this.keep('debug', parts);
  verbose = (...parts: unknown[]): void => this.keep('verbose', parts);
  fatal = (...parts: unknown[]): void => this.keep('fatal', parts);

  of(level: 'log' | 'warn' | 'error'): string[] {
    return this.lines.filter((line) => line.startsWith(`${level}: `));
  }

  private keep(level: string, parts: unknown[]): void {
    const texts = parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
    this.lines.push(`${level}: ${texts.join(' ')}`);
  }
}
