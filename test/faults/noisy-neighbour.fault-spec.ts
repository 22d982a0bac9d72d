import { waitFor } from '../support/wait-for.js';
import { DURABLE, FaultCluster, FULL, LEDGER_SCRIPT } from './support/fault-cluster.js';

const FLOOD = FULL ? 20_000 : 2_000;
const QUIET = 1_000_000;

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

describe("a tenant's flood", () => {
  it("does not hold up another tenant's single event: it starts within 2 s, behind no more than what the nodes hold", async () => {
    const nodes = await Promise.all([cluster.node(), cluster.node()]);
    const work = 'const end = Date.now() + 5; while (Date.now() < end);';
    await cluster.script(LEDGER_SCRIPT(work), 'flood');
    await cluster.script(LEDGER_SCRIPT(), 'quiet');
    await Promise.all(
      nodes.map((node, index) =>
        node.tell('publish', { tenantId: 'flood', from: 1 + index * FLOOD, count: FLOOD / 2, parallel: 16 }),
      ),
    );
    expect(await cluster.ledger.unfinished()).toBeGreaterThan(FLOOD / 10);

    await nodes[1].tell('publish', { tenantId: 'quiet', from: QUIET, count: 1, parallel: 1 });
    await waitFor('the quiet event has run', () => cluster.ledger.hasRun(QUIET), 2_000);
    const { workerCount = 0 } = DURABLE.buffer!;
    // Each node has taken up as many as run and as many as wait in it.
    const ahead = await cluster.ledger.ranBetweenPublishAndRun(QUIET);
    expect(ahead).toBeLessThanOrEqual(nodes.length * (2 * workerCount + 1) + 50);
  });
});
