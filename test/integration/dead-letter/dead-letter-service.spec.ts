import { Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import {
  DeadLetterNotFoundError,
  DeadLetterStateError,
} from '../../../lib/dead-letter/dead-letter.errors.js';
import { InvalidQueryError } from '../../../lib/common/invalid-query.error.js';
import { DeadLetterService } from '../../../lib/dead-letter/dead-letter.service.js';
import type { RetryMark } from '../../../lib/dead-letter/dead-letter.types.js';
import { testDataSource } from '../../support/postgres.js';
import { DeadLetterWorld, times } from './dead-letters.fixture.js';

const HOUR = 3_600_000;
const by = 'ada';
const note = 'wrong address, fixed by hand';

describe('DeadLetterService', () => {
  let world: DeadLetterWorld;
  let service: DeadLetterService;

  beforeAll(async () => {
    world = new DeadLetterWorld(await testDataSource());
    service = new DeadLetterService(world.repository);
  });

  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await world.clear();
  });

  /** A dead letter that has reached the given status in the usual way. */
  const entryIn = async (
    status: 'pending' | 'retrying' | 'exhausted' | 'resolved' | 'discarded',
  ): Promise<string> => {
    const later = { retryDelayMs: HOUR };
    const { id } = await world.addOne(await world.script(), status === 'pending' ? later : {});
    if (status === 'discarded') await service.discard('acme', id, { by: 'bob', note: 'first' });
    if (['pending', 'discarded'].includes(status)) return id;
    const [held] = await world.repository.getPendingRetries({ limit: 1, leaseMs: HOUR, owner: 'node' });
    if (status === 'retrying') return id;
    const attempt = { kind: 'runtime', message: 'no', durationMs: 1, trigger: 'retry' } as const;
    await world.repository.markRetried(id, String(held?.token), {
      status,
      countedRetries: 1,
      attempt,
    } as RetryMark);
    return id;
  };

  describe('get', () => {
    it('returns a dead letter with its payload and history', async () => {
      const id = await entryIn('exhausted');
      const found = await service.get('acme', id);
      expect(found.payload).toEqual({ userId: 1, email: 'ada@example.com' });
      expect(found.attempts).toHaveLength(2);
    });

    it('throws the same error for an unknown id, one of another tenant and an invalid one, like replay and discard', async () => {
      const id = await entryIn('exhausted');
      for (const [tenantId, wrong] of [
        ['acme', uuid()],
        ['globex', id],
        ['acme', 'x'],
      ] as const) {
        await expect(service.get(tenantId, wrong)).rejects.toThrow(DeadLetterNotFoundError);
        await expect(service.replay(tenantId, wrong, { by })).rejects.toMatchObject({
          code: 'dead-letter-not-found',
        });
        await expect(service.discard(tenantId, wrong, { by, note })).rejects.toThrow(DeadLetterNotFoundError);
      }
    });
  });

  describe('replay', () => {
    it.each(['pending', 'exhausted', 'discarded'] as const)(
      'makes a %s dead letter due at once, and records who requested it',
      async (status) => {
        const id = await entryIn(status);
        await service.replay('acme', id, { by });
        const row = await world.row(id);
        expect(row).toMatchObject({ status: 'pending', resolved_at: null, resolved_by: null, note: null });
        expect(await world.countWhere('next_retry_at <= now()')).toBe(1);
        expect(row.attempts.at(-1)).toMatchObject({
          kind: 'requested',
          by,
          trigger: 'replay',
          at: expect.any(String),
        });
      },
    );

    it('allows one more retry if none is left', async () => {
      const { id } = await world.addOne(await world.script(), { status: 'exhausted', maxRetries: 3 });
      await world.dataSource.query('UPDATE dead_letter_queue SET retry_count = 3 WHERE id = $1', [id]);
      await service.replay('acme', id, { by });
      expect(await world.row(id)).toMatchObject({ retry_count: 3, max_retries: 4 });
    });

    it.each([
      [
        'resolved',
        'it has already completed; to run it again, call ExecutionService.replay with its execution id',
      ],
      ['retrying', 'a retry worker is running it'],
    ] as const)('refuses a %s dead letter and says what to do', async (status, advice) => {
      const id = await entryIn(status);
      const refused = service.replay('acme', id, { by });
      await expect(refused).rejects.toThrow(DeadLetterStateError);
      await expect(refused).rejects.toMatchObject({ status, message: expect.stringContaining(advice) });
      expect(await world.statusOf(id)).toBe(status);
    });

    it('refuses a dead letter whose script was deleted', async () => {
      const id = await entryIn('exhausted');
      await world.dataSource.query('DELETE FROM scripts');
      await expect(service.replay('acme', id, { by })).rejects.toThrow('its script was deleted');
    });
  });

  describe('replayMany', () => {
    it('counts matching dead letters and changes nothing with dryRun', async () => {
      await world.add(await world.script(), ...times(7, () => ({ status: 'exhausted' as const })), {});
      const told = await service.replayMany('acme', {}, { by, dryRun: true });
      expect(told).toEqual({ dryRun: true, matched: 7, changed: 0 });
      expect(await world.countWhere(`status = 'exhausted'`)).toBe(7);
    });

    it('replays the oldest dead letters of the tenant first, up to the limit', async () => {
      const script = await world.script();
      const entries = await world.add(script, ...times(5, () => ({ status: 'exhausted' as const })));
      await world.add(await world.script('globex'), { tenantId: 'globex', status: 'exhausted' });
      const done = await service.replayMany('acme', {}, { by, limit: 2 });
      expect(done).toEqual({ dryRun: false, matched: 5, changed: 2 });
      expect(await world.statusOf(String(entries[0]?.id))).toBe('pending');
      expect(await world.statusOf(String(entries[1]?.id))).toBe('pending');
      expect(await world.countWhere(`status = 'exhausted'`)).toBe(4);
    });

    it('replays only dead letters that match the filter and whose script exists', async () => {
      const [kept, gone] = [await world.script(), await world.script()];
      await world.add(kept, { status: 'exhausted', errorKind: 'memory' }, { status: 'exhausted' });
      await world.add(gone, { status: 'exhausted', errorKind: 'memory' });
      await world.dataSource.query('DELETE FROM scripts WHERE id = $1', [gone]);
      expect(await service.replayMany('acme', { errorKind: 'memory' }, { by })).toMatchObject({
        matched: 1,
        changed: 1,
      });
    });

    it('replays discarded dead letters only if the filter names that status', async () => {
      const id = await entryIn('discarded');
      await service.replayMany('acme', {}, { by });
      expect(await world.statusOf(id)).toBe('discarded');
      await service.replayMany('acme', { status: 'discarded' }, { by });
      expect(await world.statusOf(id)).toBe('pending');
    });
  });

  describe('discard', () => {
    it.each(['pending', 'exhausted'] as const)(
      'closes a %s dead letter, and records who did it, when and why',
      async (status) => {
        const id = await entryIn(status);
        await service.discard('acme', id, { by, note });
        const row = await world.row(id);
        expect(row).toMatchObject({
          status: 'discarded',
          next_retry_at: null,
          resolved_by: by,
          resolved_at: expect.any(Date),
          note,
        });
        expect(row.attempts.at(-1)).toMatchObject({ kind: 'discarded', by, message: note });
      },
    );

    it.each(['retrying', 'resolved', 'discarded'] as const)('refuses a %s dead letter', async (status) => {
      const id = await entryIn(status);
      await expect(service.discard('acme', id, { by, note })).rejects.toMatchObject({
        code: 'dead-letter-state',
        status,
      });
    });

    it('discards many dead letters with discardMany, which can count them first and has a limit', async () => {
      await world.add(await world.script(), ...times(4, () => ({ status: 'exhausted' as const })), {});
      const counted = await service.discardMany('acme', {}, { by, note, dryRun: true });
      expect(counted).toEqual({ dryRun: true, matched: 4, changed: 0 });
      expect(await service.discardMany('acme', {}, { by, note, limit: 3 })).toMatchObject({
        matched: 4,
        changed: 3,
      });
      expect(
        await service.discardMany('acme', { status: ['pending', 'exhausted'] }, { by, note }),
      ).toMatchObject({
        changed: 2,
      });
      expect(await world.countWhere(`status = 'discarded' AND resolved_by = 'ada'`)).toBe(5);
    });
  });

  describe('purge', () => {
    const grow = async (
      part: Parameters<typeof world.addOne>[1],
      hours: number,
      tenantId = 'acme',
    ): Promise<string> => {
      const { id } = await world.addOne(uuid(), { tenantId, ...part });
      await world.dataSource.query(
        `UPDATE dead_letter_queue SET updated_at = now() - $2 * interval '1 hour' WHERE id = $1`,
        [id, hours],
      );
      return id;
    };
    const closed = { reason: 'deleted', status: 'discarded', note: 'gone' } as const;

    it('deletes closed dead letters of the tenant that are older than the age, in batches', async () => {
      for (let index = 0; index < 7; index++) await grow(closed, 10);
      const [young, foreign] = [await grow(closed, 1), await grow(closed, 10, 'globex')];
      expect(await service.purge('acme', { olderThanMs: 5 * HOUR, by, batchSize: 3 })).toBe(7);
      expect(await world.statusOf(young)).toBe('discarded');
      expect(await world.statusOf(foreign)).toBe('discarded');
      expect(Logger.prototype.log).toHaveBeenCalledWith(
        expect.stringMatching(new RegExp(`^7 dead letters of tenant acme were purged\\. \\{"by":"${by}"`)),
      );
    });

    it('never deletes a pending or retrying dead letter, and an exhausted one only on request and after its alert', async () => {
      await grow({}, 99);
      const running = await entryIn('retrying');
      await world.dataSource.query(`UPDATE dead_letter_queue SET updated_at = '2020-01-01' WHERE id = $1`, [
        running,
      ]);
      const silent = await grow({ status: 'exhausted' }, 99);
      const alerted = await grow({ status: 'exhausted' }, 99);
      await world.dataSource.query('UPDATE dead_letter_queue SET alerted_at = now() WHERE id = $1', [
        alerted,
      ]);
      const request = { olderThanMs: 0, by, statuses: ['exhausted', 'resolved', 'discarded'] as const };
      expect(await service.purge('acme', { olderThanMs: 0, by })).toBe(0);
      expect(await service.purge('acme', request)).toBe(1);
      expect(await world.statusOf(silent)).toBe('exhausted');
      expect(await world.countWhere('true')).toBe(3);
      const wrong = { ...request, statuses: ['pending'] as never };
      await expect(service.purge('acme', wrong)).rejects.toThrow(', not "pending"');
    });

    it('deletes dead letters of all tenants only with purgeAllTenants', async () => {
      await grow(closed, 10, 'acme');
      await grow(closed, 10, 'globex');
      expect(await service.purgeAllTenants({ olderThanMs: HOUR, by: 'retention' })).toBe(2);
      await expect(service.purge('', { olderThanMs: HOUR, by })).rejects.toMatchObject({ field: 'tenantId' });
    });
  });

  it('lists, counts and sums up the dead letters of one tenant only', async () => {
    const script = await world.script();
    await world.add(script, {}, { status: 'exhausted' });
    expect((await service.list('acme')).items).toHaveLength(2);
    expect(
      (await service.list('acme', { status: 'exhausted', scriptId: script }, { limit: 1 })).items,
    ).toHaveLength(1);
    expect(await service.count('acme', { status: ['pending', 'exhausted'] })).toBe(2);
    expect(await service.stats('acme')).toMatchObject({ byStatus: { pending: 1, exhausted: 1 }, due: 1 });
    expect(await service.count('globex')).toBe(0);
  });

  it('counts open dead letters by status up to a limit, and says whether there are more', async () => {
    const script = await world.script();
    const held = { reason: 'held', retryDelayMs: HOUR } as const;
    await world.add(
      script,
      held,
      held,
      { retryDelayMs: HOUR },
      { status: 'exhausted' },
      { status: 'discarded' },
    );
    await world.addOne(await world.script('globex'), { tenantId: 'globex' });
    const found = await service.counts('acme');
    expect(found).toMatchObject({
      pending: { count: 3, more: false },
      retrying: { count: 0, more: false },
      exhausted: { count: 1, more: false },
      held: { count: 2, more: false },
      oldestOpenAt: expect.any(Date),
    });
    expect(await world.repository.boundedCounts('acme', 2, 2)).toMatchObject({
      pending: { count: 2, more: true },
      held: { count: expect.any(Number), more: false },
    });
    expect(await service.counts('nobody')).toMatchObject({ pending: { count: 0 }, oldestOpenAt: null });
  });

  it('counts the dead letters of an act only up to countUpTo, and acts on all of them', async () => {
    const script = await world.script();
    await world.add(script, ...Array.from({ length: 5 }, () => ({ status: 'exhausted' as const })));
    const bound = { by, countUpTo: 3 };
    expect(await service.replayMany('acme', {}, { ...bound, dryRun: true })).toMatchObject({ matched: 3 });
    expect(await service.discardMany('acme', {}, { ...bound, note })).toMatchObject({
      matched: 3,
      changed: 5,
    });
  });

  describe('a wrong call', () => {
    class Filter {
      status = 'exhausted';
    }
    const everything = [
      ['a list', []],
      ['a Map', new Map([['status', 'exhausted']])],
      ['a Set', new Set()],
      ['an instance of a class', new Filter()],
      ['inherited fields', Object.create({ scriptId: uuid() })],
      [
        'inherited fields of a bare object',
        Object.create(Object.assign(Object.create(null), { status: 'exhausted' })),
      ],
      ['null', null],
      ['text', 'exhausted'],
      ['a symbol for a name', { [Symbol('status')]: 'exhausted' }],
      ['a hidden field', Object.defineProperty({}, 'staus', { value: 'exhausted' })],
    ] as const;

    it.each(everything)('with %s as its filter is refused and changes nothing', async (_, filter) => {
      const { id } = await world.addOne(await world.script(), { status: 'exhausted' });
      for (const call of [
        () => service.discardMany('acme', filter as never, { by, note }),
        () => service.replayMany('acme', filter as never, { by }),
        () => service.list('acme', filter as never),
        () => service.count('acme', filter as never),
      ])
        await expect(call()).rejects.toMatchObject({ code: 'invalid-query' });
      expect(await world.statusOf(id)).toBe('exhausted');
    });

    it.each([
      ['dryrun', { by, note, dryrun: true }, 'did you mean "dryRun"?'],
      ['dryRun', { by, note, dryRun: 'yes' }, 'must be true or false'],
      ['the options', Object.create({ by, note, dryRun: true }), 'must be a plain object'],
      ['the options', [], 'must be a plain object'],
      ['by', { by: 'a\u0000', note }, '200 characters, not "a\\u0000"'],
    ])('with a wrong value of %s is refused and changes nothing', async (field, options, message) => {
      const { id } = await world.addOne(await world.script(), { status: 'exhausted' });
      const act = service.discardMany('acme', {}, options as never);
      await expect(act).rejects.toMatchObject({ code: 'invalid-query', field });
      await expect(act).rejects.toThrow(message);
      expect(await world.statusOf(id)).toBe('exhausted');
    });

    it('with U+0000 in an id or a name gets a typed error', async () => {
      await expect(service.list('ac\u0000me')).rejects.toMatchObject({ field: 'tenantId' });
      await expect(service.list('acme', { eventId: '\u0000' })).rejects.toMatchObject({ field: 'eventId' });
      await expect(service.get('acme', '\u0000')).rejects.toMatchObject({ code: 'dead-letter-not-found' });
    });

    it('of purge with a misspelt "statuses" is refused', async () => {
      const { id } = await world.addOne(await world.script(), { status: 'exhausted' });
      const act = service.purge('acme', { olderThanMs: 0, by, status: ['resolved'] } as never);
      await expect(act).rejects.toThrow('did you mean "statuses"?');
      expect(await world.statusOf(id)).toBe('exhausted');
    });
  });

  describe('bad input', () => {
    it.each([
      ['status', { status: 'done' }, 'status must be one or more of pending, retrying'],
      ['status', { status: [] }, ', not []'],
      ['status', { status: ['exhausted', 7] }, ', not 7'],
      ['reason', { reason: 'bored' }, 'reason must be one of failed, overflow'],
      ['scriptId', { scriptId: 'welcome' }, 'scriptId must be a UUID, not "welcome"'],
      [
        'eventType',
        { eventType: '' },
        'eventType must be text of 1 to 200 characters without U+0000, not ""',
      ],
      ['from', { from: '2026-01-01' }, 'from must be a valid Date, not "2026-01-01"'],
      ['to', { to: new Date(NaN) }, 'must be a valid Date'],
      [
        'staus',
        { staus: 'exhausted' },
        'Unknown filter "staus" (did you mean "status"?). Allowed: scriptId, status',
      ],
      ['limit', { limit: 10 }, 'Pass limit and cursor in the next argument'],
    ])(
      'is refused with an error that names the field %s of the filter %j',
      async (field, filter, message) => {
        for (const call of [
          service.list('acme', filter as never),
          service.count('acme', filter as never),
          service.replayMany('acme', filter as never, { by }),
          service.discardMany('acme', filter as never, { by, note }),
        ]) {
          const refused = { name: InvalidQueryError.name, field };
          await expect(call).rejects.toMatchObject(refused);
        }
        await expect(service.list('acme', filter as never)).rejects.toThrow(message);
      },
    );

    it.each([
      ['by', () => service.replay('acme', uuid(), { by: ' ' })],
      ['by', () => service.discardMany('acme', {}, { by: undefined as never, note })],
      ['by', () => service.replayMany('acme', {}, undefined as never)],
      ['note', () => service.discard('acme', uuid(), { by, note: '' })],
      ['limit', () => service.replayMany('acme', {}, { by, limit: 0 })],
      ['limit', () => service.replayMany('acme', {}, { by, limit: 10_001 })],
      ['limit', () => service.list('acme', {}, { limit: 1.5 })],
      ['cursor', () => service.list('acme', {}, { cursor: 'next' })],
      ['olderThanMs', () => service.purge('acme', { olderThanMs: -1, by })],
      ['batchSize', () => service.purge('acme', { olderThanMs: 1, by, batchSize: 0 })],
      ['tenantId', () => service.list(undefined as never)],
      ['status', () => service.replayMany('acme', { status: 'resolved' }, { by })],
      ['status', () => service.discardMany('acme', { status: 'retrying' }, { by, note })],
    ])('is refused with an error that names the argument %s', async (field, call) => {
      await expect(call()).rejects.toMatchObject({ code: 'invalid-query', field });
    });
  });
});
