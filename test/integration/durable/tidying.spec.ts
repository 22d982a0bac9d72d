import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { waitFor } from '../../support/wait-for.js';

describe('the tidying of a node', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(async () => {
    await cluster.dispose();
    jest.restoreAllMocks();
  });

  /** Moves the clock forward, because nodes tidy only after ten minutes. */
  const inTheTenthMinute = () => {
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 11 * 60_000);
  };

  it('deletes all event ids that are older than their retention, and no others', async () => {
    inTheTenthMinute();
    await cluster.schema.dataSource.query(
      `INSERT INTO scripts_event_keys (tenant_id, event_id, accepted_at)
        SELECT 'acme', n::text, now() - CASE WHEN n <= 25000 THEN interval '8 days' ELSE interval '6 days' END
        FROM generate_series(1, 25010) AS n`,
    );
    const node = await cluster.node({ eventIdMemoryMs: 7 * 24 * 3_600_000 });
    await node.start(async () => undefined);
    const keys = () => cluster.count('SELECT FROM scripts_event_keys');
    await waitFor('old ones are gone', async () => (await keys()) <= 10);
    expect(await keys()).toBe(10);
  });

  it('frees jobs that are locked by a node that does not exist, and no job of an existing node', async () => {
    const { dataSource } = cluster.schema;
    const first = await cluster.node();
    await first.start(async () => undefined);
    await first.stop(1_000);
    await dataSource.query(
      `INSERT INTO scripts_event_nodes (id, queue, expires_at) VALUES ('living', 'x', now() + interval '1 hour')`,
    );
    for (const owner of ['dead', 'living']) {
      await dataSource.query(
        `SELECT ${cluster.engine}.add_job('scripts-event', json_build_object('v', 1, 'e', $1::json))`,
        [JSON.stringify(queuedEvent({ id: `of the ${owner}` }))],
      );
      await dataSource.query(
        `UPDATE ${cluster.engine}._private_jobs SET locked_by = $1, locked_at = now() - interval '2 minutes', attempts = 1
          WHERE locked_by IS NULL`,
        [owner],
      );
    }
    inTheTenthMinute();
    const ran: [string, number][] = [];
    const node = await cluster.node();
    await node.start(async ({ id }, _, delivery) => void ran.push([id, delivery]));
    await waitFor('the orphan ran', () => ran.length > 0);
    expect(ran).toEqual([['of the dead', 2]]);
    const locked = `SELECT FROM ${cluster.engine}._private_jobs WHERE locked_by = 'living'`;
    expect(await cluster.count(locked)).toBe(1);
    await dataSource.query(`DELETE FROM ${cluster.engine}._private_jobs`);
  });
});
