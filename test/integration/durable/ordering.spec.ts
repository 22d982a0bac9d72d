import { v7 as uuid } from 'uuid';
import type { QueuedEvent } from '../../../lib/buffer/queued-event.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { Gate, waitFor } from '../../support/wait-for.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

const SCRIPT = '0198c0de-0000-7000-8000-00000000000a';

const inOrder = (key: string, eventId: string, onFailure: 'block' | 'skip' = 'skip'): QueuedEvent =>
  queuedEvent({ scriptId: SCRIPT, id: eventId, ordering: { key, onFailure } });

describe('the order of events with an ordering key', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  it('holds within each key over two nodes, with one run at a time, while different keys run at the same time', async () => {
    const sideBySide = new Gate();
    const ran = new Map<string, string[]>();
    const running = new Map<string, number>();
    let mostOfKey = 0;
    const process = async (event: QueuedEvent) => {
      const key = event.ordering?.key ?? '';
      running.set(key, (running.get(key) ?? 0) + 1);
      mostOfKey = Math.max(mostOfKey, running.get(key) ?? 0);
      // The first run of each key waits for a run of another key.
      if ([...running.values()].filter((count) => count > 0).length > 1) sideBySide.open();
      await sideBySide.opened;
      // Takes as long as a question to the database, so that a second run of the key could begin.
      await cluster.count('SELECT FROM scripts_event_ordered');
      ran.set(key, [...(ran.get(key) ?? []), event.id]);
      running.set(key, (running.get(key) ?? 0) - 1);
    };
    const nodes = [await cluster.node(), await cluster.node()] as const;
    for (const node of nodes) await node.start(process);
    const { manager } = cluster.schema.dataSource;
    const published = new Map<string, string[]>();
    for (let i = 0; i < 30; i++) {
      const batch = ['a', 'b', 'c', 'd'].map((key) => inOrder(key, `${key}-${i}`));
      for (const event of batch) {
        const key = event.ordering?.key ?? '';
        published.set(key, [...(published.get(key) ?? []), event.id]);
      }
      await nodes[i % 2 === 0 ? 0 : 1].enqueueIn(manager, batch);
    }
    await waitFor('all ran', () => [...ran.values()].flat().length === 120);
    expect(ran).toEqual(published);
    expect(mostOfKey).toBe(1);
    await waitFor('all have left the order', async () => {
      return (await cluster.count('SELECT FROM scripts_event_ordered')) === 0;
    });
  });

  it('is the order in which concurrent transactions were committed', async () => {
    const node = await cluster.node();
    const ran: string[] = [];
    const [first, second] = [
      cluster.schema.dataSource.createQueryRunner(),
      cluster.schema.dataSource.createQueryRunner(),
    ];
    await node.start(async ({ id }) => void ran.push(id));
    await first.startTransaction();
    await second.startTransaction();
    await node.enqueueIn(first, [inOrder('a', 'first')]);
    const waits = node.enqueueIn(second, [inOrder('a', 'second')]).then(() => second.commitTransaction());
    const [{ pid }] = (await first.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
    const blocked = 'SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))';
    await waitFor('the second publisher waits', async () => (await cluster.count(blocked, [pid])) === 1);
    await first.commitTransaction();
    await waits;
    await Promise.all([first.release(), second.release()]);
    await waitFor('both ran', () => ran.length === 2);
    expect(ran).toEqual(['first', 'second']);
  });

  it('goes on with the next event after a failure if onFailure is "skip"', async () => {
    const node = await cluster.node();
    const ran: string[] = [];
    await node.start(async ({ id: eventId }) => {
      ran.push(eventId);
      return eventId === 'bad' ? 'kept' : 'completed';
    });
    await node.enqueueIn(cluster.schema.dataSource.manager, [inOrder('a', 'bad'), inOrder('a', 'good')]);
    await waitFor('both ran', () => ran.length === 2);
    expect(ran).toEqual(['bad', 'good']);
  });

  it('stops after a failure until the dead letter is closed if onFailure is "block"', async () => {
    const { dataSource } = cluster.schema;
    const node = await cluster.node();
    const ran: string[] = [];
    const letter = uuid();
    await node.start(async (event) => {
      ran.push(event.id);
      if (event.id !== 'bad') return 'completed';
      await dataSource.query(
        `INSERT INTO dead_letter_queue (id, tenant_id, script_id, event_id, event_type, event_data, occurred_at, cause,
          reason, error, next_retry_at) VALUES ($1, $2, $3, $4, 'user.created', '{}', now(), '{}', 'failed', 'x', now())`,
        [letter, event.tenantId, event.scriptId, event.id],
      );
      return 'kept';
    });
    await node.enqueueIn(dataSource.manager, [
      inOrder('a', 'bad', 'block'),
      inOrder('a', 'after', 'block'),
      inOrder('b', 'free', 'block'),
    ]);
    await waitFor('the other key went on', () => ran.includes('free'));
    await waitFor('the key is blocked', () =>
      cluster.count(`SELECT FROM scripts_event_ordered WHERE state = 'blocked'`),
    );
    await waitFor('what waits is visible', () => node.stats().limited?.ordered === 1);
    expect(ran).not.toContain('after');
    await dataSource.query(
      `UPDATE dead_letter_queue SET status = 'resolved', next_retry_at = NULL WHERE id = $1`,
      [letter],
    );
    await waitFor('the key goes on', () => ran.includes('after'));
  });

  it.each(['discarded', 'resolved'])(
    'goes on at once after a failure whose dead letter is %s from the beginning, without waiting for a sweep',
    async (status) => {
      const { dataSource } = cluster.schema;
      // The first sweep finds nothing, and no other one takes place.
      const node = await cluster.node({ pollMs: 600_000 });
      const ran: string[] = [];
      await node.start(async (event) => {
        ran.push(event.id);
        await dataSource.query(
          `INSERT INTO dead_letter_queue (id, tenant_id, script_id, event_id, event_type, event_data, occurred_at, cause,
            reason, error, status) VALUES ($1, $2, $3, $4, 'user.created', '{}', now(), '{}', 'deleted', 'x', $5)`,
          [uuid(), event.tenantId, event.scriptId, event.id, status],
        );
        return 'kept';
      });
      // An event that comes before the engine listens would wait until the engine polls.
      await waitFor('the engine listens', () =>
        cluster.count(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN "jobs:insert"%'`,
        ),
      );
      const ids = Array.from({ length: 20 }, (_, n) => `event-${n}`);
      await node.enqueueIn(
        dataSource.manager,
        ids.map((id) => inOrder('a', id, 'block')),
      );
      await waitFor('all had their turn', () => ran.length === ids.length);
      expect(ran).toEqual(ids);
      expect(await node.drain(60_000)).toBe(true);
      expect(await cluster.count('SELECT FROM scripts_event_ordered')).toBe(0);
    },
  );

  it('holds when a delivery fails: the event is delivered again before any later one', async () => {
    const node = await cluster.node();
    const ran: [string, number][] = [];
    await node.start(async ({ id: eventId }, _, delivery) => {
      ran.push([eventId, delivery]);
      if (eventId === 'head' && delivery < 3) throw new Error('storage is away');
    });
    await node.enqueueIn(cluster.schema.dataSource.manager, [inOrder('a', 'head'), inOrder('a', 'next')]);
    await waitFor('both ran', () => ran.some(([eventId]) => eventId === 'next'));
    expect(ran).toEqual([
      ['head', 1],
      ['head', 2],
      ['head', 3],
      ['next', 1],
    ]);
  });

  it('holds when the node that had the turn has died', async () => {
    const { dataSource } = cluster.schema;
    const node = await cluster.node();
    const ran: [string, number][] = [];
    await dataSource.query(
      `INSERT INTO scripts_event_nodes (id, queue, expires_at) VALUES ('dead', $1, now() + interval '300 milliseconds')`,
      [cluster.engine.replaceAll('"', '')],
    );
    await dataSource.query(
      `INSERT INTO scripts_event_ordered (tenant_id, script_id, order_key, event_id, event, on_failure, state, node_id,
        deliveries, nudged_at) VALUES ('acme', $1, 'a', 'head', $2, 'skip', 'running', 'dead', 1, now() - interval '1 minute')`,
      [SCRIPT, JSON.stringify(inOrder('a', 'head'))],
    );
    await node.start(async ({ id }, _, delivery) => void ran.push([id, delivery]));
    await node.enqueueIn(dataSource.manager, [inOrder('a', 'next')]);
    await waitFor('both ran', () => ran.length === 2);
    expect(ran).toEqual([
      ['head', 2],
      ['next', 1],
    ]);
  });
});
