import { waitFor } from '../support/wait-for.js';
import { DURABLE, FaultCluster, FULL, LEDGER_SCRIPT, TENANT } from './support/fault-cluster.js';
import { itInFull } from '../support/test-form.js';

const EVENTS = FULL ? 2_000 : 120;
const KILLS = FULL ? 5 : 1;
/** So few keys that runs of both nodes conflict, and so many that most runs complete. */
const BUCKETS = 20;

/** Counts in three ways: without reading, with exact decimals, and by reading and writing. */
const COUNTS = `
  await store.increment('count');
  await store.tenant.increment('sum', ctx.input.clientId / 100);
  const bucket = 'bucket ' + (ctx.input.clientId % ${BUCKETS});
  await store.set(bucket, ((await store.get(bucket)) ?? 0) + ctx.input.clientId);`;

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

describe('the store of scripts', () => {
  // Only in the full form: test/e2e/store.e2e-spec.ts tests a second delivery.
  itInFull(
    'has exact counts after two nodes shared the work and each of them was killed with kill -9',
    async () => {
      const first = await cluster.node();
      let second = await cluster.node();
      await cluster.script(LEDGER_SCRIPT(COUNTS));
      const publishing = first.tell('publish', { tenantId: TENANT, from: 1, count: EVENTS, parallel: 4 });
      for (let killed = 1; killed <= KILLS; killed++) {
        await waitFor(
          'more have run',
          async () => (await cluster.ledger.ran()) > (EVENTS * killed) / (KILLS + 2),
        );
        await second.kill();
        second = await cluster.node();
      }
      await publishing;
      const completed = async (): Promise<number> => {
        const [row] = await cluster.query<{ count: number }>(
          `SELECT count(*)::int AS count FROM script_executions WHERE status = 'completed'`,
        );
        return row!.count;
      };
      // Some runs fail after too many conflicts with the other node, and are retried.
      await waitFor('all have completed', async () => (await completed()) === EVENTS, 300_000);
      const stored = await cluster.query<{ key: string; value: number }>(
        'SELECT key, value FROM script_store',
      );
      const values = Object.fromEntries(stored.map(({ key, value }) => [key, value]));
      const sum = (EVENTS * (EVENTS + 1)) / 2;
      expect(values['count']).toBe(EVENTS);
      expect(values['sum']).toBe(sum / 100);
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        const ids = Array.from({ length: EVENTS }, (_, at) => at + 1).filter((id) => id % BUCKETS === bucket);
        expect(values[`bucket ${bucket}`]).toBe(ids.reduce((total, id) => total + id, 0));
      }
      const [usage] = await cluster.query<{ keys: number }>('SELECT keys FROM script_store_usage');
      expect(usage!.keys).toBe(BUCKETS + 2);
    },
  );

  // Only in the full form: test/unit/execution/store-queues.spec.ts and test/integration/store/store-turns.spec.ts test the
  // turns by themselves.
  itInFull(
    'lets every run complete without a retry when runs of two nodes read and write one key',
    async () => {
      const buffer = { driver: 'graphile-worker', workerCount: 8 } as const;
      const first = await cluster.node({ ...DURABLE, buffer });
      await cluster.node({ ...DURABLE, buffer });
      await cluster.script({
        name: 'busy',
        eventTypes: ['client.created'],
        source: `await store.set('n', ((await store.get('n')) ?? 0) + 1);`,
        active: true,
      });
      const count = FULL ? 500 : 60;
      await first.tell('publish', { tenantId: TENANT, from: 1, count, parallel: 8 });
      const ended = (): Promise<{ status: string; count: number }[]> =>
        cluster.query('SELECT status, count(*)::int AS count FROM script_executions GROUP BY status');
      const isOver = async (): Promise<boolean> =>
        (await ended()).reduce((sum, row) => sum + row.count, 0) >= count;
      await waitFor('all have ended', isOver, 300_000);
      expect(await ended()).toEqual([{ status: 'completed', count }]);
      expect(await cluster.query('SELECT key, value FROM script_store')).toEqual([
        { key: 'n', value: count },
      ]);
    },
  );
});
