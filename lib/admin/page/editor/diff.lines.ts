import { diff, presentableDiff } from '@codemirror/merge';
import type { ComparedLine } from './editor.types.js';

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

/** Changed parts within which the finest difference is looked for; beyond, whole stretches count as changed. */
const CONFIG = { scanLimit: 2_000 };

/** Characters of one change within whose lines differences are looked for; in a longer one nobody would look. */
const LONGEST_CHANGE = 20_000;

/** The lines of both texts in the order in which they are read: within a change, what was removed before what was added. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  const lines: DiffLine[] = [];
  let [nextA, nextB] = [0, 0];
  const same = (until: number): void => {
    for (; nextA < until; nextA += 1, nextB += 1)
      lines.push({
        kind: 'same',
        before: nextA + 1,
        after: nextB + 1,
        text: a[nextA] as string,
        changed: [],
      });
  };
  for (const { fromA, toA, fromB, toB } of changes(a, b)) {
    same(fromA);
    const [removed, added] = marked(a.slice(fromA, toA), b.slice(fromB, toB));
    for (const line of removed) lines.push({ kind: 'removed', before: (nextA += 1), ...line });
    for (const line of added) lines.push({ kind: 'added', after: (nextB += 1), ...line });
  }
  same(a.length);
  return lines;
}

/** The same of texts that were compared elsewhere: what differs within their lines is marked. */
export function comparedLines(lines: readonly ComparedLine[]): DiffLine[] {
  const found: DiffLine[] = [];
  let [removed, added]: [ComparedLine[], ComparedLine[]] = [[], []];
  const change = (): void => {
    const both = marked(
      removed.map(({ text }) => text),
      added.map(({ text }) => text),
    );
    for (const [at, { before }] of removed.entries())
      found.push({ kind: 'removed', ...(both[0][at] as MarkedLine), ...(before === null ? {} : { before }) });
    for (const [at, { after }] of added.entries())
      found.push({ kind: 'added', ...(both[1][at] as MarkedLine), ...(after === null ? {} : { after }) });
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    if (line.kind === 'removed') removed.push(line);
    else if (line.kind === 'added') added.push(line);
    else {
      change();
      const { before, after, text } = line;
      found.push({ kind: 'same', before: before ?? 0, after: after ?? 0, text, changed: [] });
    }
  }
  change();
  return found;
}

const linesOf = (text: string): string[] => text.split(/\r\n?|\n/);

/** Characters that can stand for a line: those before the surrogates. */
const MOST_LINES = 0xd800;

/** What differs, counted in lines: each different line is one character for the comparison. */
function changes(a: readonly string[], b: readonly string[]): readonly LineChange[] {
  const codes = new Map<string, string>();
  const coded = (lines: readonly string[]): string =>
    lines
      .map((line) => {
        const code = codes.get(line) ?? String.fromCharCode(codes.size);
        codes.set(line, code);
        return code;
      })
      .join('');
  const [codedA, codedB] = [coded(a), coded(b)];
  if (codes.size > MOST_LINES) return [{ fromA: 0, toA: a.length, fromB: 0, toB: b.length }];
  return diff(codedA, codedB, CONFIG);
}

interface LineChange {
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
}

type MarkedLine = Pick<DiffLine, 'text' | 'changed'>;
type Range = readonly [from: number, to: number];

/** The lines of one change, with what differs within them. */
function marked(
  removed: readonly string[],
  added: readonly string[],
): [removed: MarkedLine[], added: MarkedLine[]] {
  const [before, after] = [removed.join('\n'), added.join('\n')];
  const comparable = removed.length > 0 && added.length > 0 && before.length + after.length <= LONGEST_CHANGE;
  const parts = comparable ? presentableDiff(before, after, CONFIG) : [];
  return [
    withRanges(
      removed,
      parts.map(({ fromA, toA }) => [fromA, toA]),
    ),
    withRanges(
      added,
      parts.map(({ fromB, toB }) => [fromB, toB]),
    ),
  ];
}

/** Each line with its share of ranges of them all. */
function withRanges(lines: readonly string[], ranges: readonly Range[]): MarkedLine[] {
  let start = 0;
  return lines.map((text) => {
    const from = start;
    start += text.length + 1;
    const changed = ranges
      .map(([first, last]): Range => [Math.max(first - from, 0), Math.min(last - from, text.length)])
      .filter(([first, last]) => first < last);
    const whole = changed.length === 1 && changed[0]?.[0] === 0 && changed[0][1] === text.length;
    return { text, changed: whole ? [] : changed };
  });
}
