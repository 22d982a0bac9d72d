import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { Gate, waitFor } from '../../support/wait-for.js';

/** A node with a slow database: runs end at once, and their results are stored when the gate opens. */
describe('a durable buffer while results are being stored', () => {
  const WORKERS = 3;
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  async function slowNode(events: number, options: object = {}) {
    const stored = new Gate();
    const seen = { begun: 0, storing: 0, most: 0, done: 0 };
    const node = await cluster.node({ workerCount: WORKERS, runsPerScript: () => WORKERS, ...options });
    await node.start(async (_event, _signal, _delivery, _lease, ended) => {
      seen.begun++;
      ended!();
      seen.storing++;
      seen.most = Math.max(seen.most, seen.storing);
      await stored.opened;
      seen.storing--;
      seen.done++;
    });
    const queued = Array.from({ length: events }, () => queuedEvent({ scriptId: 'one' }));
    await node.enqueueIn(cluster.schema.dataSource.manager, queued);
    return { node, stored, seen };
  }

  it('runs further events, up to three times as many as it has workers, and the others later', async () => {
    const { node, stored, seen } = await slowNode(30);
    await waitFor('no more begin', () => seen.begun === 3 * WORKERS);
    expect(node.stats()).toMatchObject({ busy: 0, workers: WORKERS });
    // The engine keeps fetching jobs. A sweep counts those that it leaves.
    await waitFor('the rest waits', () => node.stats().depth > 0);
    expect(seen.begun).toBe(3 * WORKERS);
    stored.open();
    expect(await node.drain(60_000)).toBe(true);
    expect(seen).toMatchObject({ begun: 30, done: 30, most: 3 * WORKERS });
  });

  it('waits at a stop until the results are stored, and begins no more events', async () => {
    const { node, stored, seen } = await slowNode(30);
    await waitFor('no more begin', () => seen.begun === 3 * WORKERS);
    node.close();
    expect(await node.drain(100)).toBe(false);
    const drained = node.drain(60_000);
    expect(seen).toMatchObject({ begun: 3 * WORKERS, done: 0 });
    stored.open();
    expect(await drained).toBe(true);
    expect(seen).toMatchObject({ begun: 3 * WORKERS, done: 3 * WORKERS });
    await node.stop(10_000);
    const waiting = `SELECT FROM ${cluster.engine}._private_jobs WHERE locked_by IS NULL`;
    expect(await cluster.count(waiting)).toBe(30 - 3 * WORKERS);
  });

  it('observes the limit on the runs of a script over all nodes', async () => {
    const { node, stored, seen } = await slowNode(12, { sharedLimits: () => ({ scriptRuns: 2 }) });
    await waitFor('what waits is visible', () => node.stats().limited?.['script-busy'] === 10);
    expect(seen).toMatchObject({ begun: 2, most: 2 });
    stored.open();
    expect(await node.drain(60_000)).toBe(true);
    expect(seen).toMatchObject({ begun: 12, done: 12 });
  });
});
