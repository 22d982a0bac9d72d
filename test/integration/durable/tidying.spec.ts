import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { waitFor } from '../../support/wait-for.js';

describe('tidying', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(async () => {
    await cluster.dispose();
    jest.restoreAllMocks();
  });

  it('forgets event ids as fast as they get old, and none before its time', async () => {
    // Nodes tidy from their tenth minute on.
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 11 * 60_000);
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
});
