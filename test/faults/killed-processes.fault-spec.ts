import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf } from '../support/sandbox-processes.js';
import { itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { DURABLE, FaultCluster, FULL, LEDGER_SCRIPT, PASS, TENANT } from './support/fault-cluster.js';

const EVENTS = FULL ? 2_000 : 80;

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

/** Kills a process. False if it has ended by itself since it was found. */
function wasKilled(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

describe('kill -9', () => {
  it('of one of two nodes loses no published event, and the other node takes over after a lease of at most 8.5 s', async () => {
    const [survivor, victim] = await Promise.all([cluster.node(), cluster.node()]);
    await cluster.script(LEDGER_SCRIPT());
    const half = { tenantId: TENANT, count: EVENTS / 2, parallel: 4 };
    const publishing = survivor.tell('publish', { ...half, from: 1 });
    // The killed node publishes, too, and dies with open transactions.
    const dying = victim.tell('publish', { ...half, from: EVENTS + 1 }).catch(() => undefined);
    await waitFor('a quarter has run', async () => (await cluster.ledger.ran()) > EVENTS / 4);
    await victim.kill();
    // The other node notices the end of the lease with its next heartbeat, at most 1.5 s later.
    expect(await cluster.longestLeaseMs()).toBeLessThanOrEqual(8_500);
    await waitFor('the work of the dead node is free', async () => (await cluster.leases()) === 1);
    await Promise.all([publishing, dying]);
    await cluster.settled();

    const report = await cluster.ledger.report([victim.pid]);
    expect(report).toMatchObject({ lost: 0, ghosts: 0, completedTwice: 0, deadLetters: {} });
    expect(report.completed).toBe(report.published);
    expect(report.published).toBeGreaterThanOrEqual(EVENTS / 2);
    expect(report.extraRuns).toMatchObject({ failed: 0, unexplained: 0 });
    // At most one run for each worker of the killed node.
    expect(report.extraRuns.cut).toBeLessThanOrEqual(DURABLE.buffer!.workerCount!);
  });

  // Only in the full form: "runs queued events of the database" of test/e2e/durable-redelivery.e2e-spec.ts proves the same.
  itInFull('of both nodes loses no committed event: the next start runs them', async () => {
    const nodes = await Promise.all([cluster.node(), cluster.node()]);
    // Some runs are held, so that not all events have completed before the nodes are killed.
    await cluster.ledger.hold();
    await cluster.script(LEDGER_SCRIPT(`if (ctx.input.clientId % ${EVENTS / 20} === 0) ${PASS}`));
    const publishing = nodes.map((node, index) =>
      node
        .tell('publish', { tenantId: TENANT, from: 1 + index * EVENTS, count: EVENTS / 2, parallel: 4 })
        .catch(() => undefined),
    );
    await waitFor('some have run', async () => (await cluster.ledger.ran()) > EVENTS / 8);
    await Promise.all(nodes.map((node) => node.kill()));
    await Promise.all(publishing);
    expect(await cluster.ledger.unfinished()).toBeGreaterThan(0);

    await cluster.ledger.release();
    await cluster.node();
    await cluster.settled();
    const pids = nodes.map(({ pid }) => pid);
    const report = await cluster.ledger.report(pids);
    expect(report).toMatchObject({ lost: 0, ghosts: 0, completedTwice: 0, deadLetters: {} });
    expect(report.completed).toBe(report.published);
    expect(report.extraRuns).toMatchObject({ failed: 0, unexplained: 0 });
    expect(report.extraRuns.cut).toBeLessThanOrEqual(2 * DURABLE.buffer!.workerCount!);
  });

  // Only in the full form: "loses no event: each of its runs fails" of test/e2e/sandbox-kill.e2e-spec.ts proves the same.
  itInFull(
    'of a sandbox process five times a second loses no event: each of its runs is retried',
    async () => {
      // The breaker can't know who has killed a process. It would disable the script and hold its events.
      const patient = {
        ...DURABLE,
        retry: { ...DURABLE.retry, maxRetries: 50 },
        breaker: { enabled: false },
      };
      const node = await cluster.node(patient);
      const work = 'const end = Date.now() + 20; while (Date.now() < end);';
      await cluster.script(LEDGER_SCRIPT(work));
      const stop = new AbortController();
      const killed: number[] = [];
      const killing = (async () => {
        for (let seen = 0; !stop.signal.aborted;) {
          // Kills only after more events have run. Otherwise no process would live long enough on a slow machine.
          const ran = await cluster.ledger.ran();
          const [child] = ran > seen ? await childrenOf(node.pid) : [];
          if (child !== undefined && wasKilled(child)) {
            killed.push(child);
            seen = ran;
          }
          await sleep(200, undefined, { signal: stop.signal }).catch(() => undefined);
        }
      })();
      let published = 0;
      do {
        await node.tell('publish', { tenantId: TENANT, from: published + 1, count: EVENTS / 2, parallel: 4 });
        published += EVENTS / 2;
        await waitFor(
          'all have run, or tried to',
          async () => (await cluster.ledger.ran()) >= published,
          120_000,
        );
      } while (killed.length <= 3);
      stop.abort();
      await killing;
      await cluster.settled();

      const report = await cluster.ledger.report();
      expect(report).toMatchObject({ lost: 0, ghosts: 0, completedTwice: 0, published });
      expect(report.completed).toBe(published);
      // A process is killed in a run or before it. Each run is recorded, and no other event runs twice.
      expect(report.extraRuns).toMatchObject({ cut: 0, unexplained: 0 });
      expect(report.extraRuns.failed).toBeLessThanOrEqual(killed.length);
      expect(Object.keys(report.deadLetters)).toEqual(report.extraRuns.failed > 0 ? ['resolved'] : []);
    },
  );
});
