import { keptWorkers } from '../../lib/common/kept-workers.js';
import { itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { DURABLE, FaultCluster, FULL, LEDGER_SCRIPT, PASS } from './support/fault-cluster.js';

const FLOOD = FULL ? 20_000 : 400;
const QUIET = 1_000_000;
/** Long times, because the first runs of the flood are held until all of it is published. */
const PATIENT = {
  ...DURABLE,
  sandbox: { timeout: '10m', maxTimeout: '10m', bindingTimeout: '10m' },
  retry: { ...DURABLE.retry, leaseDuration: '11m' },
} as const;

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

describe("a tenant's flood", () => {
  // Only in the full form: "starts the single event of one tenant" of test/integration/durable/fairness.spec.ts proves the same.
  itInFull(
    "does not hold up another tenant's single event, which runs while the flood occupies all workers that it may have",
    async () => {
      const nodes = await Promise.all([cluster.node(PATIENT), cluster.node(PATIENT)]);
      await cluster.ledger.hold();
      await cluster.script(LEDGER_SCRIPT(PASS), 'flood');
      await cluster.script(LEDGER_SCRIPT(), 'quiet');
      // So few transactions at a time that the node's pool has connections for all of them beside its runs.
      const published = await Promise.all(
        nodes.map((node, index) =>
          node.tell('publish', { tenantId: 'flood', from: 1 + index * FLOOD, count: FLOOD / 2, parallel: 4 }),
        ),
      );
      expect(published).toEqual([{ failed: 0 }, { failed: 0 }]);
      const { workerCount = 0 } = DURABLE.buffer!;
      const open = nodes.length * (workerCount - keptWorkers(workerCount, true));
      await waitFor(
        'the flood has every worker that is not kept',
        async () => (await cluster.ledger.ran()) === open,
      );
      expect(await cluster.ledger.unfinished()).toBe(FLOOD);

      await nodes[1].tell('publish', { tenantId: 'quiet', from: QUIET, count: 1, parallel: 1 });
      await waitFor('the quiet event is done', async () => (await cluster.ledger.unfinished()) === FLOOD);
      expect(await cluster.ledger.hasRun(QUIET)).toBe(true);
      expect(await cluster.ledger.ran()).toBe(open + 1);
      await cluster.ledger.release();
    },
  );
});
