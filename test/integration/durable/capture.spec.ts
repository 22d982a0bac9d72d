import { CaptureWriter } from '../../../lib/buffer/durable/queue/capture.writer.js';
import { FairTags } from '../../../lib/buffer/durable/queue/fair-tags.js';
import { JobWriter } from '../../../lib/buffer/durable/queue/job-writer.js';
import { TypeOrmDurableDatabase } from '../../../lib/buffer/durable/typeorm-durable.database.js';
import { PrintableLogger } from '../../../lib/common/printable-logger.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { waitFor } from '../../support/wait-for.js';

describe('capture with the durable buffer', () => {
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

  it('keeps events in memory while the database is unavailable, and writes them when it is back', async () => {
    const node = await cluster.node();
    const seen = new Set<string>();
    await node.start(async ({ id }) => void seen.add(id));
    await breakQueue();
    const events = Array.from({ length: 50 }, () => queuedEvent());
    expect(node.enqueue(events)).toEqual({ accepted: 50, overflowed: [] });
    expect(node.stats().depth).toBeGreaterThanOrEqual(50);
    await mendQueue();
    await waitFor('all ran', () => seen.size === 50);
  });

  it('counts a failed write as a delivery, so that a second run can be recognised', async () => {
    // The writer warns after it has marked the batch. Nothing else shows that from outside.
    const warned = jest.spyOn(PrintableLogger.prototype, 'warn');
    const node = await cluster.node();
    const deliveries: number[] = [];
    await node.start(async (_, __, delivery) => void deliveries.push(delivery));
    await breakQueue();
    node.enqueue([queuedEvent()]);
    await waitFor('the write has failed once', () =>
      warned.mock.calls.some(([message]) => String(message).includes("can't be written to the database")),
    );
    await mendQueue();
    await waitFor('it ran', () => deliveries.length === 1);
    expect(deliveries).toEqual([2]);
  });

  it('counts a write whose answer is lost as a delivery for scripts with an ordering key, too', async () => {
    let lost = false;
    const node = await cluster.node({}, async (send, text) => {
      const answer = await send();
      if (lost || !text.includes('pg_advisory_xact_lock')) return answer;
      lost = true;
      throw new Error('the connection broke before the answer came');
    });
    const deliveries: number[] = [];
    await node.start(async (_, __, delivery) => void deliveries.push(delivery));
    node.enqueue([queuedEvent({ ordering: { key: 'one', onFailure: 'skip' } })]);
    await waitFor('it came twice', () => deliveries.length === 2);
    expect(deliveries).toEqual([1, 2]);
  });

  it('writes an event once, however long an open transaction holds its key', async () => {
    const { dataSource } = cluster.schema;
    const node = await cluster.node();
    await node.start(async () => undefined);
    const database = new TypeOrmDurableDatabase(dataSource);
    const pool = database.openPool({ max: 3, connectTimeoutMs: 1_000, queryTimeoutMs: 300 });
    const jobs = new JobWriter(database.tables, cluster.engine, new FairTags(), pool);
    const logger = new PrintableLogger('Capture');
    const warned = jest.spyOn(logger, 'warn').mockReturnValue();
    const settings = { captureSize: 10, onRefused: () => undefined };
    const capture = new CaptureWriter(pool, jobs, settings, logger, 200);
    const ordering = { key: 'one', onFailure: 'skip' } as const;
    await node.stop(1_000);
    await dataSource.transaction(async (manager) => {
      await jobs.write(manager, [queuedEvent({ ordering })], { once: false });
      capture.add(queuedEvent({ id: 'captured', ordering }));
      await waitFor('it was tried', () => warned.mock.calls.length > 0);
      const waiting = `SELECT FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()
        AND strpos(query, $1) > 0`;
      await waitFor(
        'nobody waits any more',
        async () => (await cluster.count(waiting, [cluster.engine])) === 0,
      );
    });
    expect(await capture.flush(60_000)).toBe(true);
    await pool.end();
    const written = `SELECT FROM scripts_event_ordered WHERE event_id = 'captured'`;
    expect(await cluster.count(written)).toBe(1);
  });

  it('returns events beyond its limit as overflowed', async () => {
    const node = await cluster.node({ captureSize: 10 });
    await node.start(async () => undefined);
    await breakQueue();
    const events = Array.from({ length: 15 }, () => queuedEvent());
    expect(node.enqueue(events)).toEqual({ accepted: 10, overflowed: events.slice(10) });
    await mendQueue();
    expect(await node.drain(60_000)).toBe(true);
  });

  it('reports an event that the database refuses for its content, and writes the others', async () => {
    const refused: string[] = [];
    const seen: string[] = [];
    const node = await cluster.node({ onRefused: ({ id }) => void refused.push(id) });
    await node.start(async ({ id }) => void seen.push(id));
    node.enqueue([
      queuedEvent({ id: 'good' }),
      queuedEvent({ id: 'bad', tenantId: 'a\u0000b' }),
      queuedEvent({ id: 'fine' }),
    ]);
    await waitFor('the good ones ran', () => seen.length === 2);
    await waitFor('the bad one is refused', () => refused.length > 0);
    expect(refused).toEqual(['bad']);
    expect(seen.toSorted()).toEqual(['fine', 'good']);
  });

  it('does not delay events of scripts without an ordering key when an open transaction holds a key', async () => {
    const seen: string[] = [];
    const node = await cluster.node();
    await node.start(async ({ id }) => void seen.push(id));
    const ordering = { key: 'one', onFailure: 'skip' } as const;
    await cluster.schema.dataSource.transaction(async (manager) => {
      await node.enqueueIn(manager, [queuedEvent({ id: 'published', ordering })]);
      node.enqueue([queuedEvent({ id: 'ordered', ordering }), queuedEvent({ id: 'plain' })]);
      await waitFor('the one without order has run', () => seen.includes('plain'));
      expect(seen).toEqual(['plain']);
    });
    await waitFor('all have run', () => seen.length === 3);
    expect(seen).toEqual(['plain', 'published', 'ordered']);
  });

  it('returns at a stop the events that the database did not store, so that they can be kept elsewhere', async () => {
    const node = await cluster.node();
    await node.start(async () => undefined);
    await breakQueue();
    const events = [queuedEvent(), queuedEvent()];
    node.enqueue(events);
    expect(await node.stop(200)).toEqual(events);
    await mendQueue();
  });
});
