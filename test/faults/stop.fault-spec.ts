import { childrenOf } from '../support/sandbox-processes.js';
import { itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { DURABLE, FaultCluster, FULL, LEDGER_SCRIPT, MEMORY, PASS, TENANT } from './support/fault-cluster.js';

const EVENTS = FULL ? 2_000 : 100;
const LARGE = { ...MEMORY, buffer: { ...MEMORY.buffer, size: 10_000 } };
/** So short that the queue can't drain, and a run is cancelled. */
const HASTY = '300ms' as const;
const WORK = 'const end = Date.now() + 15; while (Date.now() < end);';
/** Computes for longer than the stop waits. */
const BUSY = 'const end = Date.now() + 1500; while (Date.now() < end);';
const SLOW = FULL ? BUSY : `if (ctx.input.clientId === 1) { ${BUSY} } else ${PASS}`;

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

describe('SIGTERM under full load', () => {
  // Only in the full form: "cancels runs at the timeout" of test/e2e/shutdown.e2e-spec.ts proves the same.
  itInFull('loses no emitted event in memory mode: the next start runs those that have not run', async () => {
    const node = await cluster.node({ ...LARGE, shutdownTimeout: '1s' });
    // Later runs are held, so that the queue can't drain.
    await cluster.ledger.hold();
    await cluster.script(LEDGER_SCRIPT(`${WORK} if (ctx.input.clientId > 50) ${PASS}`));
    await node.tell('emit', { tenantId: TENANT, from: 1, count: EVENTS });
    await cluster.ledger.emitted(TENANT, 1, EVENTS);
    await waitFor('some have run', async () => (await cluster.ledger.ran()) > 10);
    expect(await node.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    const stopped = await cluster.ledger.report();
    expect(stopped).toMatchObject({ lost: 0, completedTwice: 0 });
    expect(stopped.completed).toBeLessThan(EVENTS);

    await cluster.ledger.release();
    await cluster.node(LARGE);
    await cluster.settled();
    const report = await cluster.ledger.report();
    expect(report).toMatchObject({ lost: 0, completed: EVENTS, completedTwice: 0 });
    // A run that the stop has cancelled is recorded as failed, and its event runs again.
    expect(report.extraRuns).toMatchObject({ cut: 0, unexplained: 0 });
    expect(report.deadLetters).toEqual({ resolved: expect.any(Number) });
  });

  // Only in the full form: "cancels runs at the timeout" of test/e2e/shutdown.e2e-spec.ts proves the same, and
  // test/unit/options tests the default timeout.
  itInFull(
    'records or keeps every event in memory mode within 30 s, after which Kubernetes kills, with the default options',
    async () => {
      // A binding that doesn't return.
      const node = await cluster.node({ sandbox: { bindingTimeout: '1m' } });
      await cluster.ledger.hold();
      await cluster.script(LEDGER_SCRIPT(PASS));
      await node.tell('emit', { tenantId: TENANT, from: 1, count: 100 });
      await cluster.ledger.emitted(TENANT, 1, 100);
      await waitFor('some run', async () => (await cluster.ledger.ran()) > 1);
      node.signal('SIGTERM');
      const kill = setTimeout(() => node.signal('SIGKILL'), 30_000);
      await node.ended();
      clearTimeout(kill);
      expect(await cluster.ledger.report()).toMatchObject({ lost: 0 });
      expect(node.output).toContain('Stopped.');
    },
  );

  // Only in the full form: "leaves events that have not begun in the queue" of test/e2e/durable-redelivery.e2e-spec.ts proves
  // the same.
  itInFull(
    'leaves events that have not begun to the other node in durable mode, and repeats none',
    async () => {
      const [node, other] = await Promise.all([cluster.node(), cluster.node()]);
      await cluster.script(LEDGER_SCRIPT(WORK));
      await other.tell('publish', { tenantId: TENANT, from: 1, count: EVENTS, parallel: 4 });
      await waitFor('some have run', async () => (await cluster.ledger.ran()) > 10);
      expect(await node.stop()).toEqual({ code: null, signal: 'SIGTERM' });
      expect(await childrenOf(node.pid)).toEqual([]);
      await cluster.settled();
      expect(await cluster.ledger.report()).toMatchObject({
        lost: 0,
        completed: EVENTS,
        completedTwice: 0,
        // A graceful stop repeats no run.
        extraRuns: { failed: 0, cut: 0, unexplained: 0 },
        deadLetters: {},
      });
    },
  );

  // Only in the full form: "cancels runs at the timeout" of test/e2e/shutdown.e2e-spec.ts and "cancels runs at its timeout" of
  // test/e2e/durable-redelivery.e2e-spec.ts prove the same.
  itInFull.each([
    ['memory', { ...LARGE, shutdownTimeout: HASTY }],
    ['durable', { ...DURABLE, shutdownTimeout: HASTY }],
  ])(
    'cancels runs at the timeout in %s mode, and the next start completes their events',
    async (_mode, options) => {
      const node = await cluster.node(options);
      await cluster.ledger.hold();
      await cluster.script(LEDGER_SCRIPT(SLOW));
      await node.tell('emit', { tenantId: TENANT, from: 1, count: 12 });
      await cluster.ledger.emitted(TENANT, 1, 12);
      await waitFor('some run', async () => (await cluster.ledger.ran()) > 1);
      await node.stop();
      expect(await childrenOf(node.pid)).toEqual([]);

      await cluster.ledger.release();
      await cluster.node(options);
      await cluster.settled();
      const report = await cluster.ledger.report([node.pid]);
      expect(report).toMatchObject({ lost: 0, completed: 12, completedTwice: 0 });
      expect(report.extraRuns.unexplained).toBe(0);
    },
  );

  // Only in the full form: "takes place once when it is requested twice" of test/e2e/shutdown.e2e-spec.ts proves the same.
  itInFull('stops the application once when it is sent twice, and no event is lost', async () => {
    const node = await cluster.node(LARGE);
    await cluster.script(LEDGER_SCRIPT(WORK));
    await node.tell('emit', { tenantId: TENANT, from: 1, count: EVENTS });
    await cluster.ledger.emitted(TENANT, 1, EVENTS);
    await waitFor('some have run', async () => (await cluster.ledger.ran()) > 10);
    node.signal('SIGTERM');
    node.signal('SIGTERM');
    await node.ended();
    expect(await childrenOf(node.pid)).toEqual([]);
    const report = await cluster.ledger.report();
    expect(report).toMatchObject({ lost: 0, completedTwice: 0 });
    expect(node.output.match(/Stopped\./g)).toHaveLength(1);
  });
});
