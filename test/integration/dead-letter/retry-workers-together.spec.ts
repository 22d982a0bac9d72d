import { Logger } from '@nestjs/common';
import type { RetryResult } from '../../../lib/dead-letter/retry/dead-letter.executor.js';
import { TypeOrmDeadLetterQueueRepository } from '../../../lib/dead-letter/store/typeorm-dead-letter-queue.repository.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { FULL } from '../../support/test-form.js';
import { Gate, waitFor } from '../../support/wait-for.js';
import { DeadLetterWorld, times } from './dead-letters.fixture.js';
import { completed, failedWith, type ScriptedExecutor, WorkerUnderTest } from './retry-workers.fixture.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

type Run = ConstructorParameters<typeof ScriptedExecutor>[0];

/** A database that never answers renewals. */
class Unanswered extends TypeOrmDeadLetterQueueRepository {
  renewals = 0;
  override renewLeases(): Promise<string[]> {
    this.renewals += 1;
    return new Promise(() => undefined);
  }
}

/** A database that never answers the first renewal, as when one connection hangs. */
class UnansweredOnce extends TypeOrmDeadLetterQueueRepository {
  private hung = false;
  override renewLeases(
    ...renewal: Parameters<TypeOrmDeadLetterQueueRepository['renewLeases']>
  ): Promise<string[]> {
    if (this.hung) return super.renewLeases(...renewal);
    this.hung = true;
    return new Promise(() => undefined);
  }
}

const ENTRIES = FULL ? 500 : 100;

describe('retry workers on one database', () => {
  let schema: TestSchema;
  let world: DeadLetterWorld;
  let made: WorkerUnderTest[];

  beforeAll(async () => {
    schema = await createTestSchema();
    world = new DeadLetterWorld(schema.dataSource);
  });

  beforeEach(() => {
    made = [];
    for (const level of ['error', 'warn', 'log'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation();
  });

  afterEach(async () => {
    await Promise.all(made.map(({ worker }) => worker.stop(5_000)));
    jest.restoreAllMocks();
    await world.clear();
  });

  /** A worker with its own connection pool, as in another process. */
  const node = async (
    owner: string,
    run: Run,
    options = {},
    Repository = TypeOrmDeadLetterQueueRepository,
  ): Promise<WorkerUnderTest> => {
    const repository = new Repository(await schema.connect());
    const worker = new WorkerUnderTest(repository, run, { owner, ...options });
    made.push(worker);
    return worker;
  };

  it(`run each of ${ENTRIES} dead letters exactly once`, async () => {
    const scripts = await Promise.all(times(5, (index) => world.script(`tenant-${index}`)));
    for (const [index, script] of scripts.entries()) {
      await world.add(script, ...times(ENTRIES / 5, () => ({ tenantId: `tenant-${index}` })));
    }
    // No run goes on before both workers have begun one, so that they share the work even if one of them is slow.
    const [both, begun] = [new Gate(), new Set<string>()];
    const run =
      (name: string): Run =>
      async () => {
        if (begun.add(name).size === 2) both.open();
        await both.opened;
        return completed;
      };
    const nodes = [await node('a', run('a')), await node('b', run('b'))];
    await waitFor('all are resolved', async () => {
      await Promise.all(nodes.map(({ worker }) => worker.tick()));
      return (await world.countWhere(`status = 'resolved'`)) === ENTRIES;
    });
    const runs = nodes.map(({ executor }) => executor.runs.length);
    expect(runs.reduce((sum, count) => sum + count, 0)).toBe(ENTRIES);
    expect(new Set(nodes.flatMap(({ executor }) => executor.runs.map(({ id }) => id))).size).toBe(ENTRIES);
    expect(Math.min(...runs)).toBeGreaterThan(0);
    expect(await world.countWhere('retry_count = 1 AND jsonb_array_length(attempts) = 2')).toBe(ENTRIES);
  });

  it.each([
    ['', TypeOrmDeadLetterQueueRepository],
    [', even if one of its connections hangs', UnansweredOnce],
  ])(
    'do not claim a dead letter while its holder prolongs the lease, however long the script runs%s',
    async (_, repository) => {
      const { id } = await world.addOne(await world.script());
      const gate = new Gate();
      const slow = await node(
        'slow',
        async (_entry, signal) => {
          await gate.opened;
          return signal.aborted ? failedWith('cancelled') : completed;
        },
        { leaseMs: 6_000 },
        repository,
      );
      const other = await node('other', () => completed);
      const tick = slow.worker.tick();
      await waitFor('it is claimed', async () => (await world.statusOf(id)) === 'retrying');
      const first = Number((await world.row(id)).locked_until);
      await waitFor('the lease is over that it had at first', async () => {
        expect(await other.worker.tick()).toMatchObject({ claimed: 0 });
        const [{ over }] = await schema.dataSource.query<[{ over: boolean }]>(
          `SELECT now() > to_timestamp($1::float8 / 1000) AS over`,
          [first],
        );
        return over;
      });
      gate.open();
      expect(await tick).toMatchObject({ succeeded: 1, lost: 0 });
      expect(await world.row(id)).toMatchObject({ status: 'resolved', retry_count: 1 });
    },
  );

  it('abort the run of a lost lease, and its late result changes nothing', async () => {
    const { id } = await world.addOne(await world.script());
    const gate = new Gate();
    let aborted = false;
    const late = await node(
      'late',
      async (_, signal) => {
        signal.addEventListener('abort', () => (aborted = true));
        await gate.opened;
        return failedWith('runtime', { message: 'the late result' });
      },
      { leaseMs: 600, concurrency: 1 },
    );
    const winner = await node('winner', () => completed);
    const tick = late.worker.tick();
    await waitFor('it runs', () => late.executor.running === 1);
    await waitFor('the other one runs it', async () => {
      // Repeated, because the holder may have prolonged the lease in between.
      await world.endLeases();
      return (await winner.worker.tick()).succeeded === 1;
    });
    await waitFor('the first is told to end', () => aborted);
    gate.open();
    expect(await tick).toMatchObject({ failed: 0, lost: 1 });
    const row = await world.row(id);
    expect(row).toMatchObject({ status: 'resolved', error: 'x is not a function' });
    expect(JSON.stringify(row.attempts)).not.toContain('the late result');
    expect(late.worker.stats()).toMatchObject({ lost: 1, running: 0 });
    expect(late.metrics.retries).toEqual([]);
  });

  it('make no call of a binding for a dead letter that another worker has claimed, even if they consider their lease valid', async () => {
    const { id } = await world.addOne(await world.script());
    const gate = new Gate();
    const calls: [string, number][] = [];
    let refused: unknown;
    // The lease is so long that its holder doesn't prolong it during the test, and so doesn't learn of the claim.
    const believing = await node(
      'believing',
      async (_, signal, lease) => {
        await lease.assure();
        calls.push(['believing', lease.fencingToken]);
        await gate.opened;
        refused = await lease.assure().catch((error: unknown) => error);
        return signal.aborted ? failedWith('cancelled') : completed;
      },
      { leaseMs: 3_600_000, concurrency: 1 },
    );
    const other = await node('other', async (_, __, lease) => {
      await lease.assure();
      calls.push(['other', lease.fencingToken]);
      return completed;
    });
    const tick = believing.worker.tick();
    await waitFor('it has called', () => calls.length === 1);
    await world.endLeases();
    expect(await other.worker.tick()).toMatchObject({ succeeded: 1 });
    gate.open();
    expect(await tick).toMatchObject({ succeeded: 0, lost: 1 });
    expect(refused).toMatchObject({ code: 'lease-lost' });
    expect(calls.map(([name]) => name)).toEqual(['believing', 'other']);
    expect(calls[1]![1]).toBeGreaterThan(calls[0]![1]);
    expect(await world.row(id)).toMatchObject({ status: 'resolved', retry_count: 1 });
  });

  it('ask the database before each call of a binding, and prolong a lease that the clocks cannot confirm', async () => {
    const { id } = await world.addOne(await world.script());
    let wallClock: jest.SpyInstance | undefined;
    let held = 0;
    const slept = await node(
      'slept',
      async (_, __, lease) => {
        await world.endLeases();
        // As if the machine had slept, with its monotonic clock stopped. Nobody has claimed the dead letter meanwhile.
        const now = Date.now.bind(Date);
        wallClock = jest.spyOn(Date, 'now').mockImplementation(() => now() + 7_200_000);
        await lease.assure();
        held = await world.countWhere('locked_until > now()');
        return completed;
      },
      { leaseMs: 3_600_000, concurrency: 1 },
    );
    expect(await slept.worker.tick()).toMatchObject({ succeeded: 1, lost: 0 });
    wallClock?.mockRestore();
    expect(held).toBe(1);
    expect(await world.row(id)).toMatchObject({ status: 'resolved' });
  });

  it('trust their own clocks while the database does not answer', async () => {
    await world.addOne(await world.script());
    let asked = 0;
    class Away extends TypeOrmDeadLetterQueueRepository {
      override stillHeld(): Promise<string[]> {
        asked += 1;
        return Promise.reject(new Error('away'));
      }
    }
    const cutOff = await node(
      'cut-off',
      async (_, __, lease) => {
        await lease.assure();
        return completed;
      },
      {},
      Away,
    );
    expect(await cutOff.worker.tick()).toMatchObject({ succeeded: 1, lost: 0 });
    expect(asked).toBe(1);
  });

  it('never run a dead letter again while they still run it', async () => {
    const script = await world.script();
    const [endless, other] = (await world.add(script, {}, {})).map(({ id }) => id);
    const [gate, ended] = [new Gate(), new Gate()];
    const stalled = await node(
      'stalled',
      async ({ id }, signal) => {
        if (id === other) {
          await gate.opened;
          return completed;
        }
        signal.addEventListener('abort', () => ended.open());
        await ended.opened;
        return failedWith('cancelled');
      },
      { concurrency: 2 },
    );
    const tick = stalled.worker.tick();
    await waitFor('both run', () => stalled.executor.running === 2);
    await world.endLeases();
    gate.open();
    await tick;
    expect(stalled.executor.runs.filter(({ id }) => id === endless)).toHaveLength(1);
    expect(await world.row(String(endless))).toMatchObject({
      status: 'pending',
      retry_count: 0,
      locked_by: null,
    });
  });

  it('abort a run when the database no longer answers renewals, after at most three of them', async () => {
    await world.addOne(await world.script());
    let aborted = false;
    const cutOff = await node(
      'cut-off',
      (_, signal) =>
        new Promise<RetryResult>((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve(failedWith('cancelled'));
          });
        }),
      { leaseMs: 300 },
      Unanswered,
    );
    await cutOff.worker.tick();
    expect(aborted).toBe(true);
    const { renewals } = cutOff.repository as Unanswered;
    expect(renewals).toBeGreaterThan(0);
    expect(renewals).toBeLessThanOrEqual(3);
  });

  it('take over dead letters of a dead process when its lease has ended', async () => {
    const { id } = await world.addOne(await world.script());
    await world.repository.getPendingRetries({ limit: 1, leaseMs: 60_000, owner: 'dead' });
    const { worker, executor } = await node('alive', () => completed);
    expect(await worker.tick()).toMatchObject({ claimed: 0 });
    await world.endLeases();
    expect(await worker.tick()).toMatchObject({ succeeded: 1 });
    expect(executor.runs[0]).toMatchObject({ retryCount: 0, attempt: 2 });
    expect((await world.row(id)).attempts.map(({ kind }) => kind)).toEqual(['runtime', 'lost', 'completed']);
  });

  it('lose no result and run no dead letter twice when every connection is terminated during a tick', async () => {
    const script = await world.script();
    await world.add(script, ...times(40, () => ({})));
    const admin = await schema.connect();
    let runs = 0;
    const { worker, executor } = await node(
      'shaken',
      async () => {
        runs += 1;
        if (runs % 10 === 5) {
          await admin
            .query(
              `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE pid <> pg_backend_pid() AND datname = current_database() AND query LIKE '%dead_letter_queue%'`,
            )
            .catch(() => undefined);
        }
        return completed;
      },
      { batchSize: 40 },
    );
    await waitFor('all are resolved', async () => {
      await worker.tick();
      return (await world.countWhere(`status = 'resolved'`)) === 40;
    });
    expect(executor.runs).toHaveLength(40);
    expect(new Set(executor.runs.map(({ id }) => id)).size).toBe(40);
    expect(await world.countWhere('retry_count <> 1')).toBe(0);
  });

  it('wait while the database is unavailable and continue when it is back', async () => {
    const { id } = await world.addOne(await world.script());
    const { worker } = await node('patient', () => completed);
    await world.dataSource.query('ALTER TABLE dead_letter_queue RENAME TO hidden');
    expect(await worker.tick()).toMatchObject({ claimed: 0 });
    expect(worker.stats().away).toBe(true);
    await world.dataSource.query('ALTER TABLE hidden RENAME TO dead_letter_queue');
    expect(await worker.tick()).toMatchObject({ succeeded: 1 });
    expect(worker.stats().away).toBe(false);
    expect(await world.statusOf(id)).toBe('resolved');
  });

  it('store the result of a run that ended while the database was unavailable', async () => {
    const { id } = await world.addOne(await world.script());
    const { worker } = await node('lucky', async () => {
      await world.dataSource.query('ALTER TABLE dead_letter_queue RENAME TO hidden');
      return completed;
    });
    const tick = worker.tick();
    await waitFor('the table is away', async () => {
      const rows: unknown[] = await world.dataSource.query(`SELECT 1 FROM pg_tables WHERE tablename = 'hidden'
        AND schemaname = '${schema.name}'`);
      return rows.length === 1;
    });
    await world.dataSource.query('ALTER TABLE hidden RENAME TO dead_letter_queue');
    expect(await tick).toMatchObject({ succeeded: 1, lost: 0 });
    expect(await world.statusOf(id)).toBe('resolved');
  });
});
