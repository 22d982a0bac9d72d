/** The machine may stall the host during two runs of a table, and during one more of every twenty. */
const mostStalled = (runs: number): number => 2 + Math.floor(runs / 20);

/**
 * Fails when more runs than these stalled their host once: a script that does so now and then passes when it is repeated,
 * and shows over the whole table.
 *
 * @param stalled the scripts that had to run again
 * @param runs all runs of the table
 */
export function proveFewStalls(stalled: readonly string[], runs: number): void {
  if (stalled.length <= mostStalled(runs)) return;
  throw new Error(`${stalled.length} of ${runs} runs stalled their host: ${stalled.join(', ')}`);
}
