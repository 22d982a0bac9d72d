import { inspect } from 'node:util';
import { QueryFailedError } from 'typeorm';
import { v7 as uuid } from 'uuid';
import type { QueuedEvent } from '../../../lib/buffer/queued-event.js';
import type { GraphileWorkerEventBuffer } from '../../../lib/buffer/durable/graphile-worker.event-buffer.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { FULL, inShortOneIn } from '../../support/test-form.js';
import { waitFor } from '../../support/wait-for.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

/** Number of events with the same payload. Each job contains only what differs. */
const COPIES = FULL ? 100 : 20;

describe('publishing inside a transaction', () => {
  let cluster: DurableCluster;
  let buffer: GraphileWorkerEventBuffer;
  let seen: string[];

  beforeEach(async () => {
    cluster = await durableCluster();
    buffer = await cluster.node();
    seen = [];
    await buffer.start(async ({ id }) => void seen.push(id));
  });

  afterEach(() => cluster.dispose());

  const jobs = () => cluster.count(`SELECT FROM ${cluster.engine}._private_jobs`);

  it('runs nothing before the commit, and the event after it', async () => {
    const event = queuedEvent();
    const marker = queuedEvent();
    const runner = cluster.schema.dataSource.createQueryRunner();
    await runner.startTransaction();
    expect(await buffer.enqueueIn(runner, [event])).toEqual({ enqueued: 1, duplicates: 0 });
    // A later event of another transaction has run, so the first one would have run, too.
    await buffer.enqueueIn(cluster.schema.dataSource.manager, [marker]);
    await waitFor('the later event ran', () => seen.includes(marker.id));
    expect(seen).toEqual([marker.id]);

    await runner.commitTransaction();
    await runner.release();
    await waitFor('the event ran', () => seen.includes(event.id));
  });

  it('fails with the error of the publisher’s transaction, but without the payload', async () => {
    const event = queuedEvent({ payload: '{"email":"ada@tenant.example"}' });
    const { dataSource } = cluster.schema;
    await dataSource.query(`ALTER TABLE ${cluster.engine}._private_jobs ADD CHECK (priority IS NULL)`);
    const error = await dataSource
      .transaction((manager) => buffer.enqueueIn(manager, [event]))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QueryFailedError);
    expect(error).toMatchObject({ code: '23514', message: expect.stringContaining('check constraint') });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('ada@tenant.example');
  });

  it('leaves nothing behind after a rollback', async () => {
    const failure = cluster.schema.dataSource.transaction(async (manager) => {
      await buffer.enqueueIn(manager, [queuedEvent(), queuedEvent()], { once: true });
      throw new Error('the business transaction failed');
    });
    await expect(failure).rejects.toThrow('the business transaction failed');
    expect(await jobs()).toBe(0);
    expect(await cluster.count('SELECT FROM scripts_event_keys')).toBe(0);
    expect(await buffer.drain(60_000)).toBe(true);
    expect(seen).toEqual([]);
  });

  it('sends one statement for many events, and none for an empty list', async () => {
    const query = jest.spyOn(cluster.schema.dataSource.manager, 'query');
    const connection = cluster.schema.dataSource.manager;
    expect(await buffer.enqueueIn(connection, [])).toEqual({ enqueued: 0, duplicates: 0 });
    expect(query).not.toHaveBeenCalled();
    const events = Array.from({ length: 250 }, () => queuedEvent());
    expect(await buffer.enqueueIn(connection, events)).toEqual({ enqueued: 250, duplicates: 0 });
    expect(query).toHaveBeenCalledTimes(1);
    await waitFor('all ran', () => seen.length === 250);
  });

  it('accepts an event id that the publisher sets once for each tenant, for all its scripts', async () => {
    const { manager } = cluster.schema.dataSource;
    const id = uuid();
    const event = () => ['script-a', 'script-b'].map((scriptId) => queuedEvent({ id, scriptId }));
    expect(await buffer.enqueueIn(manager, event(), { once: true })).toEqual({ enqueued: 2, duplicates: 0 });
    expect(await buffer.enqueueIn(manager, event(), { once: true })).toEqual({ enqueued: 0, duplicates: 2 });
    const other = [queuedEvent({ id, tenantId: 'globex' })];
    expect(await buffer.enqueueIn(manager, other, { once: true })).toEqual({ enqueued: 1, duplicates: 0 });
    expect(await buffer.drain(60_000)).toBe(true);
    expect(seen).toEqual([id, id, id]);
  });

  it('makes the second of two transactions with one event id wait for the first; it succeeds if the first one rolls back', async () => {
    const event = queuedEvent({ id: uuid() });
    const first = cluster.schema.dataSource.createQueryRunner();
    await first.startTransaction();
    await buffer.enqueueIn(first, [event], { once: true });
    const second = cluster.schema.dataSource.transaction((manager) =>
      buffer.enqueueIn(manager, [event], { once: true }),
    );
    const [{ pid }] = (await first.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
    const blocked = 'SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))';
    await waitFor('the second one waits', async () => (await cluster.count(blocked, [pid])) === 1);
    await first.rollbackTransaction();
    await first.release();
    expect(await second).toEqual({ enqueued: 1, duplicates: 0 });
    await waitFor('it ran', () => seen.length === 1);
  });

  it('delivers payloads unchanged, whatever characters they have', async () => {
    const payload = JSON.stringify({
      text: 'quotes " and \\ and \u2028 and 😀',
      big: '12345678901234567890.10',
      'a key': [1, [2]],
    });
    const exact = `{"amount":1.10,"big":12345678901234567890,"nested":${payload}}`;
    let received = '';
    const other = await cluster.node();
    await buffer.stop(1_000);
    await other.start(async (event) => void (received = event.payload));
    await other.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent({ payload: exact })]);
    await waitFor('it ran', () => received !== '');
    expect(received).toBe(exact);
  });

  it('throws once the application stops, so that the caller’s transaction fails and no event is lost', async () => {
    buffer.close();
    await expect(buffer.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent()])).rejects.toMatchObject({
      code: 'event-buffer-closed',
      retryable: true,
    });
  });

  const KINDS = [
    ['ordered', {}, { key: 'k', onFailure: 'skip' as const }],
    ['plain', {}, undefined],
    ['taken once', { once: true }, undefined],
  ] as const;
  it.each(inShortOneIn(3, KINDS))(
    'sends a payload once for all scripts, and delivers it unchanged to each (%s)',
    async (_, options, ordering) => {
      const given: QueuedEvent[] = [];
      const other = await cluster.node();
      await buffer.stop(1_000);
      await other.start(async (event) => void given.push(event));
      const connection = cluster.schema.dataSource.manager;
      const query = jest.spyOn(connection, 'query');
      // JSON text within JSON text: quotes, backslashes, text that looks like escapes, lone surrogates.
      const text = JSON.stringify({
        a: `"\\"\\u0000 \u2028 ${'é'.repeat(20_000)}`,
        b: '\ud800',
        '"},"v":2': [],
      });
      const small = '{"b":"$1"}';
      const events = Array.from({ length: COPIES }, (_item, at) =>
        queuedEvent({
          id: `event ${at}`,
          payload: at % 10 === 0 ? small : text,
          ...(ordering && { ordering }),
        }),
      );
      await other.enqueueIn(connection, events, options);
      const [, values = []] = query.mock.calls[0] as [string, unknown[]];
      expect(values.join('').length).toBeLessThan(text.length + COPIES * 1_000);
      await waitFor('all ran', () => given.length === COPIES);
      const byId = new Map(given.map((event) => [event.id, event]));
      for (const event of events) expect(byId.get(event.id)).toEqual(event);
    },
  );
});
