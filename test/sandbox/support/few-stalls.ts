/** The machine may block the host during two runs of a table, and during one more for every twenty. */
const mostStalled = (runs: number): number => 2 + Math.floor(runs / 20);

/**
 * Fails if more runs than these have blocked their host once. A script that does so only sometimes passes when it is
 * repeated, so it can be noticed only over the whole table.
 *
 * @param stalled the scripts that had to run again
 * @param runs all runs of the table
 */
export function proveFewStalls(stalled: readonly string[], runs: number): void {
  if (stalled.length <= mostStalled(runs)) return;
  throw new Error(`${stalled.length} of ${runs} runs stalled their host: ${stalled.join(', ')}`);
}
