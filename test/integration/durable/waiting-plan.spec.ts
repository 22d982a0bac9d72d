import { MOST_COUNTED, waitingGroupsSql } from '../../../lib/buffer/durable/limits/waiting-room.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { planOf, rowsRead } from '../../support/query-plan.js';
import { waitFor } from '../../support/wait-for.js';

const FLOOD = 50_000;

describe('the table of limited events that one script has flooded', () => {
  let cluster: DurableCluster;
  let queue: string;

  beforeAll(async () => {
    cluster = await durableCluster();
    queue = cluster.engine.replaceAll('"', '');
    await cluster.schema.dataSource.query(
      `INSERT INTO scripts_event_waiting (queue, tenant_id, script_id, job, reason, due_at)
        SELECT $1, 'acme', CASE WHEN n <= 20 THEN 'script ' || n % 10 ELSE 'flood' END, '{}', 'script-rate',
          now() + n * interval '1 hour' FROM generate_series(1, ${FLOOD}) AS n`,
      [queue],
    );
    await cluster.schema.dataSource.query('ANALYZE scripts_event_waiting');
  });
  afterAll(() => cluster.dispose());

  it('is counted script by script, with a limit on the rows that are read', async () => {
    const plan = await planOf(cluster.schema.dataSource, waitingGroupsSql('scripts_event_waiting'), [queue]);
    expect(plan.map((step) => step['Node Type'])).not.toContain('Seq Scan');
    expect(rowsRead(plan)).toBeLessThan(MOST_COUNTED + 50);
  });

  it('appears in stats() with the number of its events, up to a limit for each script', async () => {
    const node = await cluster.node();
    await node.start(async () => undefined);
    await waitFor('it is seen', () => node.stats().limited?.['script-rate']);
    expect(node.stats().limited).toEqual({ 'script-rate': MOST_COUNTED + 20 });
  });
});
