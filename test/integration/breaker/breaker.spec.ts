import { Logger } from '@nestjs/common';
import { ScriptHealthyError } from '../../../lib/breaker/script-health.errors.js';
import { InvalidQueryError } from '../../../lib/common/invalid-query.error.js';
import { ScriptNotFoundError } from '../../../lib/scripts/script.errors.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { newScript } from '../../support/script-services.js';
import { DeadLetterWorld, times } from '../dead-letter/dead-letters.fixture.js';
import { BreakerNode, Pager } from './breakers.fixture.js';
import { awayError } from '../../support/away-error.js';

let schema: TestSchema;
let world: DeadLetterWorld;
let pager: Pager;
let node: BreakerNode;

beforeEach(async () => {
  schema = await createTestSchema();
  world = new DeadLetterWorld(schema.dataSource);
  pager = new Pager();
  node = new BreakerNode(schema.dataSource, pager);
  jest.spyOn(Logger.prototype, 'warn').mockImplementation();
});
afterEach(() => jest.restoreAllMocks());

const script = async (name = 'Welcome'): Promise<string> =>
  (await node.scripts.service.create('acme', newScript({ name, active: true }))).id;
const get = (id: string) => node.scripts.service.get('acme', id);

describe('a script that keeps failing', () => {
  it('is degraded, then disabled, with one alert each that gives the reason', async () => {
    const id = await script();
    for (let i = 0; i < 3; i++) node.run(id, 'memory');
    await node.settle();
    expect(await get(id)).toMatchObject({ status: 'active', degraded: true });
    expect(node.scripts.index.runLimitOf(id)).toBe(1);

    for (let i = 0; i < 2; i++) node.run(id, 'memory');
    await node.settle();
    await node.settle();
    const reason =
      '5 of its last 5 runs failed, 5 of them ended the sandbox process (memory 5); last: memory: it was memory, version 1';
    expect(await get(id)).toMatchObject({
      status: 'disabled',
      statusReason: reason,
      updatedBy: 'scripts-event',
    });
    expect(node.scripts.index.get(id)).toBeUndefined();
    expect(pager.told.map(({ state, change }) => [state, change])).toEqual([
      ['degraded', 1],
      ['disabled', 2],
    ]);
    expect(pager.told[1]).toEqual({
      tenantId: 'acme',
      scriptId: id,
      scriptName: 'Welcome',
      state: 'disabled',
      change: 2,
      reason,
      by: 'scripts-event',
      changedAt: expect.any(String),
      scriptVersion: 1,
      runs: 5,
      failures: 5,
      endedProcesses: 5,
      lastError: { kind: 'memory', message: 'it was memory' },
    });
    expect(node.metrics.moves).toEqual(['degraded', 'disabled']);
  });

  it('does not make the breaker write anything for the successes of a healthy script', async () => {
    const id = await script();
    for (let i = 0; i < 1_000; i++) node.run(id);
    await node.settle();
    expect(await schema.dataSource.query('SELECT * FROM script_health')).toEqual([]);
  });

  it('is disabled with at most three transactions, however many failures come', async () => {
    const id = await script();
    const writes = jest.spyOn(node.health, 'add');
    for (let i = 0; i < 10_000; i++) node.run(id, 'runtime', { processLost: false });
    await node.settle();
    expect(writes.mock.calls.length).toBeLessThanOrEqual(3);
    expect(await get(id)).toMatchObject({ status: 'disabled' });
  });

  it('stays active when the breaker is turned off', async () => {
    const off = new BreakerNode(schema.dataSource, pager, { enabled: false });
    const id = await script();
    for (let i = 0; i < 50; i++) off.run(id, 'crashed');
    await off.settle();
    expect(await get(id)).toMatchObject({ status: 'active', degraded: false });
  });

  it('is healthy with a new version: failures of the old version no longer count, even late ones', async () => {
    const id = await script();
    for (let i = 0; i < 4; i++) node.run(id, 'crashed');
    await node.settle();
    expect(await get(id)).toMatchObject({ degraded: true });

    await node.scripts.service.updateSource('acme', id, 'return 2;', { by: 'ada' });
    expect(await get(id)).toMatchObject({ degraded: false, statusReason: null, version: 2 });
    for (let i = 0; i < 4; i++) node.run(id, 'crashed');
    await node.settle();
    node.run(id, 'crashed', { version: 2 });
    await node.settle();
    expect(await get(id)).toMatchObject({ status: 'active', degraded: false });
    expect(await node.service.get('acme', id)).toMatchObject({
      state: 'healthy',
      window: { runs: 1, failures: 1 },
      blame: { total: 5, byKind: { crashed: 5 }, version: 2 },
    });
    expect(pager.told.at(-1)).toMatchObject({ state: 'resumed', by: 'ada' });
  });

  it('is healthy again after enough completions, with an alert', async () => {
    const id = await script();
    for (let i = 0; i < 3; i++) node.run(id, 'crashed');
    await node.settle();
    for (let i = 0; i < 60; i++) node.run(id);
    await node.settle();
    expect(await get(id)).toMatchObject({ degraded: false, statusReason: null });
    expect(pager.told.map(({ state }) => state)).toEqual(['degraded', 'resumed']);
    expect(await node.service.get('acme', id)).toMatchObject({
      state: 'healthy',
      window: null,
      blame: { total: 3 },
    });
  });

  it('stays paused when a person has paused it meanwhile', async () => {
    const id = await script();
    await node.scripts.service.pause('acme', id);
    for (let i = 0; i < 9; i++) node.run(id, 'crashed');
    await node.settle();
    expect(await get(id)).toMatchObject({ status: 'paused', degraded: false });
    expect(pager.told).toEqual([]);
  });

  it('is disabled as soon as the database is back after an outage', async () => {
    const id = await script();
    const add = jest.spyOn(node.health, 'add').mockRejectedValueOnce(awayError('away'));
    const change = jest.spyOn(node.scripts.repository, 'change').mockRejectedValueOnce(awayError('away'));
    for (let i = 0; i < 5; i++) node.run(id, 'crashed');
    await node.settle();
    expect(await get(id)).toMatchObject({ status: 'disabled' });
    expect([add.mock.calls.length, change.mock.calls.length]).toEqual([3, 2]);
    expect(await node.service.get('acme', id)).toMatchObject({ window: { failures: 5 } });
  });

  it('causes one log line when its failures wait for the database, and one when they are counted again', async () => {
    const id = await script();
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const told = jest.spyOn(Logger.prototype, 'log').mockImplementation();
    const away = awayError('away');
    jest.spyOn(node.health, 'add').mockRejectedValueOnce(away).mockRejectedValueOnce(away);
    node.run(id, 'runtime');
    await node.settle();
    node.run(id, 'runtime');
    await node.settle();
    expect(warned.mock.calls).toEqual([
      ['Script health is not updated while the database is unavailable: away'],
    ]);
    expect(told.mock.calls).toEqual([['The database is back; script health is updated again.']]);
  });

  it('leaves no row of its health when it is deleted', async () => {
    const id = await script();
    for (let i = 0; i < 5; i++) node.run(id, 'crashed');
    await node.settle();
    await node.scripts.service.delete('acme', id);
    node.run(id, 'crashed');
    await node.settle();
    expect(await schema.dataSource.query('SELECT * FROM script_health')).toEqual([]);
  });
});

describe('several processes', () => {
  it('add up their counts, make one change of a script and send one alert of it', async () => {
    const others = [
      new BreakerNode(await schema.connect(), pager),
      new BreakerNode(await schema.connect(), pager),
    ];
    const all = [node, ...others];
    const scripts = await Promise.all(times(8, (at) => script(`Script ${at}`)));
    for (let round = 0; round < 3; round++)
      for (const id of scripts) for (const one of all) one.run(id, 'crashed');
    await Promise.all(all.map((one) => one.settle()));
    await Promise.all(all.map((one) => one.settle()));

    for (const id of scripts) expect(await get(id)).toMatchObject({ status: 'disabled' });
    const disabled = pager.told.filter(({ state }) => state === 'disabled');
    expect(disabled.map(({ scriptId }) => scriptId).toSorted()).toEqual(scripts.toSorted());
    const moves = all.flatMap(({ metrics }) => metrics.moves);
    expect(moves.filter((move) => move === 'disabled')).toHaveLength(8);
    const told = new Set(pager.told.map(({ scriptId, change }) => `${scriptId}:${change}`));
    expect(told.size).toBe(pager.told.length);
    expect(await node.service.get('acme', scripts[0] ?? '')).toMatchObject({ blame: { total: 9 } });
  });
});

describe('the alert about a script', () => {
  const disabled = async (): Promise<string> => {
    const id = await script();
    for (let i = 0; i < 5; i++) node.run(id, 'crashed');
    await node.settle();
    return id;
  };

  it('is an event of the emitter under the name of the state', async () => {
    const heard: unknown[] = [];
    node.emitter.on('script.disabled', (alert) => heard.push(alert));
    const id = await disabled();
    expect(heard).toEqual([expect.objectContaining({ scriptId: id, state: 'disabled' })]);
  });

  it('is repeated until its channel accepts it, and other channels get it once', async () => {
    const heard: unknown[] = [];
    node.emitter.on('script.disabled', (alert) => heard.push(alert));
    pager.broken = true;
    await disabled();
    expect(pager.told).toEqual([]);
    pager.broken = false;
    await schema.dataSource.query(
      'UPDATE script_health SET alert_locked_until = now() WHERE alerted_at IS NULL',
    );
    await node.alerts.dispatch();
    await node.alerts.dispatch();
    expect(pager.told).toMatchObject([{ state: 'disabled' }]);
    expect(heard).toHaveLength(1);
  });

  it('is sent by another process if one dies before sending it', async () => {
    const claim = jest.spyOn(node.health, 'claim').mockResolvedValue([]);
    await disabled();
    claim.mockRestore();
    expect(await node.health.claim({ limit: 5, leaseMs: 60_000, owner: 'dead' })).toHaveLength(1);
    await node.alerts.dispatch();
    expect(pager.told).toEqual([]);
    await schema.dataSource.query(
      `UPDATE script_health SET alert_locked_until = now() - interval '1 second'`,
    );
    await node.alerts.dispatch();
    expect(pager.told).toHaveLength(1);
  });

  it('is sent for a later change although that of an earlier one is still being sent', async () => {
    const id = await disabled();
    await node.scripts.service.activate('acme', id, 'ada');
    const [first] = await node.health.claim({ limit: 5, leaseMs: 60_000, owner: 'slow' });
    await node.scripts.service.disable('acme', id, { by: 'bob', reason: 'harm' });
    await first?.settle({ done: true }, []);
    await node.alerts.dispatch();
    expect(pager.told.at(-1)).toMatchObject({ state: 'disabled', by: 'bob', reason: 'harm', change: 3 });
  });

  it('is also sent when a person disables or resumes the script', async () => {
    const id = await script();
    await node.scripts.service.disable('acme', id, { by: 'bob', reason: 'It mails everybody.' });
    await node.alerts.dispatch();
    await node.scripts.service.activate('acme', id, 'bob');
    await node.alerts.dispatch();
    expect(pager.told.map(({ state, by, reason, runs }) => [state, by, reason, runs])).toEqual([
      ['disabled', 'bob', 'It mails everybody.', 0],
      ['resumed', 'bob', null, 0],
    ]);
  });
});

describe('a script that is resumed', () => {
  const HELD = { reason: 'held', scriptVersion: null, errorKind: null } as const;

  async function disabledWithDeadLetters(): Promise<string> {
    const id = await script();
    for (let i = 0; i < 5; i++) node.run(id, 'memory');
    await node.settle();
    await world.add(
      id,
      ...times(3, () => HELD),
      { status: 'exhausted', errorKind: 'memory' },
      { retryDelayMs: 60_000 },
    );
    return id;
  }

  it('is as healthy as one that has never failed, and its held events are due, the oldest first', async () => {
    const id = await disabledWithDeadLetters();
    expect(await node.deadLetters.getPendingRetries({ limit: 9, leaseMs: 1, owner: 'x' })).toEqual([]);
    const resumption = await node.service.resume('acme', id, { by: 'ada' });
    expect(resumption).toMatchObject({
      script: { status: 'active', degraded: false },
      held: 3,
      retries: 1,
      exhausted: 0,
      replayed: 4,
      discarded: 0,
    });
    const claimed = await node.deadLetters.getPendingRetries({ limit: 9, leaseMs: 60_000, owner: 'x' });
    expect(claimed.map(({ reason, attempt }) => [reason, attempt])).toEqual(times(3, () => ['held', 1]));
    expect(await node.service.get('acme', id)).toMatchObject({
      state: 'healthy',
      reason: null,
      window: null,
    });
    for (let i = 0; i < 2; i++) node.run(id, 'memory');
    await node.settle();
    expect(await get(id)).toMatchObject({ degraded: false });
  });

  it('has events that failed meanwhile replayed, too, if replay is "failed"', async () => {
    const id = await disabledWithDeadLetters();
    const resumption = await node.service.resume('acme', id, { by: 'ada', replay: 'failed' });
    expect(resumption).toMatchObject({ held: 3, retries: 1, exhausted: 1, replayed: 5 });
    expect(await node.deadLetters.getPendingRetries({ limit: 9, leaseMs: 60_000, owner: 'x' })).toHaveLength(
      4,
    );
  });

  it('does not replay events that had failed before it was disabled', async () => {
    const id = await script();
    const old = await world.addOne(id, { status: 'exhausted' });
    await schema.dataSource.query(`UPDATE dead_letter_queue SET created_at = now() - interval '1 day'`);
    for (let i = 0; i < 5; i++) node.run(id, 'memory');
    await node.settle();
    const resumption = await node.service.resume('acme', id, { by: 'ada', replay: 'failed' });
    expect(resumption).toMatchObject({ replayed: 0 });
    expect(await world.statusOf(old.id)).toBe('exhausted');
  });

  it('has its held events discarded, with a note, if replay is "none"', async () => {
    const id = await disabledWithDeadLetters();
    const resumption = await node.service.resume('acme', id, { by: 'ada', replay: 'none' });
    expect(resumption).toMatchObject({ held: 0, retries: 1, replayed: 1, discarded: 3 });
    expect(
      await world.countWhere(
        `status = 'discarded' AND resolved_by = 'ada' AND note LIKE '%resumed without%'`,
      ),
    ).toBe(3);
    expect(await world.countWhere(`status = 'pending'`)).toBe(1);
  });

  it('reports the number of waiting retries, which are due although no event was held', async () => {
    const id = await script();
    for (let i = 0; i < 5; i++) node.run(id, 'memory');
    await node.settle();
    await world.add(id, ...times(120, () => ({ retryDelayMs: 0 })));
    const resumption = await node.service.resume('acme', id, { by: 'ada' });
    expect(resumption).toMatchObject({ held: 0, retries: 120, exhausted: 0, replayed: 120 });
    const claimed = await node.deadLetters.getPendingRetries({ limit: 200, leaseMs: 60_000, owner: 'x' });
    expect(claimed).toHaveLength(120);
  });

  it('reports held events and retries of one moment: an event that is held after that is neither', async () => {
    const id = await disabledWithDeadLetters();
    const { deadLetters } = node;
    for (const method of ['count', 'countWaiting'] as const) {
      const counted = deadLetters[method].bind(deadLetters) as (...of: unknown[]) => Promise<never>;
      jest.spyOn(deadLetters, method).mockImplementation(async (...of: unknown[]) => {
        const found = await counted(...of);
        await world.add(id, HELD);
        return found;
      });
    }
    const resumption = await node.service.resume('acme', id, { by: 'ada' });
    expect(resumption).toMatchObject({ held: 3, retries: 1, replayed: 4 });
  });

  it('becomes healthy when it is activated instead, too, and its held events are due', async () => {
    const id = await disabledWithDeadLetters();
    await node.scripts.service.activate('acme', id, 'ada');
    expect(await node.deadLetters.getPendingRetries({ limit: 9, leaseMs: 60_000, owner: 'x' })).toHaveLength(
      3,
    );
    expect(await node.service.get('acme', id)).toMatchObject({ state: 'healthy', window: null });
  });

  it('runs several events at a time again if it was only degraded', async () => {
    const id = await script();
    for (let i = 0; i < 3; i++) node.run(id, 'memory');
    await node.settle();
    await node.service.resume('acme', id, { by: 'ada' });
    expect(node.scripts.index.runLimitOf(id)).toBeNull();
  });

  it('must be degraded or disabled and belong to the tenant, and the call must name a person', async () => {
    const id = await script();
    await expect(node.service.resume('acme', id, { by: 'ada' })).rejects.toBeInstanceOf(ScriptHealthyError);
    await node.scripts.service.disable('acme', id, { reason: 'harm' });
    await expect(node.service.resume('globex', id, { by: 'ada' })).rejects.toBeInstanceOf(
      ScriptNotFoundError,
    );
    await expect(node.service.resume('acme', id, { by: ' ' })).rejects.toMatchObject({ field: 'by' });
    const all = { by: 'ada', replay: 'all' as 'held' };
    await expect(node.service.resume('acme', id, all)).rejects.toBeInstanceOf(InvalidQueryError);
    expect(await get(id)).toMatchObject({ status: 'disabled' });
  });
});

describe('the health of scripts', () => {
  it('is listed by state, page by page, for one tenant', async () => {
    const [degraded = '', disabled = '', well = ''] = [
      await script('A'),
      await script('B'),
      await script('C'),
    ];
    for (let i = 0; i < 3; i++) node.run(degraded, 'memory');
    for (let i = 0; i < 5; i++) node.run(disabled, 'crashed');
    node.run(well, 'runtime');
    await node.settle();
    await world.add(disabled, { reason: 'held' }, { reason: 'held' });

    const ids = async (...args: Parameters<typeof node.service.list>): Promise<string[]> =>
      (await node.service.list(...args)).items.map(({ scriptId }) => scriptId);
    expect(await ids('acme')).toEqual([disabled, degraded]);
    expect(await ids('acme', { state: 'degraded' })).toEqual([degraded]);
    expect(await ids('globex')).toEqual([]);
    const first = await node.service.list('acme', {}, { limit: 1 });
    expect(first).toMatchObject({
      items: [{ scriptId: disabled, waiting: 2, state: 'disabled' }],
      nextCursor: disabled,
    });
    expect(await ids('acme', {}, { limit: 1, cursor: disabled })).toEqual([degraded]);
    await expect(node.service.list('acme', { state: 'healthy' as 'degraded' })).rejects.toMatchObject({
      field: 'state',
    });
    expect(await node.health.countByState()).toEqual({ degraded: 1, disabled: 1 });
    expect(await node.service.get('acme', well)).toMatchObject({
      state: 'healthy',
      lastFailure: { kind: 'runtime' },
    });
    await expect(node.service.get('globex', well)).rejects.toBeInstanceOf(ScriptNotFoundError);
  });

  it('lists the scripts of one tenant that ended processes, worst first', async () => {
    const [once, often] = [await script('A'), await script('B')];
    node.run(once, 'timeout', { processLost: true });
    for (let i = 0; i < 2; i++) node.run(often, 'memory');
    node.run(often, 'crashed');
    await node.settle();
    expect(await node.service.blame('acme')).toEqual([
      {
        scriptId: often,
        scriptName: 'B',
        total: 3,
        byKind: { memory: 2, crashed: 1 },
        firstAt: expect.any(Date),
        lastAt: expect.any(Date),
        version: 1,
      },
      expect.objectContaining({ scriptId: once, total: 1, byKind: { timeout: 1 } }),
    ]);
    expect(await node.service.blame('acme', 1)).toHaveLength(1);
    expect(await node.service.blame('globex')).toEqual([]);
  });
});
