import { ScriptSandbox } from 'nestjs-scripts-event/sandbox';
import type { SandboxRun } from 'nestjs-scripts-event/sandbox';

const ROUNDS = 7;
const CALLS = [0, 1, 5];
/** What a script calls, one call after another. Each call is answered immediately and without a database. */
const CALLED = { binding: 'await crm.next({ n })', 'store.get': "await store.get('n')" };
type Called = keyof typeof CALLED;
const sourceOf = (called: Called, calls: number): string =>
  `let n = 0; for (let call = 0; call < ${calls}; call++) n += ${CALLED[called]}; return n;`;

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/**
 * Measures how much longer a run takes if it calls a binding or its store. Only one run takes place at a time, so that the
 * figure is the time of a call, without the work of other runs. The rows take turns within a round.
 */
export async function measureBindingCalls(runs: number): Promise<void> {
  const sandbox = new ScriptSandbox({ processes: { min: 1, max: 1, maxRuns: 10_000_000 } });
  await sandbox.start();
  const batch = async ([called, calls]: [Called, number], count: number): Promise<number> => {
    const run: SandboxRun = {
      source: sourceOf(called, calls),
      inputText: '{}',
      tenantId: 't',
      scriptId: `${called}-${calls}`,
      version: 1,
      bindings: ['crm.next'],
      callBinding: () => Promise.resolve(1),
    };
    const startedAt = performance.now();
    for (let n = 0; n < count; n++) {
      const outcome = await sandbox.run(run);
      if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome.error));
    }
    return ((performance.now() - startedAt) / count) * 1_000;
  };
  const kinds = CALLS.flatMap((calls): [Called, number][] =>
    calls === 0
      ? [['binding', 0]]
      : [
          ['binding', calls],
          ['store.get', calls],
        ],
  );
  for (const kind of kinds) await batch(kind, runs);
  const rounds: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const row: number[] = [];
    for (const kind of kinds) row.push(await batch(kind, runs));
    rounds.push(row);
  }
  await sandbox.stop();
  console.log(`\nA run alone in a process, µs; medians of ${ROUNDS} rounds of ${runs} runs`);
  console.table(
    kinds.map(([called, calls], at) => ({
      calls: calls === 0 ? 'none' : `${calls} of ${called}`,
      µs: Math.round(median(rounds.map((row) => row[at]!))),
      'above none': Math.round(median(rounds.map((row) => row[at]! - row[0]!))),
    })),
  );
}
