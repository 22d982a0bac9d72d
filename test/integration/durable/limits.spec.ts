import type { SharedLimits } from '../../../lib/buffer/shared-limits.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { FULL } from '../../support/test-form.js';
import { Gate, waitFor } from '../../support/wait-for.js';

describe('limits', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  /** Two nodes that count runs at the same time by tenant and by script. Runs end when the gate opens. */
  async function twoNodes(sharedLimits: SharedLimits, runsPerScript = 8) {
    const gate = new Gate();
    const running = new Map<string, number>();
    const most = new Map<string, number>();
    const done: string[] = [];
    const change = (key: string, by: number) => {
      const now = (running.get(key) ?? 0) + by;
      running.set(key, now);
      most.set(key, Math.max(most.get(key) ?? 0, now));
    };
    const options = { workerCount: 8, runsPerScript: () => runsPerScript, sharedLimits: () => sharedLimits };
    const nodes = [await cluster.node(options), await cluster.node(options)] as const;
    for (const node of nodes) {
      await node.start(async ({ tenantId, scriptId, id: eventId }) => {
        for (const key of [tenantId, scriptId]) change(key, 1);
        await gate.opened;
        for (const key of [tenantId, scriptId]) change(key, -1);
        done.push(eventId);
      });
    }
    return { nodes, gate, running, most, done };
  }

  it('on the runs of a script hold over all nodes, and delay no other script', async () => {
    const { nodes, gate, running, most, done } = await twoNodes({ scriptRuns: 3 });
    const { manager } = cluster.schema.dataSource;
    await nodes[0].enqueueIn(
      manager,
      Array.from({ length: 40 }, () => queuedEvent({ scriptId: 'greedy' })),
    );
    await waitFor('the limit is reached', () => running.get('greedy') === 3);
    await nodes[0].enqueueIn(manager, [queuedEvent({ scriptId: 'modest' })]);
    await waitFor('the other script runs', () => running.get('modest') === 1);
    await waitFor('what waits is visible', () => nodes[0].stats().limited?.['script-busy'] === 37);
    gate.open();
    await waitFor('all ran', () => done.length === 41);
    expect(most.get('greedy')).toBe(3);
    expect(await nodes[0].drain(60_000)).toBe(true);
  });

  it('on the runs of a tenant hold over all nodes and scripts, and delay no other tenant', async () => {
    const { nodes, gate, running, most, done } = await twoNodes({ tenantRuns: 2 });
    const { manager } = cluster.schema.dataSource;
    const events = Array.from({ length: 20 }, (_, i) =>
      queuedEvent({ tenantId: 'acme', scriptId: `script-${i % 5}` }),
    );
    await nodes[0].enqueueIn(manager, events);
    await waitFor('the limit is reached', () => running.get('acme') === 2);
    await nodes[1].enqueueIn(manager, [queuedEvent({ tenantId: 'globex', scriptId: 'other' })]);
    await waitFor('the other tenant runs', () => running.get('globex') === 1);
    gate.open();
    await waitFor('all ran', () => done.length === 21);
    expect(most.get('acme')).toBe(2);
  });

  it('on the runs of a script within a process hold, and events beyond them do not block the queue', async () => {
    const { nodes, gate, running, most, done } = await twoNodes({}, 2);
    await nodes[1].stop(1_000);
    const { manager } = cluster.schema.dataSource;
    await nodes[0].enqueueIn(
      manager,
      Array.from({ length: 60 }, () => queuedEvent({ scriptId: 'greedy' })),
    );
    await nodes[0].enqueueIn(manager, [queuedEvent({ scriptId: 'modest' })]);
    await waitFor('both run', () => running.get('greedy') === 2 && running.get('modest') === 1);
    gate.open();
    await waitFor('all ran', () => done.length === 61);
    expect(most.get('greedy')).toBe(2);
    expect(new Set(done).size).toBe(61);
  });

  const WAITING = 'SELECT FROM scripts_event_waiting';

  /**
   * Uses up the rates of the lanes for the next hour, so that everything waits and no minute begins or ends during a
   * test. {@link minutesPass} makes waiting events due.
   */
  const bookOut = (...lanes: string[]) =>
    cluster.schema.dataSource.query(
      `INSERT INTO scripts_event_rates (lane, minute, used)
        SELECT lane, date_trunc('minute', now()) + interval '1 hour', 0 FROM unnest($1::text[]) AS lane`,
      [lanes],
    );
  const minutesPass = (count = 1_000) =>
    cluster.schema.dataSource.query(
      `UPDATE scripts_event_waiting SET due_at = now()
        WHERE id IN (SELECT id FROM scripts_event_waiting ORDER BY id LIMIT $1)`,
      [count],
    );

  it('on runs per minute are never exceeded in a minute', async () => {
    const many = FULL ? 100 : 30;
    const { nodes, gate, done } = await twoNodes({ scriptRunsPerMinute: 5 });
    gate.open();
    const { dataSource } = cluster.schema;
    const minute = async (): Promise<number> => {
      const sql = 'SELECT floor(extract(epoch FROM now()) / 60)::integer AS minute';
      return (await dataSource.query<[{ minute: number }]>(sql))[0].minute;
    };
    const first = await minute();
    await nodes[0].enqueueIn(
      dataSource.manager,
      Array.from({ length: many }, () => queuedEvent({ scriptId: 'often' })),
    );
    await waitFor('the rest waits', async () => done.length + (await cluster.count(WAITING)) === many);
    const ran = done.length;
    expect(ran).toBeGreaterThanOrEqual(5);
    expect(ran).toBeLessThanOrEqual(5 * ((await minute()) - first + 1));
  });

  it('on the runs per minute assign runs beyond them to later minutes, as many to each as the limit allows', async () => {
    const { nodes, gate, done } = await twoNodes({ scriptRunsPerMinute: 5 });
    gate.open();
    await bookOut('s:often');
    const { dataSource } = cluster.schema;
    await nodes[0].enqueueIn(
      dataSource.manager,
      Array.from({ length: 12 }, () => queuedEvent({ scriptId: 'often' })),
    );
    await waitFor('all wait', async () => (await cluster.count(WAITING)) === 12);
    const places = await dataSource.query<{ count: number }[]>(
      `SELECT count(*)::integer AS count FROM scripts_event_waiting
        GROUP BY date_trunc('minute', due_at) ORDER BY date_trunc('minute', due_at)`,
    );
    expect(places.map(({ count }) => count)).toEqual([5, 5, 2]);
    await waitFor('what waits is visible', () => nodes[0].stats().limited?.['script-rate'] === 12);
    expect(done).toEqual([]);

    await minutesPass();
    await waitFor('all ran', () => done.length === 12);
    expect(await cluster.count(WAITING)).toBe(0);
  });

  it('on the runs per minute delay an event only once, if both its tenant and its script have one', async () => {
    const { nodes, gate, done } = await twoNodes({ tenantRunsPerMinute: 1, scriptRunsPerMinute: 1 });
    gate.open();
    const event = queuedEvent();
    await bookOut(`t:${event.tenantId}`, `s:${event.scriptId}`);
    await nodes[0].enqueueIn(cluster.schema.dataSource.manager, [event]);
    await waitFor('it waits', async () => (await cluster.count(WAITING)) === 1);
    await minutesPass();
    await waitFor('it ran', () => done.length === 1);
    expect(await cluster.count(WAITING)).toBe(0);
  });

  it('still hold after the slots of an idle script were removed', async () => {
    const { nodes, gate, most, done } = await twoNodes({ scriptRuns: 2, scriptRunsPerMinute: 3 });
    gate.open();
    const { dataSource } = cluster.schema;
    const events = (count: number) => Array.from({ length: count }, () => queuedEvent());
    await bookOut(`s:${queuedEvent().scriptId}`);
    await nodes[0].enqueueIn(dataSource.manager, events(4));
    await waitFor('all wait', async () => (await cluster.count(WAITING)) === 4);
    await minutesPass(3);
    await waitFor('three ran', () => done.length === 3);
    await waitFor('the places are free', async () => {
      await dataSource.query('DELETE FROM scripts_event_slots WHERE node_id IS NULL');
      return (await cluster.count('SELECT FROM scripts_event_slots')) === 0;
    });
    await minutesPass();
    await waitFor('what waited ran', () => done.length === 4);

    await dataSource.query('DELETE FROM scripts_event_slots');
    await dataSource.query('DELETE FROM scripts_event_rates');
    await nodes[0].enqueueIn(dataSource.manager, events(3));
    await waitFor('what came ran', () => done.length === 7);
    expect(Math.max(...most.values())).toBeLessThanOrEqual(2);
  });
});
