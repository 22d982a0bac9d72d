import { DeadLetterService } from '../../../lib/dead-letter/dead-letter.service.js';
import { DeadLetterWriter } from '../../../lib/dead-letter/dead-letter.writer.js';
import { UNDECIDED } from '../../../lib/dead-letter/undecided.js';
import { RetryStrategy } from '../../../lib/dead-letter/retry/retry.strategy.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { queuedEvent } from '../../support/queued-events.js';
import { RecordedMetrics } from '../../support/recorded-metrics.js';
import { DeadLetterWorld, times } from './dead-letters.fixture.js';

interface Row {
  id: string;
  script_id: string;
  others: string[] | null;
  status: string;
  reason: string;
  event_count: number;
  event_data: unknown;
  note: string | null;
  attempts: { kind: string; by?: string }[];
}

const CLAIM = { limit: 100, leaseMs: 60_000, owner: 'test' };

describe('the dead letter of an event that is undecided for several scripts', () => {
  let schema: TestSchema;
  let world: DeadLetterWorld;
  let service: DeadLetterService;

  beforeAll(async () => {
    schema = await createTestSchema();
    world = new DeadLetterWorld(schema.dataSource);
    service = new DeadLetterService(world.repository);
  });

  afterEach(() => world.clear());

  const rows = (): Promise<Row[]> =>
    schema.dataSource.query(
      'SELECT *, to_json(other_script_ids) AS others FROM dead_letter_queue ORDER BY id',
    );
  const stateOf = async (): Promise<[string, string, number][]> =>
    (await rows()).map((row) => [row.script_id, row.status, row.event_count]);
  const scriptsOf = (count: number): Promise<string[]> => Promise.all(times(count, () => world.script()));

  /** Keeps an undecided event as routing does. */
  async function keep(scripts: readonly string[]): Promise<string> {
    const writer = new DeadLetterWriter(world.repository, new RecordedMetrics(), new RetryStrategy());
    const [scriptId = '', ...otherScriptIds] = scripts;
    const event = queuedEvent({
      scriptId,
      undecided: true,
      ...(otherScriptIds.length > 0 && { otherScriptIds }),
    });
    const before = new Set((await rows()).map(({ id }) => id));
    // Any reason for which the event isn't queued.
    await writer.keep(event, { reason: 'overflow', message: 'full' });
    await writer.close(1_000);
    return (await rows()).find(({ id }) => !before.has(id))?.id ?? '';
  }

  it('is one row, counts its scripts, and is found by each of them and by no other script', async () => {
    const scripts = await scriptsOf(3);
    const id = await keep(scripts);
    expect(await rows()).toMatchObject([
      {
        script_id: scripts[0],
        others: scripts.slice(1),
        event_count: 3,
        reason: 'undecided',
        status: 'exhausted',
      },
    ]);
    for (const scriptId of scripts) {
      expect((await service.list('acme', { scriptId })).items.map((item) => item.id)).toEqual([id]);
      expect(await service.count('acme', { scriptId })).toBe(1);
    }
    expect(await service.count('acme', { scriptId: await world.script() })).toBe(0);
    expect(await service.count('globex', { scriptId: scripts[1] as string })).toBe(0);
    expect((await service.get('acme', id)).otherScriptIds).toEqual(scripts.slice(1));
    expect((await service.get('acme', id)).error).toBe(UNDECIDED.message);
  });

  it('becomes one due dead letter for each of its existing scripts when it is replayed', async () => {
    const scripts = await scriptsOf(4);
    const id = await keep(scripts);
    await schema.dataSource.query('DELETE FROM scripts WHERE id = $1', [scripts[2]]);
    await service.replay('acme', id, { by: 'ada' });
    const due = await rows();
    expect(due.map((row) => row.script_id).toSorted()).toEqual(
      [scripts[0], scripts[1], scripts[3]].toSorted(),
    );
    for (const row of due) {
      expect(row).toMatchObject({ status: 'pending', reason: 'undecided', event_count: 1, others: null });
      expect(row.event_data).toEqual(due[0]?.event_data);
      expect(row.attempts.map(({ kind, by }) => [kind, by])).toEqual([
        ['undecided', undefined],
        ['requested', 'ada'],
      ]);
      // A UUID of version 7 with the same time, so that it is listed at the place of the original.
      expect(row.id.slice(0, 15)).toBe(id.slice(0, 15));
    }
    expect(await world.repository.getPendingRetries(CLAIM)).toHaveLength(3);
  });

  it('can be replayed while one of its scripts exists, even if the first was deleted', async () => {
    const scripts = await scriptsOf(2);
    const id = await keep(scripts);
    await schema.dataSource.query('DELETE FROM scripts WHERE id = $1', [scripts[0]]);
    await service.replay('acme', id, { by: 'ada' });
    await world.repository.discardOrphans();
    expect((await stateOf()).toSorted()).toEqual(
      [
        [scripts[0], 'discarded', 1],
        [scripts[1], 'pending', 1],
      ].toSorted(),
    );
  });

  it('is replayed once by two calls at the same time', async () => {
    const scripts = await scriptsOf(20);
    const id = await keep(scripts);
    await Promise.all(times(4, () => world.repository.replay('acme', { id }, 'ada')));
    expect((await stateOf()).map(([script]) => script).toSorted()).toEqual(scripts.toSorted());
  });

  it('is split by an act for one of its scripts, and remains for the others', async () => {
    const [one = '', two = '', three = '', four = ''] = await scriptsOf(4);
    await keep([one, two, three, four]);
    const replayed = await service.replayMany('acme', { scriptId: three }, { by: 'ada' });
    expect(replayed).toEqual({ dryRun: false, matched: 1, changed: 1 });
    const discarded = await service.discardMany('acme', { scriptId: one }, { by: 'ada', note: 'not mine' });
    expect(discarded.changed).toBe(1);
    expect((await stateOf()).toSorted()).toEqual(
      [
        [one, 'discarded', 1],
        [two, 'exhausted', 2],
        [three, 'pending', 1],
      ].toSorted(),
    );
    expect((await rows()).find(({ script_id }) => script_id === two)?.others).toEqual([four]);
    await service.replayMany('acme', { scriptId: two }, { by: 'ada' });
    expect((await rows()).find(({ script_id }) => script_id === four)).toMatchObject({
      status: 'exhausted',
      others: null,
      event_count: 1,
    });
    await schema.dataSource.query('DELETE FROM scripts WHERE id = $1', [four]);
    expect((await service.replayMany('acme', { scriptId: four }, { by: 'ada' })).matched).toBe(0);
    expect(await rows()).toHaveLength(4);
  });

  it('is discarded as a whole, and a later replay is for all its scripts', async () => {
    const scripts = await scriptsOf(3);
    const id = await keep(scripts);
    await service.discard('acme', id, { by: 'ada', note: 'a test' });
    expect(await stateOf()).toEqual([[scripts[0], 'discarded', 3]]);
    await service.replay('acme', id, { by: 'ada' });
    expect((await stateOf()).map(([script, status]) => [script, status]).toSorted()).toEqual(
      scripts.map((script) => [script, 'pending']).toSorted(),
    );
    expect((await rows()).every(({ note }) => note === null)).toBe(true);
  });

  it('counts once for each of its scripts towards the limit of a replay, which a call exceeds by at most one dead letter', async () => {
    const scripts = await scriptsOf(10);
    for (let at = 0; at < 5; at += 1) await keep(scripts);
    const result = await service.replayMany('acme', {}, { by: 'ada', limit: 25 });
    expect(result).toEqual({ dryRun: false, matched: 5, changed: 3 });
    expect(await world.countWhere(`status = 'pending'`)).toBe(30);
    expect(await world.countWhere('other_script_ids IS NOT NULL')).toBe(2);
    expect((await service.replayMany('acme', {}, { by: 'ada', limit: 1 })).changed).toBe(1);
  });

  it('causes one alert, however many scripts it has', async () => {
    await keep(await scriptsOf(50));
    const alerts = await world.repository.claimAlerts({ ...CLAIM, intervalMs: 60_000 });
    expect(alerts.map(({ deadLetter }) => deadLetter.eventCount)).toEqual([50]);
  });
});
