import { PRIORITY_AGAIN } from '../../../lib/buffer/durable/engine/engine-sql.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { Gate, waitFor } from '../../support/wait-for.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

describe('redelivery', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  it('follows a failed delivery after the set time, also after many failures, and counts deliveries', async () => {
    const node = await cluster.node();
    const deliveries: number[] = [];
    await node.start(async (_, __, delivery) => {
      deliveries.push(delivery);
      // With the engine's own back-off, the 8th delivery would follow after 18 minutes.
      if (deliveries.length < 8) throw new Error('storage is away');
    });
    node.enqueue([queuedEvent()]);
    await waitFor('it succeeded', () => deliveries.length === 8);
    expect(deliveries).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await node.drain(60_000)).toBe(true);
  });

  it('takes place before most of the waiting events of other tenants', async () => {
    const node = await cluster.node({ workerCount: 1 });
    const order: string[] = [];
    let failed = false;
    const due = () =>
      cluster.count(
        `SELECT FROM ${cluster.engine}._private_jobs WHERE priority = ${PRIORITY_AGAIN} AND run_at <= now()`,
      );
    await node.start(async ({ id: eventId }) => {
      if (eventId === 'faulty' && !failed) {
        failed = true;
        throw new Error('storage is away');
      }
      if (order.length === 0)
        await waitFor('the failed event may run again', async () => (await due()) === 1);
      order.push(eventId);
    });
    node.enqueue([queuedEvent({ id: 'faulty' })]);
    await waitFor('it failed', () => failed);
    node.enqueue(Array.from({ length: 1_000 }, () => queuedEvent({ tenantId: 'loud' })));
    await waitFor('it came again', () => order.includes('faulty'));
    expect(order.length).toBeLessThan(900);
  });

  it('of an aborted run takes place on another node when a node stops gracefully', async () => {
    const [first, second] = [await cluster.node(), await cluster.node()];
    await first.start(
      (_, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('cancelled'))),
        ),
    );
    await first.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent({ id: 'moved' })]);
    await waitFor('it runs', () => first.stats().busy === 1);
    const seen: [string, number][] = [];
    await second.start(async ({ id }, _, delivery) => void seen.push([id, delivery]));
    expect(await first.stop(5_000)).toEqual([]);
    await waitFor('the other node ran it', () => seen.length === 1);
    expect(seen).toEqual([['moved', 2]]);
  });

  it('is not counted for events that a stopping node has not begun: another node gets them as delivery 1', async () => {
    const [first, second] = [
      await cluster.node({ workerCount: 2, runsPerScript: () => 1 }),
      await cluster.node(),
    ];
    const gate = new Gate();
    const done: string[] = [];
    await first.start(async ({ id: eventId }) => {
      await gate.opened;
      done.push(eventId);
    });
    await first.enqueueIn(
      cluster.schema.dataSource.manager,
      Array.from({ length: 40 }, () => queuedEvent()),
    );
    await waitFor('one runs', () => first.stats().busy === 1);
    first.close();
    const drained = first.drain(60_000);
    gate.open();
    expect(await drained).toBe(true);
    expect(done.length).toBeLessThan(4);
    await first.stop(1_000);

    const deliveries: number[] = [];
    await second.start(async (_, __, delivery) => void deliveries.push(delivery));
    expect(await second.drain(60_000)).toBe(true);
    expect(deliveries.length + done.length).toBe(40);
    expect(new Set(deliveries)).toEqual(new Set([1]));
  });
});
