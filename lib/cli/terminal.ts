import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Where a command writes. What it found goes out, what it has to say about it goes to the side. */
export class Terminal {
  /** Colours are for people at a terminal who have not said no (no-color.org). */
  private readonly coloured = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

  out(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  note(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  style(format: Style, text: string): string {
    return this.coloured ? styleText(format, text) : text;
  }
}

/** A script's text, made harmless: it must not move the cursor, set colours or rename the window. */
export const printable = (text: string): string =>
  text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what has to go
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
