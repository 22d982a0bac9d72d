import type { CreateScript, ScriptsEventModuleOptions } from '../../lib/index.js';
import { itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import type { FaultNode } from './support/fault-node.js';
import { ALL_AT_ONCE, DURABLE, FaultCluster, FULL, MEMORY, PASS, TENANT } from './support/fault-cluster.js';

const EVENTS = FULL ? 40 : 4;
const WORKERS = DURABLE.buffer!.workerCount!;

/** Other nodes take over some seconds after a node has stopped. */
const OPTIONS: ScriptsEventModuleOptions = {
  ...DURABLE,
  sandbox: ALL_AT_ONCE,
  buffer: { ...DURABLE.buffer, heartbeat: '200ms', lease: '2s' },
};

/**
 * As after a sleep of the machine: the node considers its lease valid, and no heartbeat and no timer corrects that during
 * the test. So only the check before a call of a binding can prevent the call.
 */
const BELIEVING: ScriptsEventModuleOptions = {
  ...OPTIONS,
  buffer: { ...DURABLE.buffer, heartbeat: '1m', lease: '10m' },
};

/** The same for retries in memory mode. A lease is prolonged after a sixth of its time. */
const BELIEVING_RETRIES: ScriptsEventModuleOptions = {
  ...MEMORY,
  retry: { ...MEMORY.retry, leaseDuration: '1h' },
};

/** A script that calls `ledger.act` twice, and waits in between while the ledger holds runs. */
const ACTS_TWICE: CreateScript = {
  name: 'acts twice',
  eventTypes: ['client.created'],
  source: `await ledger.act({ n: ctx.input.clientId });
    ${PASS}
    await ledger.act({ n: ctx.input.clientId });
    return ctx.input.clientId;`,
  bindings: ['ledger.act', 'ledger.pass'],
  orderingKey: 'email',
  onOrderedFailure: 'skip',
  active: true,
};

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

/** Stops a process until the other nodes have ended its lease. */
async function stopped(node: FaultNode): Promise<void> {
  node.signal('SIGSTOP');
  await waitFor('the others have taken over', async () => (await cluster.leases()) === 1 && (await buried()));
}

const buried = async (): Promise<boolean> => {
  const [{ count }] = await cluster.admin.query<[{ count: number }]>(
    'SELECT count(*)::int AS count FROM scripts_event_nodes',
  );
  return count === 1;
};

/** Whether the runs of the node have ended, or have called `ledger.act` again, which they must not. */
const endedOrActed = async (node: FaultNode, actsBefore: number): Promise<boolean> =>
  (await cluster.ledger.actorsEnded(node.pid)) || (await cluster.ledger.acts()).length > actsBefore;

async function goesOn(node: FaultNode): Promise<void> {
  node.signal('SIGCONT');
  await waitFor('it is back', async () => (await cluster.leases()) === 2);
}

describe('a node that was stopped for longer than its lease', () => {
  it('makes no call of a binding after others have taken over its events, although it still considers its lease valid', async () => {
    const zombie = await cluster.node(BELIEVING);
    await cluster.script(ACTS_TWICE);
    await cluster.ledger.hold();
    const keys = Array.from({ length: WORKERS }, (_, key) => `client-${key}@example.com`);
    for (const [key, email] of keys.entries())
      await zombie.tell('publish', { tenantId: TENANT, from: 1 + key, count: 1, parallel: 1, email });
    await waitFor('all have acted once', async () => (await cluster.ledger.acts()).length === WORKERS);
    zombie.signal('SIGSTOP');
    await cluster.endLeases();
    const other = await cluster.node(OPTIONS);
    await waitFor('the other one has buried it', buried);
    await cluster.ledger.release();
    for (const [key, email] of keys.entries()) {
      const from = 100 * (key + 1);
      await other.tell('publish', { tenantId: TENANT, from, count: EVENTS, parallel: 1, email });
    }
    await cluster.settled();
    const before = await cluster.ledger.acts();
    zombie.signal('SIGCONT');
    await waitFor('its runs have ended, or have acted', () => endedOrActed(zombie, before.length));

    expect(before.filter(({ pid }) => pid === zombie.pid)).toHaveLength(WORKERS);
    expect((await cluster.ledger.acts()).slice(before.length)).toEqual([]);
    const report = await cluster.ledger.report([zombie.pid]);
    expect(report).toMatchObject({ lost: 0, completedTwice: 0, deadLetters: {} });
    // For each event and each key, a later call has a greater token.
    for (const key of keys.keys()) {
      const acts = before.filter(({ n }) => n === key + 1 || Math.floor(n / 100) === key + 1);
      const tokens = acts.map(({ token }) => token);
      expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    }
    // The refusal has told it that its lease has ended. It works again under a new name.
    await waitFor('it is back', async () => (await cluster.leases()) === 2);
    await zombie.tell('publish', { tenantId: TENANT, from: 1_001, count: EVENTS, parallel: 4 });
    await cluster.settled();
  });

  // Only in the full form: the test before and "increase with each delivery" of test/integration/durable/ended-lease.spec.ts prove
  // the same.
  itInFull(
    'changes nothing by a call that was under way, if the row refuses older fencing tokens',
    async () => {
      const nodes = await Promise.all([cluster.node(OPTIONS), cluster.node(OPTIONS)]);
      await cluster.script({
        ...ACTS_TWICE,
        source: 'await ledger.fenced({ n: ctx.input.clientId }); return ctx.input.clientId;',
        bindings: ['ledger.fenced'],
      });
      const email = 'one@example.com';
      await cluster.ledger.hold();
      await nodes[0].tell('publish', { tenantId: TENANT, from: 1, count: 1, parallel: 1, email });
      await waitFor('it calls', async () => (await cluster.ledger.fencedCalls('ledger_tries')).length === 1);
      const [call] = await cluster.ledger.fencedCalls('ledger_tries');
      const zombie = nodes.find((node) => node.pid === call?.pid)!;
      const other = nodes.find((node) => node !== zombie)!;
      await stopped(zombie);
      await other.tell('publish', { tenantId: TENANT, from: 2, count: 3, parallel: 1, email });
      await cluster.ledger.release();
      await cluster.settled();
      await goesOn(zombie);
      await waitFor(
        'its call has gone on',
        async () => (await cluster.ledger.fencedCalls('ledger_refused')).length > 0,
      );

      expect(await cluster.ledger.fencedCalls('ledger_refused')).toEqual([{ n: 1, pid: zombie.pid }]);
      const [row] = await cluster.admin.query<unknown[]>('SELECT n, changes FROM ledger_fenced');
      expect(row).toEqual({ n: 4, changes: 4 });
    },
  );

  // Only in the full form: "make no call of a binding" of test/integration/dead-letter/retry-workers-together.spec.ts proves
  // the same.
  itInFull(
    'makes no calls for a retry that another node has taken over, and its tokens are older, in memory mode',
    async () => {
      const zombie = await cluster.node(BELIEVING_RETRIES);
      // The first attempt fails. A retry calls `ledger.act`.
      const scriptId = await cluster.script({
        ...ACTS_TWICE,
        source: `if (ctx.execution.attempt === 1) throw new Error('not yet'); ${ACTS_TWICE.source}`,
        orderingKey: null,
      });
      await cluster.ledger.hold();
      await cluster.ledger.emitted(TENANT, 1, 1);
      await zombie.tell('emit', { tenantId: TENANT, from: 1, count: 1 });
      await waitFor('the retry has acted', async () => (await cluster.ledger.acts()).length === 1);
      zombie.signal('SIGSTOP');
      await cluster.endRetryLeases();
      const other = await cluster.node(BELIEVING_RETRIES);
      await waitFor('the other one has it', async () => (await cluster.ledger.acts()).length === 2);
      await cluster.ledger.release();
      await cluster.settled();
      const before = await cluster.ledger.acts();
      zombie.signal('SIGCONT');
      await waitFor('its run has ended, or has acted', () => endedOrActed(zombie, before.length));

      expect(before.map(({ pid }) => pid)).toEqual([zombie.pid, other.pid, other.pid]);
      expect((await cluster.ledger.acts()).slice(before.length)).toEqual([]);
      for (const { token } of before.slice(1)) expect(token).toBeGreaterThan(before[0]!.token);
      expect(await cluster.ledger.report([zombie.pid])).toMatchObject({ lost: 0, completedTwice: 0 });
      // The node works again.
      await cluster.ledger.emitted(TENANT, 2, 4);
      await zombie.tell('emit', { tenantId: TENANT, from: 2, count: 4 });
      await cluster.settled();
      expect(await cluster.keptFor(scriptId)).toBe(5);
    },
  );

  // Only in the full form: "makes jobs locked under its name free" of test/integration/durable/ended-lease.spec.ts proves the
  // same.
  itInFull('leaves no job locked when it goes on: all events run within two minutes', async () => {
    const nodes = await Promise.all([cluster.node(OPTIONS), cluster.node(OPTIONS)]);
    const [zombie, other] = nodes;
    await cluster.script({
      ...ACTS_TWICE,
      source: `await ledger.act({ n: ctx.input.clientId }); ${PASS} return ctx.input.clientId;`,
      bindings: ['ledger.act', 'ledger.pass'],
      orderingKey: null,
    });
    await cluster.ledger.hold();
    await stopped(zombie);
    const count = 4 * WORKERS + EVENTS;
    await other.tell('publish', { tenantId: TENANT, from: 1, count, parallel: 4 });
    await waitFor(
      'the other one has its hands full',
      async () => (await cluster.ledger.acts()).length === WORKERS,
    );
    await goesOn(zombie);
    await cluster.ledger.release();
    // The engine by itself would free jobs of a missing worker only after four hours.
    await cluster.settled(120_000);
    const [{ stranded }] = await cluster.admin.query<[{ stranded: number }]>(
      `SELECT count(*)::int AS stranded FROM scripts_event_worker._private_jobs
        WHERE locked_by IS NOT NULL AND locked_by NOT IN (SELECT id FROM scripts_event_nodes)`,
    );
    expect(stranded).toBe(0);
    expect(await cluster.ledger.report([zombie.pid])).toMatchObject({ lost: 0, completedTwice: 0 });
  });
});
