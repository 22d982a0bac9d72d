import { childrenOf } from '../support/sandbox-processes.js';
import { itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { DURABLE, FaultCluster, FULL, LEDGER_SCRIPT, MEMORY, PASS, TENANT } from './support/fault-cluster.js';

const EVENTS = FULL ? 2_000 : 100;
const LARGE = { ...MEMORY, buffer: { ...MEMORY.buffer, size: 10_000 } };
/** So short that the queue cannot drain, and a run is cut. */
const HASTY = '300ms' as const;
const WORK = 'const end = Date.now() + 15; while (Date.now() < end);';
/** Longer than the stop waits, whether it computes or waits. */
const BUSY = 'const end = Date.now() + 1500; while (Date.now() < end);';
const SLOW = FULL ? BUSY : `if (ctx.input.clientId === 1) { ${BUSY} } else ${PASS}`;

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

describe('SIGTERM under full load', () => {
  // In the short form by "cancels what runs past the timeout and keeps what waits" of test/e2e/shutdown.e2e-spec.ts.
  itInFull('memory mode: what was emitted has run or is kept, and the next start runs the rest', async () => {
    const node = await cluster.node({ ...LARGE, shutdownTimeout: '1s' });
    // The later ones are held, so that the queue cannot drain.
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
    // A run that the stop cancelled is on record as failed, and ran again.
    expect(report.extraRuns).toMatchObject({ cut: 0, unexplained: 0 });
    expect(report.deadLetters).toEqual({ resolved: expect.any(Number) });
  });

  // In the short form by "cancels what runs past the timeout and keeps what waits" of test/e2e/shutdown.e2e-spec.ts, with the
  // default in test/unit/options.
  itInFull(
    'memory mode, as it is without options: everything is recorded or kept before Kubernetes would kill',
    async () => {
      // A binding that does not come back, and what a platform leaves by default.
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

  // In the short form by "leaves what has not begun in the queue" of test/e2e/durable-redelivery.e2e-spec.ts.
  itInFull('durable mode: what it has not begun goes to the other node at once', async () => {
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
      // A graceful stop repeats nothing.
      extraRuns: { failed: 0, cut: 0, unexplained: 0 },
      deadLetters: {},
    });
  });

  // In the short form by "cancels what runs past the timeout", and by "gives the cancelled run back" of test/e2e/durable-redelivery.e2e-spec.ts.
  itInFull.each([
    ['memory', { ...LARGE, shutdownTimeout: HASTY }],
    ['durable', { ...DURABLE, shutdownTimeout: HASTY }],
  ])(
    '%s mode: a stop that runs past its timeout cancels what runs, and it runs again',
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

  // In the short form by "asked for twice is done once" of test/e2e/shutdown.e2e-spec.ts.
  itInFull('sent twice: the second changes nothing', async () => {
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
