import type { QueryRunner } from 'typeorm';
import type { GraphileWorkerEventBuffer } from '../../../lib/buffer/durable/graphile-worker.event-buffer.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { FULL } from '../../support/test-form.js';
import { waitFor } from '../../support/wait-for.js';

const ROUNDS = FULL ? 5 : 2;
const FLOOD = FULL ? 500 : 150;

type Isolation = 'SERIALIZABLE' | 'REPEATABLE READ';

describe('publishers in transactions', () => {
  let cluster: DurableCluster;
  let node: GraphileWorkerEventBuffer;
  let ran: string[];

  beforeEach(async () => {
    cluster = await durableCluster();
    node = await cluster.node();
    ran = [];
    await node.start(async ({ id }) => void ran.push(id));
  });
  afterEach(() => cluster.dispose());

  const begin = async (isolation: Isolation): Promise<QueryRunner> => {
    const runner = cluster.schema.dataSource.createQueryRunner();
    await runner.startTransaction(isolation);
    return runner;
  };

  const EVENTS = {
    'plain events': (n: number) => queuedEvent({ id: `event-${n}`, tenantId: `tenant-${n % 3}` }),
    'events in an order': (n: number) =>
      queuedEvent({ id: `event-${n}`, ordering: { key: `${n}`, onFailure: 'skip' } }),
  };

  const cases = (['SERIALIZABLE', 'REPEATABLE READ'] as const).flatMap((isolation) =>
    Object.keys(EVENTS).flatMap((kind) => [false, true].map((once) => [isolation, kind, once] as const)),
  );
  // SERIALIZABLE detects all conflicts that REPEATABLE READ does, and more.
  it.each(cases.filter(([isolation]) => FULL || isolation === 'SERIALIZABLE'))(
    'that are %s do not conflict with each other over %s (event id set by the publisher: %s)',
    async (isolation, kind, once) => {
      const event = EVENTS[kind as keyof typeof EVENTS];
      // All transactions are open at the same time, and each has published before the first one commits.
      for (let round = 0; round < ROUNDS; round++) {
        const numbers = Array.from({ length: 4 }, (_, n) => 4 * round + n);
        const runners = await Promise.all(numbers.map(() => begin(isolation)));
        try {
          for (const [at, n] of numbers.entries()) {
            await node.enqueueIn(runners[at]!, [event(n)], { once });
            await node.enqueueIn(runners[at]!, [event(100 + n)], { once });
          }
          for (const runner of runners) await runner.commitTransaction();
        } finally {
          const active = runners.filter((runner) => runner.isTransactionActive);
          await Promise.all(active.map((runner) => runner.rollbackTransaction()));
          await Promise.all(runners.map((runner) => runner.release()));
        }
      }
      await waitFor('all ran', () => ran.length === 8 * ROUNDS);
      expect(new Set(ran).size).toBe(8 * ROUNDS);
    },
  );

  it('that are SERIALIZABLE have their events run behind those of their tenant and before most of another tenant’s flood', async () => {
    const { dataSource } = cluster.schema;
    await node.stop(1_000);
    const publisher = await cluster.node();
    const publish = (tenantId: string, count: number): Promise<void> =>
      dataSource.transaction('SERIALIZABLE', async (manager) => {
        const events = Array.from({ length: count }, () => queuedEvent({ tenantId, scriptId: tenantId }));
        await publisher.enqueueIn(manager, events);
      });
    await publish('loud', FLOOD);
    await publish('quiet', 10);
    await publish('loud', 1);
    const order: string[] = [];
    const worker = await cluster.node({ workerCount: 1, runsPerScript: () => 1 });
    await worker.start(async ({ tenantId }) => void order.push(tenantId));
    await waitFor('all ran', () => order.length === FLOOD + 11);
    // The tenants take turns, and the worker has taken some events before it knows of both.
    expect(order.lastIndexOf('quiet')).toBeLessThan(30);
  });
});
