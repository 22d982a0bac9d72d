const AROUND = 2;

/** Shows a line of a source, marked, with the lines around it. */
export function codeFrame(source: string, line: number): string[] {
  const lines = source.split(/\r?\n/);
  // What follows the last line end is no line, unless the error is there.
  if (lines.at(-1) === '' && line < lines.length) lines.pop();
  const first = Math.max(1, line - AROUND);
  const last = Math.min(lines.length, line + AROUND);
  const width = String(last).length;
  return lines
    .slice(first - 1, last)
    .map((text, at) => [first + at, text] as const)
    .map(([number, text]) =>
      `${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text.replaceAll('\t', '  ')}`.trimEnd(),
    );
}
