import { styleText } from 'node:util';
import { messageOf, ScriptsEventError } from '../common/errors.js';
import { printable, printableJson } from '../common/printable.js';

type Style = Parameters<typeof styleText>[0];

/** Text with a colour. */
export interface Styled {
  readonly style: Style;
  readonly text: string;
}

/**
 * The output of a command: results go to standard output, messages about them to standard error. Each call writes one
 * line. Text of a script is made printable: it can't move the cursor, set colours, rename the window, or imitate a line
 * of the command.
 */
export class Terminal {
  /** Colours only at a terminal, and unless NO_COLOR is set (no-color.org). */
  private readonly coloured = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

  out(...parts: (string | Styled)[]): void {
    process.stdout.write(`${this.line(parts)}\n`);
  }

  note(...parts: (string | Styled)[]): void {
    process.stderr.write(`${this.line(parts)}\n`);
  }

  /** Prints the error that ended a command or a run. Errors of this package may have several lines. */
  error(error: unknown): void {
    const message = messageOf(error);
    const lines = error instanceof ScriptsEventError ? message.split('\n') : [message];
    for (const [at, line] of lines.entries())
      if (at === 0) this.note(styled('red', 'error:'), ` ${line}`);
      else this.note(line);
  }

  /** Prints a value as JSON. */
  json(value: unknown): void {
    process.stdout.write(`${printableJson(JSON.stringify(value, undefined, 2))}\n`);
  }

  /** Writes the content of a generated file to standard output, unchanged. */
  file(text: string): void {
    process.stdout.write(text);
  }

  private line(parts: readonly (string | Styled)[]): string {
    return parts
      .map((part) => {
        if (typeof part === 'string') return printable(part, Infinity);
        const text = printable(part.text, Infinity);
        return this.coloured ? styleText(part.style, text) : text;
      })
      .join('');
  }
}

export const styled = (style: Style, text: string): Styled => ({ style, text });
