import type { ClaimedDeadLetter, RetryMark } from '../../../lib/dead-letter/dead-letter.types.js';
import { testDataSource } from '../../support/postgres.js';
import { planOf, rowsRead } from '../../support/query-plan.js';
import { DeadLetterWorld, times } from './dead-letters.fixture.js';

const claim = { limit: 20, leaseMs: 60_000, owner: 'node-a' };
const failedAgain: RetryMark = {
  status: 'pending',
  delayMs: 60_000,
  countedRetries: 1,
  attempt: { kind: 'timeout', message: 'too slow', durationMs: 10_000, trigger: 'retry' },
};

describe('claims of dead letters', () => {
  let world: DeadLetterWorld;

  beforeAll(async () => {
    world = new DeadLetterWorld(await testDataSource());
  });

  afterEach(() => world.clear());

  const claimOne = async (): Promise<ClaimedDeadLetter> => {
    const [entry, ...more] = await world.repository.getPendingRetries(claim);
    if (!entry || more.length > 0)
      throw new Error(`claimed ${more.length + (entry ? 1 : 0)} entries instead of one`);
    return entry;
  };

  it('return everything that an execution needs, as it was when the event was captured', async () => {
    const stored = await world.addOne(await world.script());
    const entry = await claimOne();
    expect(entry).toMatchObject({
      id: stored.id,
      tenantId: 'acme',
      scriptId: stored.scriptId,
      eventId: stored.eventId,
      eventType: 'user.created',
      occurredAt: '2026-01-02T03:04:05.678Z',
      actorId: 'user-7',
      cause: stored.cause,
      retryCount: 0,
      maxRetries: 3,
      attempt: 2,
      trigger: 'retry',
      requestedBy: null,
    });
    expect(JSON.parse(entry.payload)).toEqual({ userId: 1, email: 'ada@example.com' });
    expect(await world.row(stored.id)).toMatchObject({ status: 'retrying', locked_by: entry.token });
    expect(entry.token).toMatch(/^node-a#/);
  });

  it('have attempt 1 for an event that never ran', async () => {
    await world.addOne(await world.script(), { reason: 'overflow', errorKind: null });
    expect((await claimOne()).attempt).toBe(1);
  });

  it('do not take a dead letter before its time by the database’s clock', async () => {
    const { id } = await world.addOne(await world.script(), { retryDelayMs: 3_600_000 });
    expect(await world.repository.getPendingRetries(claim)).toEqual([]);
    const seconds: { s: number }[] = await world.dataSource.query(
      'SELECT extract(epoch FROM next_retry_at - created_at)::float8 AS s FROM dead_letter_queue WHERE id = $1',
      [id],
    );
    expect(seconds[0]?.s).toBe(3600);
    await world.passTime();
    expect((await claimOne()).id).toBe(id);
  });

  it('take the dead letter with the earliest time first', async () => {
    const script = await world.script();
    const entries = await world.add(script, ...times(5, () => ({})));
    for (const [index, { id }] of entries.entries()) {
      await world.dataSource.query(
        `UPDATE dead_letter_queue SET next_retry_at = now() - $2 * interval '1 minute' WHERE id = $1`,
        [id, index],
      );
    }
    const claimed = await world.repository.getPendingRetries({ ...claim, limit: 3 });
    expect(claimed.map(({ id }) => id)).toEqual(
      [entries[4], entries[3], entries[2]].map((entry) => entry?.id),
    );
  });

  it('take turns between tenants, so that a flood of one tenant does not hold up another one', async () => {
    const [noisy, quiet] = [await world.script('noisy'), await world.script('quiet')];
    await world.add(noisy, ...times(200, () => ({ tenantId: 'noisy' })));
    await world.add(quiet, { tenantId: 'quiet' }, { tenantId: 'quiet' });
    const claimed = await world.repository.getPendingRetries({ ...claim, limit: 6 });
    expect(claimed.filter(({ tenantId }) => tenantId === 'quiet')).toHaveLength(2);
    expect(claimed.filter(({ tenantId }) => tenantId === 'noisy')).toHaveLength(4);
  });

  it.each(['draft', 'paused', 'disabled', 'archived'] as const)(
    'do not change dead letters of a %s script, and take them once it is active',
    async (status) => {
      const script = await world.script('acme', status);
      const { id } = await world.addOne(script);
      expect(await world.repository.getPendingRetries(claim)).toEqual([]);
      expect(await world.row(id)).toMatchObject({ status: 'pending', retry_count: 0 });
      await world.setStatus(script, 'active');
      expect((await claimOne()).id).toBe(id);
    },
  );

  it('do not take a dead letter that names a script of another tenant', async () => {
    await world.addOne(await world.script('globex'), { tenantId: 'acme' });
    expect(await world.repository.getPendingRetries(claim)).toEqual([]);
  });

  it('give each dead letter to one of many workers that claim at the same time', async () => {
    const script = await world.script();
    await world.add(script, ...times(100, () => ({})));
    const rounds = await Promise.all(
      times(8, () => world.repository.getPendingRetries({ ...claim, limit: 10 })),
    );
    const ids = rounds.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(10);
  });

  it('skip the large backlog of a paused script without reading it', async () => {
    const paused = await world.script('acme', 'paused');
    await world.dataSource.query(
      `INSERT INTO dead_letter_queue (id, tenant_id, script_id, event_id, event_type, event_data, occurred_at, cause, reason,
         error, next_retry_at)
       SELECT gen_random_uuid(), 'acme', $1, 'e', 't', '{}', now(), '{}', 'paused', 'held', now() - interval '1 day'
         FROM generate_series(1, 20000)`,
      [paused],
    );
    await world.dataSource.query('ANALYZE dead_letter_queue');
    const { id } = await world.addOne(await world.script());
    const statements = jest.spyOn(world.dataSource, 'query');
    expect((await claimOne()).id).toBe(id);
    const sent = [...statements.mock.calls];
    statements.mockRestore();
    const { id: next } = await world.addOne(await world.script());
    for (const [sql, parameters] of sent) {
      expect(rowsRead(await planOf(world.dataSource, sql, parameters as unknown[]))).toBeLessThan(20);
    }
    expect((await claimOne()).id).toBe(next);
  });

  describe('leases', () => {
    it('keep a claimed dead letter from other workers until they end', async () => {
      await world.addOne(await world.script());
      const first = await claimOne();
      expect(await world.repository.getPendingRetries(claim)).toEqual([]);
      await world.endLeases();
      const second = await claimOne();
      expect(second.id).toBe(first.id);
      expect(second.token).not.toBe(first.token);
      expect(second.attempts.at(-1)).toMatchObject({ kind: 'lost', by: first.token });
      expect(second).toMatchObject({ retryCount: 0, attempt: 2 });
    });

    it('are prolonged by their holder only', async () => {
      await world.addOne(await world.script());
      const held = await claimOne();
      const foreign = { id: held.id, token: 'somebody-else' };
      expect(await world.repository.renewLeases([foreign], 600_000)).toEqual([]);
      const before = (await world.row(held.id)).locked_until;
      expect(await world.repository.renewLeases([held, foreign], 600_000)).toEqual([held.id]);
      expect(Number((await world.row(held.id)).locked_until) - Number(before)).toBeGreaterThan(500_000);
    });

    it('are checked by the database’s clock; a lease that has ended or belongs to another worker is not held', async () => {
      await world.addOne(await world.script());
      const held = await claimOne();
      const foreign = { id: held.id, token: 'somebody-else' };
      expect(await world.repository.stillHeld([held, foreign])).toEqual([held.id]);
      await world.endLeases();
      expect(await world.repository.stillHeld([held])).toEqual([]);
      const next = await claimOne();
      expect(await world.repository.stillHeld([held])).toEqual([]);
      expect(await world.repository.stillHeld([next])).toEqual([next.id]);
    });

    it('come with a fencing token that is greater for each later claim', async () => {
      const script = await world.script();
      await world.add(script, {}, {});
      const first = await world.repository.getPendingRetries(claim);
      await world.endLeases();
      const second = await world.repository.getPendingRetries(claim);
      const tokens = [first, second].map((entries) => entries.map(({ fencingToken }) => fencingToken));
      expect(new Set(tokens.flat()).size).toBe(4);
      expect(Math.min(...tokens[1]!)).toBeGreaterThan(Math.max(...tokens[0]!));
    });

    it('that have ended make a late result, a late release and a late renewal change nothing', async () => {
      await world.addOne(await world.script());
      const late = await claimOne();
      await world.endLeases();
      const current = await claimOne();
      const done: RetryMark = { ...failedAgain, status: 'resolved' };
      expect(await world.repository.markRetried(late.id, late.token, done)).toBe(false);
      expect(await world.repository.release(late.id, late.token)).toBe(false);
      expect(await world.repository.renewLeases([late], 1_000)).toEqual([]);
      expect(await world.row(late.id)).toMatchObject({ status: 'retrying', locked_by: current.token });
      expect(await world.repository.markRetried(current.id, current.token, failedAgain)).toBe(true);
    });

    it('of a script that was paused meanwhile leave the dead letter pending when they end', async () => {
      const script = await world.script();
      const { id } = await world.addOne(script);
      await claimOne();
      await world.setStatus(script, 'paused');
      await world.endLeases();
      expect(await world.repository.getPendingRetries(claim)).toEqual([]);
      expect(await world.statusOf(id)).toBe('pending');
    });
  });

  describe('the end of a retry', () => {
    it('with a failure schedules the next retry of the same dead letter, and adds the failure to its history', async () => {
      const { id } = await world.addOne(await world.script());
      const held = await claimOne();
      await world.repository.markRetried(id, held.token, failedAgain);
      const row = await world.row(id);
      expect(row).toMatchObject({
        status: 'pending',
        retry_count: 1,
        error: 'too slow',
        error_kind: 'timeout',
        locked_by: null,
        locked_until: null,
      });
      expect(Number(row.next_retry_at) - Number(row.updated_at)).toBe(60_000);
      expect(row.attempts.map(({ kind }) => kind)).toEqual(['runtime', 'timeout']);
      expect(row.attempts[1]?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(await world.countWhere('true')).toBe(1);
    });

    it('with the last failure exhausts the dead letter, which has no next time and is not claimed again', async () => {
      const { id } = await world.addOne(await world.script());
      const held = await claimOne();
      const { attempt } = failedAgain;
      await world.repository.markRetried(id, held.token, { status: 'exhausted', countedRetries: 1, attempt });
      expect(await world.row(id)).toMatchObject({
        status: 'exhausted',
        next_retry_at: null,
        locked_by: null,
      });
      await world.endLeases();
      expect(await world.repository.getPendingRetries(claim)).toEqual([]);
    });

    it('with a success resolves the dead letter, which keeps its last error', async () => {
      const { id } = await world.addOne(await world.script());
      const held = await claimOne();
      const attempt = { kind: 'completed', message: '', durationMs: 5, trigger: 'retry' } as const;
      await world.repository.markRetried(id, held.token, { status: 'resolved', countedRetries: 1, attempt });
      const row = await world.row(id);
      expect(row).toMatchObject({
        status: 'resolved',
        retry_count: 1,
        error: 'x is not a function',
        resolved_by: 'retry-worker',
        resolved_at: expect.any(Date),
        next_retry_at: null,
      });
      expect(row.attempts.at(-1)).toMatchObject({ kind: 'completed', durationMs: 5 });
    });

    it('by a release makes the dead letter due as before, or later if requested', async () => {
      const { id } = await world.addOne(await world.script());
      const first = await claimOne();
      expect(await world.repository.release(id, first.token)).toBe(true);
      expect(await world.row(id)).toMatchObject({ status: 'pending', retry_count: 0 });
      const second = await claimOne();
      await world.repository.release(id, second.token, 60_000);
      expect(await world.repository.getPendingRetries(claim)).toEqual([]);
      expect(await world.row(id)).toMatchObject({ status: 'pending', retry_count: 0 });
    });

    it('adds to a history of fifty attempts, from which the first one is never removed', async () => {
      const { id } = await world.addOne(await world.script());
      for (let round = 0; round < 60; round++) {
        await world.passTime();
        const held = await claimOne();
        const attempt = { ...failedAgain.attempt, message: `round ${round}` };
        await world.repository.markRetried(id, held.token, {
          ...failedAgain,
          delayMs: 0,
          attempt,
        } as RetryMark);
      }
      const { attempts } = await world.row(id);
      expect(attempts).toHaveLength(50);
      expect(attempts[0]?.trigger).toBe('event');
      expect(attempts.at(-1)?.message).toBe('round 59');
    });
  });

  it('leave dead letters of deleted scripts to discardOrphans, which discards only pending ones', async () => {
    const [gone, kept] = [await world.script(), await world.script('acme', 'paused')];
    const [orphan, exhausted] = await world.add(gone, {}, { status: 'exhausted' });
    const other = await world.addOne(kept);
    await world.dataSource.query('DELETE FROM scripts WHERE id = $1', [gone]);
    expect(await world.repository.discardOrphans()).toBe(1);
    expect(await world.row(String(orphan?.id))).toMatchObject({
      status: 'discarded',
      note: 'The script was deleted.',
      resolved_by: 'scripts-event',
    });
    expect(await world.statusOf(String(exhausted?.id))).toBe('exhausted');
    expect(await world.statusOf(other.id)).toBe('pending');
  });
});
