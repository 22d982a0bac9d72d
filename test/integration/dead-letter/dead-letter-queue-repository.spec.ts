import { v7 as uuid } from 'uuid';
import { deadLetterSql } from '../../../lib/dead-letter/store/dead-letter.sql.js';
import { testDataSource } from '../../support/postgres.js';
import { planOf, rowsRead } from '../../support/query-plan.js';
import { deadLetter, DeadLetterWorld, times } from './dead-letters.fixture.js';

const HOUR = 3_600_000;

describe('TypeOrmDeadLetterQueueRepository', () => {
  let world: DeadLetterWorld;

  beforeAll(async () => {
    world = new DeadLetterWorld(await testDataSource());
  });

  afterEach(() => world.clear());

  it('returns a dead letter as it was stored', async () => {
    const entry = await world.addOne(await world.script());
    const found = await world.repository.get('acme', entry.id);
    expect(found).toMatchObject({
      id: entry.id,
      payload: { userId: 1, email: 'ada@example.com' },
      occurredAt: new Date(entry.occurredAt),
      cause: entry.cause,
      attempts: entry.attempts,
      status: 'pending',
      retryCount: 0,
      maxRetries: 3,
      alertedAt: null,
    });
  });

  it('counts what waits for a script: held events and retries, of its tenant, and nothing that is closed', async () => {
    const [ours, other] = [await world.script(), await world.script()];
    await world.add(
      ours,
      ...times(3, () => ({ reason: 'held' as const })),
      ...times(2, () => ({})),
      { status: 'exhausted' },
      { reason: 'held', status: 'discarded', note: 'no' },
    );
    await world.addOne(other);
    expect(await world.repository.countWaiting('acme', ours)).toEqual({ held: 3, retries: 2 });
    expect(await world.repository.countWaiting('acme', other)).toEqual({ held: 0, retries: 1 });
    expect(await world.repository.countWaiting('globex', ours)).toEqual({ held: 0, retries: 0 });
  });

  it('stores many dead letters with one call, and ignores those that it has already', async () => {
    const script = await world.script();
    const entries = times(150, () => deadLetter({ scriptId: script }));
    await world.repository.add(entries);
    await world.repository.add([...entries, deadLetter({ scriptId: script })]);
    expect(await world.countWhere('true')).toBe(151);
    await expect(world.repository.add([])).resolves.toBeUndefined();
  });

  it('stores a dead letter that is discarded from the start as closed, with who and why', async () => {
    const { id } = await world.addOne(uuid(), {
      reason: 'deleted',
      status: 'discarded',
      note: 'the script is gone',
    });
    expect(await world.row(id)).toMatchObject({
      status: 'discarded',
      next_retry_at: null,
      resolved_at: expect.any(Date),
      resolved_by: 'scripts-event',
      note: 'the script is gone',
    });
  });

  it('replaces characters that PostgreSQL cannot store by a visible one, instead of refusing the dead letter', async () => {
    const message = 'nul \u0000 half \ud83d';
    const attempts = [{ ...deadLetter().attempts[0], message }] as ReturnType<typeof deadLetter>['attempts'];
    const { id } = await world.addOne(await world.script(), { error: message, attempts });
    const row = await world.row(id);
    expect([row.error, row.attempts[0]?.message]).toEqual([
      'nul \ufffd half \ufffd',
      'nul \ufffd half \ufffd',
    ]);
  });

  it('stores texts, lists and payloads that mean something in a list of PostgreSQL unchanged, beside rows without', async () => {
    const texts = ['NULL', 'null', '', '{}', '{a,b}', ',', '"', '\\', '\\"', ' padded ', "'", '}', '\u2028'];
    const [one, other] = [uuid(), uuid()];
    const parts = texts.map((note, at) => ({
      note,
      payload: JSON.stringify({ [note]: [note, null, at / 3, 2 ** 53, { deep: `\u0001${note}` }] }),
      ...(at % 2 === 0 ? { otherScriptIds: [one, other] } : {}),
    }));
    const entries = await world.add(uuid(), {}, ...parts, {});
    for (const [at, entry] of entries.entries()) {
      const row = await world.row(entry.id);
      const { note = null, payload, otherScriptIds = null } = parts[at - 1] ?? {};
      expect(row).toMatchObject({ note, other_script_ids: otherScriptIds });
      expect(row.event_data).toEqual(JSON.parse(payload ?? entry.payload));
      expect(row.next_retry_at).toBeInstanceOf(Date);
    }
  });

  it('stores null for what no dead letter of a call has, because no column that may be null has another default', async () => {
    const defaults = await world.dataSource.query(
      `SELECT DISTINCT column_default FROM information_schema.columns WHERE table_schema = current_schema()
        AND table_name = 'dead_letter_queue' AND is_nullable = 'YES'`,
    );
    expect(defaults).toEqual([{ column_default: null }]);
    const { id } = await world.addOne(uuid(), { status: 'exhausted', actorId: null });
    expect(await world.row(id)).toMatchObject({ actor_id: null, note: null, next_retry_at: null });
  });

  it.each([
    ['a time of a retry that is not finite', { retryDelayMs: NaN }, 'pending_has_time'],
    ['a payload with a NUL', { payload: '{"a":"\\u0000"}' }, '22P05'],
    ['a text with a NUL', { note: 'a\u0000' }, '22021'],
    ['a number that is too large', { errorLine: 2 ** 31 }, '22003'],
  ])('refuses %s, and the writer can store the others', async (_, part, why) => {
    const entries = [deadLetter(), deadLetter(part)];
    await expect(world.repository.add(entries)).rejects.toThrow(why);
    expect(await world.countWhere('true')).toBe(0);
  });

  it('finds nothing of another tenant, and nothing for text that is no id', async () => {
    const { id, scriptId } = await world.addOne(await world.script());
    expect(await world.repository.get('globex', id)).toBeNull();
    expect(await world.repository.get('acme', "x' OR true --")).toBeNull();
    expect((await world.repository.list('globex', {}, {})).items).toEqual([]);
    expect((await world.repository.getForScript('globex', scriptId, {})).items).toEqual([]);
    expect(await world.repository.count('globex', {})).toBe(0);
    expect(await world.repository.delete('globex', id)).toBe(false);
    expect(await world.repository.replay('globex', { id }, 'eve')).toEqual([]);
    expect(await world.repository.discard('globex', { id }, 'eve', 'mine now')).toEqual([]);
    expect((await world.repository.stats('globex')).byStatus.pending).toBe(0);
    expect(await world.statusOf(id)).toBe('pending');
  });

  it('lists newest first, page by page, each once, without payload and history', async () => {
    const script = await world.script();
    const entries = await world.add(script, ...times(25, () => ({})));
    const ids: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await world.repository.list('acme', {}, { limit: 10, ...(cursor ? { cursor } : {}) });
      for (const large of ['payload', 'attempts', 'cause']) expect(page.items[0]).not.toHaveProperty(large);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(ids).toEqual(entries.map(({ id }) => id).toReversed());
    expect((await world.repository.getForScript('acme', script, {})).items).toHaveLength(25);
    expect((await world.repository.getForScript('acme', uuid(), {})).items).toHaveLength(0);
  });

  it.each([
    ['reason', { reason: 'loop' }],
    ['event type', { eventType: 'order.shipped' }],
    ['event', { eventId: 'order-17' }],
    ['error kind', { errorKind: 'memory' }],
    ['status', { status: 'exhausted' }],
  ] as const)('filters by %s', async (_, part) => {
    const script = await world.script();
    const [wanted] = await world.add(script, part, {}, {});
    const { items } = await world.repository.list('acme', part, {});
    expect(items.map(({ id }) => id)).toEqual([wanted?.id]);
    expect(await world.repository.count('acme', part)).toBe(1);
  });

  it('filters by script, by several statuses and by time of creation', async () => {
    const [one, two] = [await world.script(), await world.script()];
    const [pending, exhausted] = await world.add(one, {}, { status: 'exhausted' });
    await world.add(two, { reason: 'deleted', status: 'discarded' });
    await world.dataSource.query(`UPDATE dead_letter_queue SET created_at = '2020-05-05' WHERE id = $1`, [
      pending?.id,
    ]);
    const idsOf = async (filter: Parameters<typeof world.repository.list>[1]): Promise<string[]> =>
      (await world.repository.list('acme', filter, {})).items.map(({ id }) => id);
    expect(await idsOf({ scriptId: one })).toEqual([exhausted?.id, pending?.id]);
    expect(await idsOf({ status: ['pending', 'exhausted'] })).toEqual([exhausted?.id, pending?.id]);
    expect(await idsOf({ to: new Date('2021-01-01') })).toEqual([pending?.id]);
    expect(await idsOf({ scriptId: one, from: new Date('2021-01-01') })).toEqual([exhausted?.id]);
  });

  it('returns the figures of a tenant', async () => {
    const script = await world.script();
    await world.add(script, {}, { retryDelayMs: HOUR }, { reason: 'overflow' }, { status: 'exhausted' });
    await world.add(script, { reason: 'deleted', status: 'discarded' });
    const stats = await world.repository.stats('acme');
    expect(stats).toMatchObject({
      byStatus: { pending: 3, retrying: 0, exhausted: 1, resolved: 0, discarded: 1 },
      openByReason: { failed: 3, overflow: 1 },
      due: 2,
    });
    expect(stats.nextRetryAt).toBeInstanceOf(Date);
    expect(stats.oldestOpenAt).toBeInstanceOf(Date);
    expect(await world.repository.stats('globex')).toMatchObject({
      due: 0,
      nextRetryAt: null,
      oldestOpenAt: null,
    });
  });

  it('counts the dead letters of all tenants by status, including zeros', async () => {
    await world.add(await world.script(), {}, { tenantId: 'globex' }, { status: 'exhausted' });
    expect(await world.repository.countByStatus()).toEqual({
      pending: 2,
      retrying: 0,
      exhausted: 1,
      resolved: 0,
      discarded: 0,
    });
  });

  it('counts at most 10,000 closed dead letters of a status, and reads no more of them', async () => {
    const script = await world.script();
    await world.dataSource.query(
      `INSERT INTO dead_letter_queue (id, tenant_id, script_id, event_id, event_type, event_data, occurred_at, cause, reason,
         error, status)
       SELECT gen_random_uuid(), 'acme', $1, 'e', 't', '{}', now(), '{}', 'failed', 'no', 'resolved'
         FROM generate_series(1, 30000)`,
      [script],
    );
    await world.dataSource.query('ANALYZE dead_letter_queue');
    await world.add(script, {}, {}, { status: 'exhausted' });
    expect(await world.repository.countByStatus()).toEqual({
      pending: 2,
      retrying: 0,
      exhausted: 1,
      resolved: 10_000,
      discarded: 0,
    });
    const sql = deadLetterSql({ deadLetters: 'dead_letter_queue', scripts: 'scripts', fence: '' });
    expect(rowsRead(await planOf(world.dataSource, sql.countByStatus, []))).toBe(10_003);
    expect(await world.repository.stats('acme')).toMatchObject({
      byStatus: { pending: 2, retrying: 0, exhausted: 1, resolved: 10_000, discarded: 0 },
      openByReason: { failed: 3 },
      oldestOpenAt: expect.any(Date),
    });
    expect(rowsRead(await planOf(world.dataSource, sql.stats, ['acme']))).toBe(10_003);
  });

  it('returns for how long the most overdue retry has been due', async () => {
    expect(await world.repository.oldestDueMs()).toBe(0);
    const [later, earlier, paused] = [await world.script(), await world.script(), await world.script()];
    await world.add(later, { retryDelayMs: -60_000 }, { retryDelayMs: HOUR });
    await world.add(earlier, { retryDelayMs: -HOUR }, { retryDelayMs: -60_000 });
    await world.add(paused, { retryDelayMs: -24 * HOUR });
    await world.dataSource.query(`UPDATE scripts SET status = 'paused' WHERE id = $1`, [paused]);
    const age = await world.repository.oldestDueMs();
    expect(age).toBeGreaterThanOrEqual(HOUR);
    expect(age).toBeLessThan(2 * HOUR);
  });

  it('deletes one dead letter', async () => {
    const { id } = await world.addOne(await world.script());
    expect(await world.repository.delete('acme', id)).toBe(true);
    expect(await world.repository.delete('acme', id)).toBe(false);
  });

  it('works under the host’s table prefix', async () => {
    const prefixed = new DeadLetterWorld(await testDataSource({ entityPrefix: 'my_' }));
    const entry = deadLetter();
    await prefixed.dataSource.query(
      `INSERT INTO my_scripts (id, tenant_id, name, event_types, status) VALUES ($1, 'acme', 'n', '{a}', 'active')`,
      [entry.scriptId],
    );
    await prefixed.repository.add([entry]);
    const [claimed] = await prefixed.repository.getPendingRetries({ limit: 1, leaseMs: 1_000, owner: 'x' });
    expect(claimed?.id).toBe(entry.id);
    expect((await prefixed.repository.list('acme', {}, {})).items).toHaveLength(1);
  });
});
