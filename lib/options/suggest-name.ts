const LONGEST_NAME = 100;

/**
 * The name of `names` that `name` is most likely a slip of, or `undefined` when none is within `maxEdits` letters.
 * Default a third of the name, and at least 2.
 */
export function suggestName(
  name: string,
  names: readonly string[],
  maxEdits = Math.max(2, Math.floor(name.length / 3)),
): string | undefined {
  // The work grows with the product of both lengths, and no name of ours is that long.
  if (name.length > LONGEST_NAME) return undefined;
  const near = names
    .filter((candidate) => Math.abs(candidate.length - name.length) <= maxEdits)
    .map((candidate) => ({ candidate, edits: edits(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits: count }) => count <= maxEdits);
  return near.toSorted((a, b) => a.edits - b.edits)[0]?.candidate;
}

/** Levenshtein distance: single-character edits that turn one text into the other. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replace = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
