import { distance } from 'fastest-levenshtein';

/** The work grows with the product of both lengths, and none of our names is that long. */
const LONGEST_NAME = 100;

/**
 * The name in `names` that was probably meant by `name`: the same except for case, or the nearest one within `maxEdits`
 * edits. `undefined` if there is none.
 *
 * @param maxEdits default by the letters of `name`: 0 for up to two letters, 1 for three, 2 for up to eight, otherwise
 * a third of the letters
 */
export function suggestName(
  name: string,
  names: readonly string[],
  maxEdits = editsFor(name.length),
): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const wanted = name.toLowerCase();
  return names
    .filter((candidate) => Math.abs(candidate.length - name.length) <= maxEdits)
    .map((candidate) => ({ candidate, edits: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= maxEdits)
    .toSorted((a, b) => a.edits - b.edits)[0]?.candidate;
}

function editsFor(letters: number): number {
  if (letters <= 3) return Math.max(0, letters - 2);
  return Math.max(2, Math.floor(letters / 3));
}
