import { itInFull } from '../support/test-form.js';
import { FaultCluster, FULL, LEDGER_SCRIPT, MEMORY, TENANT } from './support/fault-cluster.js';

const SIZE = FULL ? 1_000 : 20;

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

describe('the memory buffer', () => {
  // Only in the full form: "are kept as dead letters" of test/e2e/overflow.e2e-spec.ts proves the same.
  itInFull(
    'loses none of ten times as many events as it holds: the others become dead letters, and all run',
    async () => {
      const node = await cluster.node({ ...MEMORY, buffer: { workerCount: 4, size: SIZE } });
      await cluster.script(LEDGER_SCRIPT());
      await node.tell('emit', { tenantId: TENANT, from: 1, count: 10 * SIZE });
      await cluster.ledger.emitted(TENANT, 1, 10 * SIZE);
      await cluster.settled();
      const report = await cluster.ledger.report();
      expect(report).toMatchObject({
        lost: 0,
        completed: 10 * SIZE,
        completedTwice: 0,
        extraRuns: { failed: 0, cut: 0, unexplained: 0 },
      });
      expect(report.deadLetters).toEqual({ resolved: 9 * SIZE });
    },
  );
});
