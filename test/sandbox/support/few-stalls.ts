/** The machine may disturb two runs of a table, and one more for every twenty. */
const mostStalled = (runs: number): number => 2 + Math.floor(runs / 20);

/**
 * Fails if more runs than these have blocked their host or were interrupted once. A script that causes it only sometimes
 * passes when it is repeated, so it can be noticed only over the whole table.
 *
 * @param stalled the scripts that had to run again
 * @param runs all runs of the table
 */
export function proveFewStalls(stalled: readonly string[], runs: number): void {
  if (stalled.length <= mostStalled(runs)) return;
  throw new Error(
    `${stalled.length} of ${runs} runs stalled their host or were interrupted: ${stalled.join(', ')}`,
  );
}
