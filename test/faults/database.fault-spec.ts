import { setTimeout as sleep } from 'node:timers/promises';
import { describeInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import type { FaultNode } from './support/fault-node.js';
import {
  afterEachOrAll,
  beforeEachOrAll,
  FaultCluster,
  FULL,
  LEDGER_SCRIPT,
  TENANT,
} from './support/fault-cluster.js';

const EVENTS = FULL ? 1_000 : 80;
const OUTAGE_MS = FULL ? 10_000 : 500;

let cluster: FaultCluster;

/** Publishes until all events are committed. The publisher repeats transactions that have failed. */
async function publishAll(node: FaultNode, from: number): Promise<number> {
  return (await node.tell('publish', { tenantId: TENANT, from, count: EVENTS, parallel: 4 })).failed;
}

// Only in the full form: test/faults/log.fault-spec.ts proves the same on one node.
describeInFull('an outage of PostgreSQL', () => {
  beforeEach(async () => (cluster = await FaultCluster.createWithServer()));
  afterEach(() => cluster.dispose());

  it('loses no committed event and repeats no completed one, on two nodes', async () => {
    const nodes = await Promise.all([cluster.node(), cluster.node()]);
    await cluster.script(LEDGER_SCRIPT());
    const publishing = nodes.map((node, index) => publishAll(node, 1 + index * EVENTS));
    await waitFor('some have run', async () => (await cluster.ledger.ran()) > EVENTS / 4);
    await cluster.server.stop();
    const refused = await Promise.all(
      nodes.map((node, index) =>
        node.tell('publish', { tenantId: TENANT, from: 5_001 + index * 10, count: 4, parallel: 1 }),
      ),
    );
    // The length of the outage matters here: at full size, it is longer than a lease.
    await sleep(OUTAGE_MS);
    await cluster.server.start();
    await Promise.all(publishing);
    expect(refused).toEqual([{ failed: 4 }, { failed: 4 }]);
    expect(nodes.every((node) => node.alive)).toBe(true);
    await cluster.settled();

    await publishAll(nodes[1], 10_001);
    await cluster.settled();
    const report = await cluster.ledger.report(nodes.map(({ pid }) => pid));
    expect(report).toMatchObject({ lost: 0, ghosts: 0, completedTwice: 0 });
    expect(report.completed).toBe(report.published);
    expect(report.extraRuns).toMatchObject({ unexplained: 0 });
  });
});

// Only in the full form: "leaves nothing behind after a rollback" of test/integration/durable/publish.spec.ts, "runs a
// redelivered event without a record" of test/e2e/durable-redelivery.e2e-spec.ts, and test/e2e/cut-connections.e2e-spec.ts
// prove the same.
describeInFull('with one node,', () => {
  let node: FaultNode;
  beforeEachOrAll(async () => {
    cluster = await FaultCluster.create();
    node = await cluster.node();
    await cluster.script(LEDGER_SCRIPT());
  });
  afterEach(() => cluster.ledger.forget());
  afterEachOrAll(() => cluster.dispose());

  it('transactions that are rolled back leave no run and no row', async () => {
    // So few transactions at a time that the node's pool has connections for all of them beside its runs.
    const publishing = { tenantId: TENANT, from: 1, count: EVENTS, parallel: 4, rollBackEvery: 3 };
    expect(await node.tell('publish', publishing)).toEqual({ failed: 0 });
    await cluster.settled();
    const report = await cluster.ledger.report();
    expect(report).toMatchObject({
      published: EVENTS - Math.floor(EVENTS / 3),
      completed: EVENTS - Math.floor(EVENTS / 3),
      lost: 0,
      ghosts: 0,
      completedTwice: 0,
      extraRuns: { failed: 0, cut: 0, unexplained: 0 },
      deadLetters: {},
    });
  });

  it.each([
    ['a full disk', '53100'],
    ['a read-only server', '25006'],
  ])('events wait while every record is refused, as by %s, and complete afterwards', async (_what, state) => {
    await cluster.refuseWrites('script_executions', state);
    await node.tell('publish', { tenantId: TENANT, from: 1, count: EVENTS, parallel: 4 });
    await waitFor('some have run', async () => (await cluster.ledger.ran()) > 3);
    expect((await cluster.ledger.report()).completed).toBe(0);
    await cluster.acceptWrites('script_executions');
    await cluster.settled();
    const report = await cluster.ledger.report([node.pid]);
    expect(report).toMatchObject({ lost: 0, ghosts: 0, completedTwice: 0, completed: EVENTS });
    expect(node.alive).toBe(true);
  });

  // This test is the last one, because redeliveries may come after the ledger of their test was read.
  it('no event is lost while all connections are cut again and again', async () => {
    const publishing = publishAll(node, 1);
    for (const share of [0.2, 0.4, 0.6]) {
      await waitFor('more have run', async () => (await cluster.ledger.ran()) > EVENTS * share * 0.5);
      await cluster.cutConnections();
    }
    await publishing;
    await cluster.settled();
    const report = await cluster.ledger.report([node.pid]);
    expect(report).toMatchObject({ lost: 0, ghosts: 0, completedTwice: 0 });
    expect(report.completed).toBe(report.published);
    expect(node.alive).toBe(true);
  });
});
