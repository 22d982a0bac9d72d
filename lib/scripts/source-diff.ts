import { type ChangeObject, diffLines } from 'diff';

/** A line of one version or of both. @publicApi */
export interface ScriptDiffLine {
  kind: 'same' | 'removed' | 'added';
  /** Its number in the earlier text, from 1; null if it was added. */
  before: number | null;
  /** Its number in the later text, from 1; null if it was removed. */
  after: number | null;
  text: string;
}

/** What changed between two versions of a script. @publicApi */
export interface ScriptDiff {
  /** The version that is compared with. */
  from: number;
  to: number;
  added: number;
  removed: number;
  /** All lines of both sources; in a change, removed lines come before added ones. */
  lines: ScriptDiffLine[];
}

/**
 * Up to this many changed lines, the shortest difference is looked for: the work grows with the square of the number.
 */
const MOST_CHANGED = 1_000;
/** Up to this many changed lines, sources are compared in one go, within a few milliseconds. */
const FEW_CHANGED = 100;

/**
 * Compares two sources line by line. Sources that differ in more than 1,000 lines differ as a whole. The event loop
 * continues meanwhile, because some sources take more than 100 ms of processor time.
 */
export async function sourceDiff(
  from: number,
  before: string,
  to: number,
  after: string,
): Promise<ScriptDiff> {
  const parts = diffLines(before, after, { maxEditLength: FEW_CHANGED, ...LINES }) ??
    (await inTurns(before, after)) ?? [
      { value: before, added: false, removed: true },
      { value: after, added: true, removed: false },
    ];
  const found: ScriptDiff = { from, to, added: 0, removed: 0, lines: [] };
  let [nextBefore, nextAfter] = [1, 1];
  for (const { value, added, removed } of parts)
    for (const text of linesOf(value)) {
      if (added) found.added += 1;
      if (removed) found.removed += 1;
      found.lines.push({
        kind: added ? 'added' : removed ? 'removed' : 'same',
        before: added ? null : nextBefore++,
        after: removed ? null : nextAfter++,
        text,
      });
    }
  return found;
}

const LINES = { stripTrailingCr: true };

/** Undefined if too many lines differ. */
const inTurns = (before: string, after: string): Promise<ChangeObject<string>[] | undefined> =>
  new Promise((resolve) => {
    diffLines(before, after, { maxEditLength: MOST_CHANGED, ...LINES, callback: resolve });
  });

/** The lines of a text. A line break at its end begins no further line. */
const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/));
