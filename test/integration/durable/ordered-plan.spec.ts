import { HEADS_WINDOW, headsSql, staleHeadsSql } from '../../../lib/buffer/durable/order/ordered-heads.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { planOf, rowsRead } from '../../support/query-plan.js';
import { queuedEvent } from '../../support/queued-events.js';
import { waitFor } from '../../support/wait-for.js';

const SCRIPT = '0198c0de-0000-7000-8000-00000000000a';
const BEHIND = 50_000;
/** More keys than one query reads. */
const KEYS = 600;

describe('an ordering key with many events behind a blocked one', () => {
  let cluster: DurableCluster;

  beforeAll(async () => {
    cluster = await durableCluster();
    const { dataSource } = cluster.schema;
    const row = (key: string, event: string, state: string, count: number) =>
      dataSource.query(
        `INSERT INTO scripts_event_ordered (tenant_id, script_id, order_key, event_id, event, on_failure, state, nudged_at)
          SELECT 'acme', '${SCRIPT}', ${key}, ${event}, '{}', 'block', '${state}', now() - interval '1 hour'
          FROM generate_series(1, ${count}) AS n`,
      );
    await row(`'long'`, `'head'`, 'blocked', 1);
    await row(`'long'`, `n::text`, 'waiting', BEHIND);
    await row('n::text', `'of ' || n`, 'blocked', KEYS);
    await dataSource.query(
      `INSERT INTO dead_letter_queue (id, tenant_id, script_id, event_id, event_type, event_data, occurred_at, cause, reason,
          error, next_retry_at)
        SELECT gen_random_uuid(), 'acme', '${SCRIPT}', event_id, 'user.created', '{}', now(), '{}', 'failed', 'x', now()
        FROM scripts_event_ordered WHERE state = 'blocked'`,
    );
    await dataSource.query('ANALYZE scripts_event_ordered, dead_letter_queue');
  });
  afterAll(() => cluster.dispose());

  it('needs one row to be read to find its first event', async () => {
    const sql = headsSql('scripts_event_ordered', '$1', '$2');
    const plan = await planOf(cluster.schema.dataSource, sql, [[SCRIPT], ['long']]);
    expect(rowsRead(plan)).toBe(1);
  });

  it('and many other keys need one row each to be read to find first events without a job, up to a limit', async () => {
    const plan = await planOf(cluster.schema.dataSource, staleHeadsSql('scripts_event_ordered'), ['', '']);
    expect(rowsRead(plan)).toBe(HEADS_WINDOW);
  });

  it('does not hold up other keys, whose first events run even if they have lost their jobs', async () => {
    const ran: string[] = [];
    const node = await cluster.node();
    await node.start(async ({ id }) => void ran.push(id));
    const { dataSource } = cluster.schema;
    const scriptId = '0198c0de-0000-7000-8000-0000000000ff';
    for (const eventId of ['one', 'two', 'three']) {
      // As a crash leaves it between the end of one turn and the job for the next one.
      const event = queuedEvent({ id: eventId, scriptId, ordering: { key: eventId, onFailure: 'skip' } });
      await dataSource.query(
        `INSERT INTO scripts_event_ordered (tenant_id, script_id, order_key, event_id, event, on_failure, nudged_at)
          VALUES ('acme', $1, $2, $2, $3, 'skip', now() - interval '1 minute')`,
        [scriptId, eventId, JSON.stringify(event)],
      );
      await waitFor(`${eventId} ran`, () => ran.includes(eventId));
    }
    expect(ran).toEqual(['one', 'two', 'three']);
  });
});
