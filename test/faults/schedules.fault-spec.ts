import type { CreateScript } from '../../lib/index.js';
import { itInFull } from '../support/test-form.js';
import { limitTests } from '../support/time-limits.js';
import { waitFor } from '../support/wait-for.js';
import { DURABLE, FaultCluster, MEMORY, TENANT } from './support/fault-cluster.js';

limitTests('long');

const QUICK = { schedules: { minInterval: '1s', pollInterval: '200ms' } } as const;

/** A script that runs once a second and records for which second. */
const CLOCK: CreateScript = {
  name: 'clock',
  schedules: [{ cron: '* * * * * *', overlap: 'queue' }],
  source: 'const n = Date.parse(ctx.input.scheduledFor) / 1000; await ledger.ran({ n }); return n;',
  bindings: ['ledger.ran'],
  active: true,
};

interface Run {
  /** The second for which the run took place. */
  n: number;
  eventId: string;
}

let cluster: FaultCluster;
afterEach(() => cluster.dispose());

const completed = (): Promise<Run[]> =>
  cluster.admin.query(
    `SELECT (result)::int AS n, event_id AS "eventId" FROM script_executions
     WHERE event_type = 'schedule' AND status = 'completed' ORDER BY 1`,
  );

/** The current second by the database's clock. */
async function now(): Promise<number> {
  const [row] = await cluster.admin.query<{ now: number }[]>('SELECT extract(epoch FROM now())::int AS now');
  return row!.now;
}

/** Waits until `count` runs for seconds after `moment` have completed. */
const ranAfter = (moment: number, count: number, timeoutMs?: number): Promise<Run[]> =>
  waitFor(
    `${count} times after ${moment} have run`,
    async () => {
      const runs = await completed().catch((): Run[] => []);
      return runs.filter(({ n }) => n > moment).length >= count ? runs : undefined;
    },
    timeoutMs,
  );

/** Expects one event for each second, and one completed run of it. */
function expectOnce(runs: readonly Run[]): void {
  expect(new Set(runs.map(({ n }) => n)).size).toBe(runs.length);
  expect(new Set(runs.map(({ eventId }) => eventId)).size).toBe(runs.length);
}

describe('a schedule', () => {
  // Only in the full form: "makes one event over all processes" and "is due again with the same event after the lease" of
  // test/integration/schedules prove the same.
  itInFull(
    'makes one event for each of its times on two nodes, and goes on when one of them is killed',
    async () => {
      cluster = await FaultCluster.create();
      const buffer = { ...DURABLE.buffer, heartbeat: '500ms', lease: '3s' } as const;
      const options = { ...DURABLE, ...QUICK, buffer };
      const [, victim] = await Promise.all([cluster.node(options), cluster.node(options)]);
      const begin = await now();
      await cluster.script(CLOCK);
      await ranAfter(begin, 3);
      await victim.kill();
      expectOnce(await ranAfter(await now(), 3, 60_000));
      const letters = await cluster.admin.query(`SELECT FROM dead_letter_queue WHERE tenant_id = $1`, [
        TENANT,
      ]);
      expect(letters).toEqual([]);
    },
  );

  // Only in the full form: "is caught up once" of test/integration/schedules proves the same.
  itInFull('has at most one run for the times at which the database was away', async () => {
    cluster = await FaultCluster.createWithServer();
    await cluster.node({ ...DURABLE, ...QUICK });
    const begin = await now();
    await cluster.script(CLOCK);
    await ranAfter(begin, 2);
    await cluster.server.stop();
    const stoppedAt = Date.now() / 1_000;
    await waitFor('the database was away for ten seconds', () => Date.now() / 1_000 > stoppedAt + 10);
    await cluster.server.start();
    const back = await waitFor('the database is back', () => now().catch(() => undefined), 60_000);
    const runs = await ranAfter(back, 3, 120_000);
    expectOnce(runs);
    // Times within the outage, without a second at either end. At most one of them is caught up.
    const during = runs.filter(({ n }) => n > stoppedAt + 1 && n < back - 1);
    expect(during.length).toBeLessThanOrEqual(1);
  });

  // Only in the full form: "is due again with the same event after the lease" of test/integration/schedules proves the same.
  itInFull(
    'in memory mode, goes on after a kill in the middle of a run: the next start catches up once, when the lease is over',
    async () => {
      cluster = await FaultCluster.create();
      const options = { ...MEMORY, ...QUICK };
      const victim = await cluster.node(options);
      const begin = await now();
      // The node is killed in the middle of this run.
      await cluster.ledger.hold();
      await cluster.script({
        ...CLOCK,
        source: CLOCK.source.replace('return n;', 'await ledger.pass({}); return n;'),
        bindings: ['ledger.ran', 'ledger.pass'],
      });
      await waitFor('a run has begun', async () => (await cluster.ledger.ran()) > 0);
      await victim.kill();
      await cluster.ledger.release();
      await cluster.node(options);
      const killedAt = await now();
      const runs = await ranAfter(begin, 3, 180_000);
      expectOnce(runs);
      // No run took place while the lease of the dead process lasted.
      expect(runs.every(({ n }) => n > killedAt)).toBe(true);
    },
  );
});
