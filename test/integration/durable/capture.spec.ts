import { Logger } from '@nestjs/common';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { waitFor } from '../../support/wait-for.js';

describe('best-effort capture', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(async () => {
    jest.restoreAllMocks();
    await cluster.dispose();
  });

  const breakQueue = () =>
    cluster.schema.dataSource.query(`ALTER TABLE ${cluster.engine}._private_tasks RENAME TO gone`);
  const mendQueue = () =>
    cluster.schema.dataSource.query(`ALTER TABLE ${cluster.engine}.gone RENAME TO _private_tasks`);

  it('keeps events in memory while the database does not take them, and writes them when it does', async () => {
    const node = await cluster.node();
    const seen = new Set<string>();
    await node.start(async ({ eventId }) => void seen.add(eventId));
    await breakQueue();
    const events = Array.from({ length: 50 }, () => queuedEvent());
    expect(node.enqueue(events)).toEqual({ accepted: 50, overflowed: [] });
    expect(node.stats().depth).toBeGreaterThanOrEqual(50);
    await mendQueue();
    await waitFor('all ran', () => seen.size === 50);
  });

  it('marks what may have been written before, so that a second run can be recognised', async () => {
    // The writer says so once it has marked the batch: the one sign of it outside.
    const warned = jest.spyOn(Logger.prototype, 'warn');
    const node = await cluster.node();
    const deliveries: number[] = [];
    await node.start(async (_, __, delivery) => void deliveries.push(delivery));
    await breakQueue();
    node.enqueue([queuedEvent()]);
    await waitFor('the write has failed once', () =>
      warned.mock.calls.some(([message]) => String(message).includes('does not take events in')),
    );
    await mendQueue();
    await waitFor('it ran', () => deliveries.length === 1);
    expect(deliveries).toEqual([2]);
  });

  it('overflows beyond its bound', async () => {
    const node = await cluster.node({ captureSize: 10 });
    await node.start(async () => undefined);
    await breakQueue();
    const events = Array.from({ length: 15 }, () => queuedEvent());
    expect(node.enqueue(events)).toEqual({ accepted: 10, overflowed: events.slice(10) });
    await mendQueue();
    expect(await node.drain(10_000)).toBe(true);
  });

  it('tells of an event that the database refuses for its content, and goes on with the others', async () => {
    const refused: string[] = [];
    const seen: string[] = [];
    const node = await cluster.node({ onRefused: ({ eventId }) => void refused.push(eventId) });
    await node.start(async ({ eventId }) => void seen.push(eventId));
    node.enqueue([
      queuedEvent({ eventId: 'good' }),
      queuedEvent({ eventId: 'bad', tenantId: 'a\u0000b' }),
      queuedEvent({ eventId: 'fine' }),
    ]);
    await waitFor('the good ones ran', () => seen.length === 2);
    expect(refused).toEqual(['bad']);
    expect(seen.toSorted()).toEqual(['fine', 'good']);
  });

  it('does not let an open transaction that holds a key keep back the events of scripts without order', async () => {
    const seen: string[] = [];
    const node = await cluster.node();
    await node.start(async ({ eventId }) => void seen.push(eventId));
    const ordering = { key: 'one', onFailure: 'skip' } as const;
    await cluster.schema.dataSource.transaction(async (manager) => {
      await node.enqueueIn(manager, [queuedEvent({ eventId: 'published', ordering })]);
      node.enqueue([queuedEvent({ eventId: 'ordered', ordering }), queuedEvent({ eventId: 'plain' })]);
      await waitFor('the one without order has run', () => seen.includes('plain'));
      expect(seen).toEqual(['plain']);
    });
    await waitFor('all have run', () => seen.length === 3);
    expect(seen).toEqual(['plain', 'published', 'ordered']);
  });

  it('returns at stop what the database did not take, so that it can be kept elsewhere', async () => {
    const node = await cluster.node();
    await node.start(async () => undefined);
    await breakQueue();
    const events = [queuedEvent(), queuedEvent()];
    node.enqueue(events);
    expect(await node.stop(200)).toEqual(events);
    await mendQueue();
  });
});
