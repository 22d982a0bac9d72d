import { styleText } from 'node:util';
import { messageOf, ScriptsEventError } from '../common/errors.js';
import { printable, printableJson } from '../common/printable.js';

type Style = Parameters<typeof styleText>[0];

/** Text in a colour. */
export interface Styled {
  readonly style: Style;
  readonly text: string;
}

/**
 * Where a command writes. What it found goes out, what it has to say about it goes to the side. Each call is one line,
 * and a script's text in it is printable: it cannot move the cursor, set colours, rename the window or look like a line of
 * this command's own.
 */
export class Terminal {
  /** Colours are for people at a terminal who have not said no (no-color.org). */
  private readonly coloured = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

  out(...parts: (string | Styled)[]): void {
    process.stdout.write(`${this.line(parts)}\n`);
  }

  note(...parts: (string | Styled)[]): void {
    process.stderr.write(`${this.line(parts)}\n`);
  }

  /** What ended a command or one run of it. Errors of this package may have several lines. */
  error(error: unknown): void {
    const message = messageOf(error);
    const lines = error instanceof ScriptsEventError ? message.split('\n') : [message];
    for (const [at, line] of lines.entries())
      if (at === 0) this.note(styled('red', 'error:'), ` ${line}`);
      else this.note(line);
  }

  /** A value for programs. */
  json(value: unknown): void {
    process.stdout.write(`${printableJson(JSON.stringify(value, undefined, 2))}\n`);
  }

  /** A file that is made here, as it is. */
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
