import { itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import type { ScriptsEventModuleOptions } from '../../lib/index.js';
import {
  ALL_AT_ONCE,
  DURABLE,
  FaultCluster,
  FULL,
  LEDGER_SCRIPT,
  PASS,
  TENANT,
} from './support/fault-cluster.js';

const EVENTS = FULL ? 510 : 30;
const HOUR_MS = 3_600_000;

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

describe("a node's clock", () => {
  it('may jump an hour ahead and a day back: no event is lost and none completes twice', async () => {
    const [steady, jumping] = await Promise.all([cluster.node(), cluster.node()]);
    await cluster.script(LEDGER_SCRIPT());
    const batch = { tenantId: TENANT, count: EVENTS / 3, parallel: 2 };
    for (const [at, ms] of [HOUR_MS, -24 * HOUR_MS, 0].entries()) {
      const before = await cluster.ledger.ran();
      const publishing = [
        steady.tell('publish', { ...batch, from: 1 + at * batch.count }),
        jumping.tell('publish', { ...batch, from: 10_001 + at * batch.count }),
      ];
      await jumping.tell('jump', { ms });
      await waitFor('more have run', async () => (await cluster.ledger.ran()) > before);
      await Promise.all(publishing);
    }
    await cluster.settled();
    expect(await cluster.ledger.report()).toMatchObject({
      published: 2 * EVENTS,
      completed: 2 * EVENTS,
      lost: 0,
      completedTwice: 0,
      extraRuns: { failed: 0, cut: 0, unexplained: 0 },
      deadLetters: {},
    });
  });
});

describe('a script that runs longer than the lease', () => {
  // Only in the full form: "keeps the jobs of a living node" of test/integration/durable/node-lease.spec.ts proves the same.
  itInFull('runs once: its node prolongs the lease, and no other node runs its event', async () => {
    const options: ScriptsEventModuleOptions = {
      ...DURABLE,
      sandbox: ALL_AT_ONCE,
      buffer: { ...DURABLE.buffer, heartbeat: '200ms', lease: '4s' },
    };
    const [node] = await Promise.all([cluster.node(options), cluster.node(options)]);
    await cluster.ledger.hold();
    await cluster.script(LEDGER_SCRIPT(PASS));
    await node.tell('publish', { tenantId: TENANT, from: 1, count: 4, parallel: 2 });
    await waitFor('all run', async () => (await cluster.ledger.ran()) === 4);
    await waitFor('they have run for longer than a lease', async () => {
      const [{ count }] = await cluster.admin.query<[{ count: number }]>(
        `SELECT count(*)::int AS count FROM scripts_event_nodes
          WHERE seen_at > (SELECT max(at) + interval '5 seconds' FROM ledger_ran)`,
      );
      return count === 2;
    });
    await cluster.ledger.release();
    await cluster.settled();
    expect(await cluster.ledger.report()).toMatchObject({
      completed: 4,
      lost: 0,
      completedTwice: 0,
      extraRuns: { failed: 0, cut: 0, unexplained: 0 },
    });
  });
});
