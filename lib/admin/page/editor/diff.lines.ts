import { Chunk } from '@codemirror/merge';
import { Text } from '@codemirror/state';

/** A line of one text or of both. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  /** Its number in the text before, from 1; absent when it was added. */
  readonly before?: number;
  /** Its number in the text after; absent when it was removed. */
  readonly after?: number;
  readonly text: string;
  /** The parts that differ, as `[from, to]` within the line; empty when all of it does. */
  readonly changed: readonly (readonly [from: number, to: number])[];
}

/** Characters within which the finest difference is looked for; beyond, whole stretches count as changed. */
const SCAN_LIMIT = 2_000;

/** The lines of both texts in the order in which they are read: within a change, what was removed before what was added. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [textOf(before), textOf(after)];
  const lines: DiffLine[] = [];
  let [lineA, lineB] = [1, 1];
  const same = (until: number): void => {
    for (; lineA < until; lineA += 1, lineB += 1)
      lines.push({ kind: 'same', before: lineA, after: lineB, text: a.line(lineA).text, changed: [] });
  };
  for (const chunk of Chunk.build(a, b, { scanLimit: SCAN_LIMIT })) {
    same(lineAt(a, chunk.fromA));
    const partly = chunk.fromA < chunk.toA && chunk.fromB < chunk.toB;
    for (; lineA < lineAt(a, chunk.toA); lineA += 1) {
      const changes = chunk.changes.map(({ fromA, toA }): Range => [chunk.fromA + fromA, chunk.fromA + toA]);
      const changed = partly ? within(a.line(lineA), changes) : [];
      lines.push({ kind: 'removed', before: lineA, text: a.line(lineA).text, changed });
    }
    for (; lineB < lineAt(b, chunk.toB); lineB += 1) {
      const changes = chunk.changes.map(({ fromB, toB }): Range => [chunk.fromB + fromB, chunk.fromB + toB]);
      const changed = partly ? within(b.line(lineB), changes) : [];
      lines.push({ kind: 'added', after: lineB, text: b.line(lineB).text, changed });
    }
  }
  same(a.lines + 1);
  return lines;
}

type Range = readonly [from: number, to: number];

const textOf = (text: string): Text => Text.of(text.split(/\r\n?|\n/));

/** The line that starts at an offset: one past the last when the offset is past the end. */
const lineAt = (text: Text, offset: number): number =>
  offset > text.length ? text.lines + 1 : text.lineAt(offset).number;

/** What of the ranges lies in a line, relative to its start. */
const within = ({ from, to }: { from: number; to: number }, ranges: readonly Range[]): Range[] =>
  ranges
    .map(([start, end]): Range => [Math.max(start, from) - from, Math.min(end, to) - from])
    .filter(([start, end]) => start < end);
