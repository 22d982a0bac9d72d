import { diff, presentableDiff } from '@codemirror/merge';
import type { ComparedLine } from './editor.types.js';

/** A line of one text or of both. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  /** Line number in the first text, from 1; absent for an added line. */
  readonly before?: number;
  /** Line number in the second text, from 1; absent for a removed line. */
  readonly after?: number;
  readonly text: string;
  /** Parts that differ, as `[from, to]` within the line; empty if the line is unchanged or differs as a whole. */
  readonly changed: readonly (readonly [from: number, to: number])[];
}

/** Changed characters up to which a difference is exact; beyond, the comparison is faster and coarser. */
const CONFIG = { scanLimit: 2_000 };

/** Longest change, in characters, within whose lines differences are marked; marks in a longer one help nobody. */
const LONGEST_CHANGE = 20_000;

/** Compares two texts. Returns the lines of both; within a change, removed lines come before added ones. */
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

/** The same for lines that the API has compared: adds the parts that differ within them. */
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

/** Most different lines that can be compared: each becomes one character below the surrogates, which begin here. */
const MOST_LINES = 0xd800;

/** The changes, in line numbers. Each different line is encoded as one character, so that `diff` compares lines. */
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

/** The lines of one change, with the parts that differ within them. */
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

/** Cuts ranges of the joined lines into ranges within each line. */
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
