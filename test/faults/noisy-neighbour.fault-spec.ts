import { waitFor } from '../support/wait-for.js';
import { DURABLE, FaultCluster, FULL, LEDGER_SCRIPT, PASS } from './support/fault-cluster.js';

const FLOOD = FULL ? 20_000 : 400;
const QUIET = 1_000_000;
/** The flood's first runs are held until all of it is published. */
const PATIENT = {
  ...DURABLE,
  sandbox: { timeout: '10m', maxTimeout: '10m', bindingTimeout: '10m' },
  retry: { ...DURABLE.retry, leaseDuration: '11m' },
} as const;

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

describe("a tenant's flood", () => {
  it("does not hold up another tenant's single event: it starts behind no more than what the nodes hold", async () => {
    const nodes = await Promise.all([cluster.node(PATIENT), cluster.node(PATIENT)]);
    await cluster.ledger.hold();
    await cluster.script(LEDGER_SCRIPT(PASS), 'flood');
    await cluster.script(LEDGER_SCRIPT(), 'quiet');
    await Promise.all(
      nodes.map((node, index) =>
        node.tell('publish', { tenantId: 'flood', from: 1 + index * FLOOD, count: FLOOD / 2, parallel: 16 }),
      ),
    );
    const { workerCount = 0 } = DURABLE.buffer!;
    const workers = nodes.length * workerCount;
    await waitFor('the flood keeps every worker busy', async () => (await cluster.ledger.ran()) === workers);
    expect(await cluster.ledger.unfinished()).toBe(FLOOD);

    await nodes[1].tell('publish', { tenantId: 'quiet', from: QUIET, count: 1, parallel: 1 });
    await cluster.ledger.release();
    await waitFor('the quiet event has run', () => cluster.ledger.hasRun(QUIET));
    // Each node has taken up as many as run and as many as wait in it.
    const ahead = await cluster.ledger.ranBetweenPublishAndRun(QUIET);
    expect(ahead).toBeLessThanOrEqual(nodes.length * (2 * workerCount + 1) + 50);
  });
});
