const LONGEST_WORD = 100;

/**
 * The candidate that was probably meant: the same word but for case, or the nearest one. Words of up to two letters have
 * to be the same, up to five may differ in one, longer ones in two.
 */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  // The work grows with the product of both lengths, and nobody mistypes one letter in a hundred.
  if (word.length > LONGEST_WORD) return undefined;
  const lower = word.toLowerCase();
  let nearest: string | undefined;
  let allowed = word.length <= 2 ? 0 : word.length <= 5 ? 1 : 2;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > allowed) continue;
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance > allowed) continue;
    nearest = candidate;
    allowed = distance - 1;
    if (distance === 0) break;
  }
  return nearest;
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + Number(!same),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped && row > 1 && column > 1) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, right.length);
}

const at = (row: readonly number[], column: number): number => row[column] as number;
