import { Logger } from '@nestjs/common';
import { DeadLetterWriter } from '../../../lib/dead-letter/dead-letter.writer.js';
import { newDeadLetter } from '../../../lib/dead-letter/new-dead-letter.js';
import { RetryStrategy } from '../../../lib/dead-letter/retry/retry.strategy.js';
import { TypeOrmDeadLetterQueueRepository } from '../../../lib/dead-letter/store/typeorm-dead-letter-queue.repository.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { queuedEvent } from '../../support/queued-events.js';
import { RecordedMetrics } from '../../support/recorded-metrics.js';
import { deadLetter, DeadLetterWorld, times } from './dead-letters.fixture.js';

const LOOP = {
  reason: 'loop',
  message: 'The script has already run in the chain of events that led to this one.',
} as const;

describe('dead letters of a loop', () => {
  let schema: TestSchema;
  let world: DeadLetterWorld;

  beforeAll(async () => {
    schema = await createTestSchema();
    world = new DeadLetterWorld(schema.dataSource);
  });

  afterEach(() => world.clear());

  const writer = (repository = world.repository, bounds = {}): DeadLetterWriter =>
    new DeadLetterWriter(repository, new RecordedMetrics(), new RetryStrategy(), undefined, bounds);
  const stopped = (scriptId: string, rootEventId: string) =>
    queuedEvent({ scriptId, cause: { rootEventId, depth: 3, budget: 0, chain: [] } });
  const rows = (): Promise<
    { script_id: string; loop_root: string; event_count: number; event_id: string }[]
  > => schema.dataSource.query('SELECT * FROM dead_letter_queue ORDER BY id');

  it('are one for each script and event of the host, with the number of stopped events', async () => {
    const [one, two] = [await world.script(), await world.script()];
    const deadLetters = writer();
    const first = stopped(one, 'root 1');
    const kept = [deadLetters.keep(first, LOOP)];
    for (let at = 1; at < 8_000; at++) kept.push(deadLetters.keep(stopped(one, 'root 1'), LOOP));
    kept.push(deadLetters.keep(stopped(two, 'root 1'), LOOP), deadLetters.keep(stopped(one, 'root 2'), LOOP));
    await Promise.all(kept);
    expect((await rows()).map((row) => [row.script_id, row.loop_root, row.event_count])).toEqual([
      [one, 'root 1', 8_000],
      [two, 'root 1', 1],
      [one, 'root 2', 1],
    ]);
    expect((await rows())[0]?.event_id).toBe(first.id);
    await deadLetters.close(1_000);
  });

  it('count each stopped event once, even if it is written twice after a lost answer or by a spill file', async () => {
    const script = await world.script();
    const letters = [5, 7, 11].map((eventCount) => ({
      ...newDeadLetter(stopped(script, 'root'), LOOP, new RetryStrategy()),
      eventCount,
    }));
    await world.repository.add(letters);
    for (const letter of [...letters, ...letters.toReversed()]) await world.repository.add([letter]);
    expect((await rows()).map((row) => row.event_count)).toEqual([23]);
    const restored = writer();
    await Promise.all(letters.map((letter) => restored.add(letter)));
    expect((await rows()).map((row) => row.event_count)).toEqual([23]);
    await restored.close(1_000);
  });

  it('count as one dropped event for each stopped event when the database refuses them', async () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const script = await world.script();
    const metrics = new RecordedMetrics();
    const deadLetters = new DeadLetterWriter(world.repository, metrics, new RetryStrategy());
    const broken = { ...stopped(script, 'root'), payload: '{"never' };
    const kept = await Promise.allSettled(times(500, () => deadLetters.keep(broken, LOOP)));
    expect(new Set(kept.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(metrics.dropped.length).toBeLessThan(10);
    expect(metrics.dropped.reduce((sum, [, count]) => sum + count, 0)).toBe(500);
    await deadLetters.close(1_000);
    jest.restoreAllMocks();
  });

  it('take one place in the backlog, however many events are stopped while the database is slow', async () => {
    const script = await world.script();
    const deadLetters = writer(world.repository, { maxBacklogItems: 2 });
    const kept = times(1_000, () => deadLetters.keep(stopped(script, 'root'), LOOP));
    expect(deadLetters.backlog).toBe(1);
    await Promise.all(kept);
    expect(await rows()).toMatchObject([{ event_count: 1_000 }]);
  });

  it('are stored at a stop with all events, including those that were counted and not yet written', async () => {
    const script = await world.script();
    const deadLetters = writer();
    for (let at = 0; at < 50; at++) void deadLetters.keep(stopped(script, 'root'), LOOP);
    expect(await deadLetters.close(5_000)).toBe(0);
    expect(await rows()).toMatchObject([{ event_count: 50 }]);
  });

  it('are one for two processes', async () => {
    const script = await world.script();
    const other = new TypeOrmDeadLetterQueueRepository(await schema.connect());
    const writers = [writer(), writer(other)];
    await Promise.all(writers.flatMap((one) => times(20, () => one.keepOnce(stopped(script, 'root'), LOOP))));
    expect(await rows()).toMatchObject([{ event_count: 40 }]);
  });

  it('count one event when the answer to their first write was lost', async () => {
    const letter = deadLetter({ reason: 'loop', errorKind: null, status: 'exhausted' });
    await world.repository.add([letter]);
    await world.repository.add([letter]);
    expect(await rows()).toMatchObject([{ event_count: 1 }]);
  });

  it('are stored anew after a person has replayed the first one', async () => {
    const script = await world.script();
    const letter = deadLetter({ scriptId: script, reason: 'loop', errorKind: null, status: 'exhausted' });
    await world.repository.add([letter]);
    await world.repository.replay('acme', { id: letter.id }, 'ada');
    const [claimed] = await world.repository.getPendingRetries({ limit: 1, leaseMs: 60_000, owner: 'x' });
    const attempt = { kind: 'runtime', message: 'again', durationMs: 1, trigger: 'replay' } as const;
    const mark = { status: 'exhausted', countedRetries: 1, attempt } as const;
    await world.repository.markRetried(letter.id, String(claimed?.token), mark);
    await world.repository.add([letter]);
    expect(await rows()).toHaveLength(1);
    await world.repository.add([deadLetter({ scriptId: script, reason: 'loop', cause: letter.cause })]);
    expect((await rows()).map(({ event_count }) => event_count)).toEqual([1, 1]);
  });
});
