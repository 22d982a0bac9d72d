import { Logger } from '@nestjs/common';
import { DeadLetterWriter } from '../../../lib/dead-letter/dead-letter.writer.js';
import { RetryStrategy } from '../../../lib/dead-letter/retry/retry.strategy.js';
import { testDataSource } from '../../support/postgres.js';
import { queuedEvent } from '../../support/queued-events.js';
import { RecordedMetrics } from '../../support/recorded-metrics.js';
import { waitFor } from '../../support/wait-for.js';
import { DeadLetterWorld, times } from './dead-letters.fixture.js';

const overflow = { reason: 'overflow', message: 'The buffer is full.' } as const;

describe('DeadLetterWriter', () => {
  let world: DeadLetterWorld;
  let metrics: RecordedMetrics;
  let errors: jest.SpyInstance;
  let poked: number;

  beforeAll(async () => {
    world = new DeadLetterWorld(await testDataSource());
  });

  beforeEach(() => {
    poked = 0;
    metrics = new RecordedMetrics();
    errors = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    for (const level of ['warn', 'log'] as const) jest.spyOn(Logger.prototype, level).mockImplementation();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await world.clear();
  });

  const writerOf = (bounds = {}): DeadLetterWriter =>
    new DeadLetterWriter(
      world.repository,
      metrics,
      new RetryStrategy(),
      { poke: () => (poked += 1) },
      bounds,
    );

  it('stores each of a flood of queued events once, with everything that it needs to run', async () => {
    const writer = writerOf();
    const scriptId = await world.script();
    const events = times(3_000, () => queuedEvent({ scriptId }));
    await Promise.all(events.map((event) => writer.keep(event, overflow)));
    expect(
      await world.countWhere(`status = 'pending' AND reason = 'overflow' AND next_retry_at <= now()`),
    ).toBe(3_000);
    const [claimed] = await world.repository.getPendingRetries({ limit: 1, leaseMs: 1_000, owner: 'x' });
    const event = events.find(({ id }) => id === claimed?.eventId);
    expect(claimed).toMatchObject({
      tenantId: event?.tenantId,
      cause: event?.cause,
      occurredAt: event?.occurredAt,
    });
    expect(JSON.parse(String(claimed?.payload))).toEqual(JSON.parse(String(event?.payload)));
    expect(await writer.close(1_000)).toBe(0);
  });

  it('requests an alert once a dead letter is stored that is exhausted from the beginning', async () => {
    const writer = writerOf();
    await writer.keep(queuedEvent(), overflow);
    expect(poked).toBe(0);
    await writer.keep(queuedEvent(), { reason: 'loop', message: 'depth 10' });
    await waitFor('the alert is asked for', () => poked === 1);
    expect(await world.countWhere(`status = 'exhausted'`)).toBe(1);
    await writer.close(1_000);
  });

  it('rejects only the dead letter whose payload cannot be stored, and logs it without payload and error text', async () => {
    const writer = writerOf();
    const bad = queuedEvent({ payload: '{"secret":"hunter2' });
    const results = await Promise.allSettled(
      [queuedEvent(), bad, queuedEvent()].map((event) =>
        writer.keep(event, { ...overflow, message: 'private words' }),
      ),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(metrics.dropped).toEqual([['storage', 1]]);
    const [[line = '']] = errors.mock.calls as [[string]];
    const [, ids, details = ''] = /^[^[]* \[(.*?)\] (.*)$/.exec(line) ?? [];
    expect(ids).toMatch(new RegExp(`^tenant acme, script ${bad.scriptId}, event ${bad.id}, dead letter `));
    expect(JSON.parse(details)).toMatchObject({
      count: 1,
      record: { reason: 'overflow', cause: bad.cause },
    });
    const logged = JSON.stringify(errors.mock.calls);
    for (const value of ['hunter2', 'private words']) expect(logged).not.toContain(value);
    await writer.close(1_000);
  });

  it('stores all dead letters after an outage of the database', async () => {
    const writer = writerOf({ retryMs: 5, maxRetryMs: 20 });
    await world.dataSource.query('ALTER TABLE dead_letter_queue RENAME TO hidden');
    const kept = times(20, () => writer.keep(queuedEvent(), overflow));
    await waitFor('the outage is noticed', () => (Logger.prototype.warn as jest.Mock).mock.calls.length > 0);
    await world.dataSource.query('ALTER TABLE hidden RENAME TO dead_letter_queue');
    await Promise.all(kept);
    expect(await world.countWhere('true')).toBe(20);
    expect(metrics.dropped).toEqual([]);
    await writer.close(1_000);
  });
});
