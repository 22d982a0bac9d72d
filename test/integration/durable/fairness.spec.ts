import { installDurableBuffer } from '../../../lib/buffer/durable/install-durable-buffer.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { FULL } from '../../support/test-form.js';
import { Gate, waitFor } from '../../support/wait-for.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('long');

/** How many events of the loud tenant wait. */
const FLOOD = FULL ? 2_000 : 200;

const many = (tenantId: string, count: number) =>
  Array.from({ length: count }, () => queuedEvent({ tenantId, scriptId: tenantId }));

describe('fairness over tenants', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  it('starts the single event of one tenant after at most the events of another tenant’s flood that the nodes have taken', async () => {
    const nodes = [
      await cluster.node({ workerCount: 10, runsPerScript: () => 5 }),
      await cluster.node({ workerCount: 10, runsPerScript: () => 5 }),
    ];
    let loud = 0;
    let loudBeforeQuiet: number | undefined;
    const gate = new Gate();
    for (const node of nodes) {
      await node.start(async ({ tenantId }) => {
        if (tenantId === 'quiet') loudBeforeQuiet = loud;
        else loud += 1;
        await gate.opened;
      });
    }
    const { manager } = cluster.schema.dataSource;
    for (let i = 0; i < (FULL ? 20 : 3); i++) {
      const flood = Array.from({ length: 1_000 }, (_, n) =>
        queuedEvent({ tenantId: 'loud', scriptId: `loud-${n % 4}` }),
      );
      await nodes[i % 2]?.enqueueIn(manager, flood);
    }
    await waitFor('the flood keeps every worker busy', () => loud === 20);
    await nodes[0]?.enqueueIn(manager, [queuedEvent({ tenantId: 'quiet', scriptId: 'quiet' })]);
    gate.open();
    await waitFor('the quiet tenant had its turn', () => loudBeforeQuiet !== undefined);
    // Each of the two nodes may have taken as many events as run, as many as wait there, and those of its next fetch.
    expect(loudBeforeQuiet).toBeLessThanOrEqual(2 * (10 + 11 + 11));
  });

  it.each(FULL ? [1, 2] : [2])(
    'runs all events of a tenant while endless runs of another one occupy their places on %i node(s) and more wait',
    async (count) => {
      const options = { workerCount: 4, runsPerScript: () => 2, severalTenants: () => true };
      const gate = new Gate();
      const running = { loud: 0, most: 0 };
      const done = { loud: 0, quiet: 0 };
      const nodes = await Promise.all(Array.from({ length: count }, () => cluster.node(options)));
      for (const node of nodes) {
        await node.start(async ({ tenantId }) => {
          if (tenantId === 'loud') {
            running.most = Math.max(running.most, (running.loud += 1));
            await gate.opened;
            running.loud -= 1;
          }
          done[tenantId as 'loud' | 'quiet'] += 1;
        });
      }
      const { manager } = cluster.schema.dataSource;
      const flood = Array.from({ length: FLOOD }, (_, n) =>
        queuedEvent({ tenantId: 'loud', scriptId: `loud-${n % 20}` }),
      );
      await nodes[0]!.enqueueIn(manager, flood);
      await waitFor('the flood has all that it may', () => running.loud === 3 * count);
      await nodes[0]!.enqueueIn(manager, many('quiet', 20));
      await waitFor('all of the quiet tenant ran', () => done.quiet === 20);
      expect(done.loud).toBe(0);
      expect(running.most).toBe(3 * count);
      gate.open();
      await waitFor('all of the flood ran', () => done.loud === FLOOD);
      expect(await nodes[0]!.drain(60_000)).toBe(true);
    },
  );

  it('runs an event that waits as soon as its tenant is no longer heavy, beside endless runs of heavy tenants', async () => {
    const heavy = new Set(['loop 1', 'loop 2', 'loop 3', 'was heavy']);
    let tell: ((tenantId: string) => void) | undefined;
    const node = await cluster.node({
      workerCount: 4,
      severalTenants: () => true,
      isHeavy: (tenantId) => heavy.has(tenantId),
      onTenantLight: (listener) => (tell = listener),
    });
    const gate = new Gate();
    const begun: string[] = [];
    await node.start(async ({ tenantId }) => {
      begun.push(tenantId);
      if (tenantId !== 'was heavy') await gate.opened;
    });
    const { manager } = cluster.schema.dataSource;
    await node.enqueueIn(
      manager,
      [...heavy].slice(0, 3).flatMap((tenantId) => many(tenantId, 1)),
    );
    await waitFor('the loops have all workers but one', () => begun.length === 3);
    await node.enqueueIn(manager, many('was heavy', 1));
    const taken = `SELECT FROM ${cluster.engine}._private_jobs WHERE locked_by IS NOT NULL`;
    await waitFor('the node has taken it', async () => (await cluster.count(taken)) === 4);
    expect(begun).not.toContain('was heavy');
    heavy.delete('was heavy');
    tell!('was heavy');
    await waitFor('the waiting event runs', () => begun.includes('was heavy'));
    expect(node.stats().busy).toBe(3);
    gate.open();
    expect(await node.drain(60_000)).toBe(true);
  });

  it('shares the workers evenly between two tenants with many events', async () => {
    const node = await cluster.node({ workerCount: 2 });
    const order: string[] = [];
    const { dataSource } = cluster.schema;
    await installDurableBuffer(dataSource, { schema: cluster.engine.replaceAll('"', '') });
    await node.enqueueIn(dataSource.manager, many('first', 300));
    await node.enqueueIn(dataSource.manager, many('second', 100));
    await node.start(async ({ tenantId }) => void order.push(tenantId));
    await waitFor('all ran', () => order.length === 400);
    const untilSecondDone = order.slice(0, order.lastIndexOf('second') + 1);
    const share = untilSecondDone.filter((tenant) => tenant === 'second').length / untilSecondDone.length;
    expect(share).toBeGreaterThan(0.45);
  });

  it('places an event of a new tenant before all queued events of others, although its node has seen an empty queue before', async () => {
    const { dataSource } = cluster.schema;
    await installDurableBuffer(dataSource, { schema: cluster.engine.replaceAll('"', '') });
    const [one, other] = [await cluster.node(), await cluster.node()];
    await dataSource.transaction(async (manager) => {
      await one.enqueueIn(manager, many('loud', 50));
      // The other node doesn't see these events yet. For it the queue is empty, and virtual time is that of the clock.
      await other.enqueueIn(dataSource.manager, many('other', 1));
    });
    await other.enqueueIn(dataSource.manager, many('quiet', 1));
    const ahead = await cluster.count(
      `SELECT FROM ${cluster.engine}._private_jobs AS j, ${cluster.engine}._private_jobs AS quiet
        WHERE quiet.payload->'e'->>'tenantId' = 'quiet' AND j.run_at < quiet.run_at`,
    );
    expect(ahead).toBe(0);
  });

  it('forgets the past use of a tenant once the queue was empty', async () => {
    const node = await cluster.node({ workerCount: 1 });
    const order: string[] = [];
    await node.start(async ({ tenantId }) => void order.push(tenantId));
    const { manager } = cluster.schema.dataSource;
    await node.enqueueIn(
      manager,
      Array.from({ length: FLOOD }, () => queuedEvent({ tenantId: 'former' })),
    );
    expect(await node.drain(60_000)).toBe(true);
    order.length = 0;
    await node.enqueueIn(manager, [
      ...Array.from({ length: 50 }, () => queuedEvent({ tenantId: 'newcomer' })),
      queuedEvent({ tenantId: 'former' }),
    ]);
    await waitFor('all ran', () => order.length === 51);
    expect(order.indexOf('former')).toBeLessThan(5);
  });
});
