import { styleText } from 'node:util';

/** Colours with a meaning; `plain` has none. */
export type Style = 'plain' | 'title' | 'name' | 'good' | 'bad' | 'doubt' | 'quiet';

/** A text with the style it is written in. */
export type Cell = string | readonly [text: string, style: Style];

const FORMATS = {
  title: 'bold',
  name: 'cyan',
  good: 'green',
  bad: 'red',
  doubt: 'yellow',
  quiet: 'gray',
} as const;

/** Where the terminal writes: `process.stdout`, or a collector in a test. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
}

/**
 * Writes lines and aligned columns. Colour goes to a terminal only, and not when `NO_COLOR` is set
 * (https://no-color.org).
 */
export class Terminal {
  private readonly coloured: boolean;

  constructor(
    private readonly output: Output = process.stdout,
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.coloured = output.isTTY === true && !environment.NO_COLOR;
  }

  /** A chapter's heading, underlined. */
  chapter(heading: string): void {
    this.line();
    this.line([heading, 'title']);
    this.line(['─'.repeat(heading.length), 'quiet']);
  }

  /** One line from its parts. */
  line(...cells: Cell[]): void {
    this.output.write(`${cells.map((cell) => this.paint(cell)).join('')}\n`);
  }

  /** Rows whose columns stand below one another, two blanks apart. */
  table(rows: readonly (readonly Cell[])[], indent = 2): void {
    const widths: number[] = [];
    for (const row of rows)
      row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, textOf(cell).length)));
    for (const row of rows) {
      const cells = row.map((cell, at) => {
        // The last text of a row isn't padded, so that no line ends in blanks.
        const last = row.slice(at + 1).every((next) => textOf(next) === '');
        return this.paint(cell) + (last ? '' : ' '.repeat((widths[at] ?? 0) - textOf(cell).length + 2));
      });
      this.line(' '.repeat(indent) + cells.join(''));
    }
  }

  private paint(cell: Cell): string {
    if (typeof cell === 'string') return cell;
    const [text, style] = cell;
    return this.coloured && style !== 'plain'
      ? styleText(FORMATS[style], text, { validateStream: false })
      : text;
  }
}

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell[0]);

/** A text cut to a width, with a mark where it was cut. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`;

/** Milliseconds as a person reads them. */
export function duration(milliseconds: number): string {
  if (milliseconds >= 10_000) return `${(milliseconds / 1000).toFixed(0)} s`;
  if (milliseconds >= 1_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : milliseconds.toFixed(0)} ms`;
}
