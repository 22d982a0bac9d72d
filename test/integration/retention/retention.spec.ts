import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { RETENTION_INTERVAL } from '../../../lib/retention/retention.service.js';
import type { DeletedBatch } from '../../../lib/retention/retention.repository.js';
import { RetentionRepository } from '../../../lib/retention/retention.repository.js';
import { TypeOrmRetentionRepository } from '../../../lib/retention/typeorm-retention.repository.js';
import { testDataSource } from '../../support/postgres.js';
import { Gate, waitFor } from '../../support/wait-for.js';
import { deadLetters, executions, left, retentionOn, statistics } from './retention.fixture.js';
import { awayError } from '../../support/away-error.js';

let dataSource: DataSource;

beforeAll(async () => (dataSource = await testDataSource()));
beforeEach(async () => {
  jest.spyOn(Logger.prototype, 'log').mockImplementation();
  jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  await dataSource.query('TRUNCATE script_executions, script_statistics, dead_letter_queue');
});
afterEach(() => jest.restoreAllMocks());

/** A repository that does what a test says. */
class Scripted extends RetentionRepository {
  constructor(private readonly next: () => Promise<DeletedBatch>) {
    super();
  }
  deleteBatch(): Promise<DeletedBatch> {
    return this.next();
  }
  async tableSizes() {
    return [];
  }
}

describe('a round of retention', () => {
  it('deletes execution records by the age for their status', async () => {
    for (const days of [0.9, 1.1, 1.9, 2.1]) {
      await executions(dataSource, 'completed', days);
      await executions(dataSource, 'failed', days);
    }
    const { service, metrics } = retentionOn(dataSource);
    expect(await service.run()).toMatchObject({
      outcome: 'done',
      deleted: { completedExecutions: 3, failedExecutions: 1 },
    });
    expect(await left(dataSource, 'script_executions')).toEqual([
      'completed 0',
      'failed 0',
      'failed 1',
      'failed 1',
    ]);
    expect(metrics.retained).toEqual([
      [{ table: 'script_executions', status: 'completed' }, 3],
      [{ table: 'script_executions', status: 'failed' }, 1],
    ]);
  });

  it('never deletes a pending or retrying dead letter, nor an exhausted one before its alert', async () => {
    for (const status of ['pending', 'retrying', 'exhausted', 'resolved', 'discarded'])
      await deadLetters(dataSource, status, 3_000);
    await deadLetters(dataSource, 'exhausted', 6, { alerted: true });
    await deadLetters(dataSource, 'exhausted', 4, { alerted: true });
    await deadLetters(dataSource, 'resolved', 2);
    await deadLetters(dataSource, 'discarded', 3);
    const { service } = retentionOn(dataSource);
    expect((await service.run()).deleted).toMatchObject({
      resolvedDeadLetters: 1,
      discardedDeadLetters: 1,
      exhaustedDeadLetters: 1,
    });
    expect(await left(dataSource, 'dead_letter_queue')).toEqual([
      'discarded 3',
      'exhausted 4',
      'exhausted 3000',
      'pending 3000',
      'resolved 2',
      'retrying 3000',
    ]);
  });

  it('deletes hours of statistics that are too old for a query', async () => {
    await statistics(dataSource, 7, 30);
    await statistics(dataSource, 5, 20);
    const { service, metrics } = retentionOn(dataSource);
    expect((await service.run()).deleted).toMatchObject({ statistics: 30 });
    expect(metrics.retained).toContainEqual([{ table: 'script_statistics', status: 'counted' }, 10]);
    expect(await dataSource.query('SELECT count(*)::int AS count FROM script_statistics')).toEqual([
      { count: 20 },
    ]);
  });

  it('removes keys of stores whose ttl is over and frees their quota, except keys that were set again', async () => {
    await dataSource.query(`INSERT INTO script_store (tenant_id, scope, key, value, bytes, revision, expires_at)
      SELECT 'acme', 'tenant', 'k' || n, '1', 10, n, now() + (n - 25) * interval '1 hour' FROM generate_series(1, 40) n`);
    await dataSource.query(
      `INSERT INTO script_store_usage (tenant_id, keys, bytes) VALUES ('acme', 40, 400)`,
    );
    const other = dataSource.createQueryRunner();
    await other.query('BEGIN');
    await other.query(`SELECT FROM script_store_usage WHERE tenant_id = 'acme' FOR UPDATE`);
    const { service, metrics } = retentionOn(dataSource);
    expect((await service.run()).deleted).toMatchObject({ expiredKeys: 0 });
    await other.query(`UPDATE script_store SET expires_at = NULL WHERE key = 'k1'`);
    await other.query('COMMIT');
    await other.release();
    const again = await service.run();
    expect(again).toMatchObject({ outcome: 'done', deleted: { expiredKeys: 24 } });
    expect(metrics.retained).toContainEqual([{ table: 'script_store', status: 'expired' }, 10]);
    expect(await dataSource.query('SELECT keys, bytes FROM script_store_usage')).toEqual([
      { keys: 16, bytes: '160' },
    ]);
    const [{ count }] = await dataSource.query(
      'SELECT count(*)::int AS count FROM script_store WHERE expires_at < now()',
    );
    expect(count).toBe(0);
  });

  it('never deletes rows of a kind without an age', async () => {
    await executions(dataSource, 'completed', 4_000);
    await deadLetters(dataSource, 'exhausted', 4_000, { alerted: true });
    const ages = {
      completedExecutions: Infinity,
      failedExecutions: 1,
      resolvedDeadLetters: 1,
      discardedDeadLetters: 1,
      exhaustedDeadLetters: Infinity,
      statistics: Infinity,
      expiredKeys: 0,
    };
    expect(await retentionOn(dataSource, { ages }).service.run()).toMatchObject({ outcome: 'done' });
    expect(await left(dataSource, 'script_executions')).toEqual(['completed 4000']);
    expect(await left(dataSource, 'dead_letter_queue')).toEqual(['exhausted 4000']);
  });

  it('works in batches of the given size, the oldest first', async () => {
    await executions(dataSource, 'completed', 5, 25);
    const { service, metrics } = retentionOn(dataSource);
    await service.run();
    expect(metrics.retained.map(([, count]) => count)).toEqual([10, 10, 5]);
  });

  it('ends at its time limit and leaves the remaining rows to the next round', async () => {
    await executions(dataSource, 'completed', 5, 25);
    const { service } = retentionOn(dataSource, { maxRoundTimeMs: 0 });
    for (const [outcome, count] of [
      ['more', 10],
      ['more', 10],
      ['done', 5],
    ] as const) {
      expect(await service.run()).toMatchObject({ outcome, deleted: { completedExecutions: count } });
    }
    expect(service.stats()).toMatchObject({ lastOutcome: 'done', lastSuccessAt: expect.any(Number) });
  });

  it('is shared by calls at the same time', async () => {
    await executions(dataSource, 'completed', 5, 3);
    const { service } = retentionOn(dataSource);
    const [first, second] = await Promise.all([service.run(), service.run()]);
    expect(second).toBe(first);
    expect(first.deleted.completedExecutions).toBe(3);
  });
});

describe('several processes', () => {
  const lockOf = `SELECT pg_advisory_xact_lock((23665::bigint << 32) | 'script_executions'::regclass::oid::bigint)`;

  it('do not wait for a round that another process is running, and skip their own', async () => {
    await executions(dataSource, 'completed', 5, 3);
    await dataSource.transaction(async (other) => {
      await other.query(lockOf);
      const { service } = retentionOn(dataSource);
      expect(await service.run()).toMatchObject({ outcome: 'busy', deleted: { completedExecutions: 0 } });
      expect(service.stats()).toMatchObject({ lastSuccessAt: null, lastOutcome: 'busy' });
    });
    expect(await retentionOn(dataSource).service.run()).toMatchObject({ outcome: 'done' });
  });

  it('together delete each row once', async () => {
    await executions(dataSource, 'completed', 5, 200);
    const services = [1, 2, 3].map(() => retentionOn(dataSource).service);
    const total = async (): Promise<number> => {
      const rounds = await Promise.all(services.map((service) => service.run()));
      return rounds.reduce((sum, { deleted }) => sum + deleted.completedExecutions, 0);
    };
    let deleted = 0;
    await waitFor('all rows are gone', async () => {
      deleted += await total();
      return (await left(dataSource, 'script_executions')).length === 0;
    });
    expect(deleted).toBe(200);
  });

  it('skip a locked row instead of waiting for it', async () => {
    await deadLetters(dataSource, 'discarded', 9, { count: 2 });
    await dataSource.transaction(async (person) => {
      await person.query('SELECT id FROM dead_letter_queue ORDER BY id LIMIT 1 FOR UPDATE');
      expect((await retentionOn(dataSource).service.run()).deleted.discardedDeadLetters).toBe(1);
    });
    expect((await retentionOn(dataSource).service.run()).deleted.discardedDeadLetters).toBe(1);
  });
});

describe('while the database is unavailable', () => {
  it('a round fails without throwing, is logged once, and the next one continues', async () => {
    let away = true;
    const { service } = retentionOn(
      new Scripted(async () => {
        if (away) throw awayError('connection refused');
        return { busy: false, deleted: 0, reached: null };
      }),
    );
    expect(await service.run()).toMatchObject({ outcome: 'failed' });
    expect(await service.run()).toMatchObject({ outcome: 'failed' });
    expect(Logger.prototype.warn).toHaveBeenCalledTimes(1);
    expect(Logger.prototype.warn).toHaveBeenCalledWith('Retention will be retried later: connection refused');
    away = false;
    expect(await service.run()).toMatchObject({ outcome: 'done' });
    expect(Logger.prototype.log).toHaveBeenCalledWith('The database is back; retention continues.');
  });

  it('a statement that hangs ends the round', async () => {
    const { service } = retentionOn(new Scripted(() => new Promise(() => undefined)), {
      statementTimeoutMs: 20,
    });
    expect(await service.run()).toMatchObject({ outcome: 'failed' });
    expect(Logger.prototype.warn).toHaveBeenCalledWith(
      expect.stringContaining('completedExecutions did not finish within 20\u00a0ms'),
    );
  });
});

describe('the interval', () => {
  it('is in the host’s registry of intervals, begins soon, and is removed at a stop', async () => {
    await executions(dataSource, 'completed', 5, 3);
    const { service, scheduler } = retentionOn(dataSource, { intervalMs: 20 });
    service.start();
    service.start();
    expect(scheduler.getIntervals()).toEqual([RETENTION_INTERVAL]);
    await waitFor('a round ended', () => service.stats().lastOutcome === 'done');
    expect(await left(dataSource, 'script_executions')).toEqual([]);
    await service.stop(1_000);
    expect(scheduler.getIntervals()).toEqual([]);
  });

  it('is shortened after a failed round to 10 s, 20 s, 40 s, until a round succeeds', async () => {
    jest.useFakeTimers();
    try {
      const tried: number[] = [];
      let away = true;
      const { service } = retentionOn(
        new Scripted(async () => {
          if (away) tried.push(Date.now());
          if (away) throw awayError('connection refused');
          return { busy: false, deleted: 0, reached: null };
        }),
      );
      service.start();
      await jest.advanceTimersByTimeAsync(60_000 + 10_000 + 20_000 + 40_000);
      const pauses = tried.map((at, round) => at - (tried[round - 1] ?? at));
      expect(pauses.slice(1, 4)).toEqual([10_000, 20_000, 40_000]);
      away = false;
      await jest.advanceTimersByTimeAsync(80_000);
      expect(service.stats().lastOutcome).toBe('done');
      await service.stop(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('ends at a stop, and its round ends after the current batch, even in a pause', async () => {
    await executions(dataSource, 'completed', 5, 30);
    const { service, metrics } = retentionOn(dataSource, { batchPauseMs: 60_000, maxRoundTimeMs: 3_600_000 });
    const round = service.run();
    await waitFor('the first batch is deleted', () => metrics.retained.length === 1);
    await service.stop(10_000);
    expect(await round).toMatchObject({ outcome: 'stopped', deleted: { completedExecutions: 10 } });
    expect(await service.run()).toMatchObject({ outcome: 'stopped' });
    service.start();
    expect(service.stats().startedAt).toBeNull();
  });

  it('ends at a stop that does not wait for a hanging batch', async () => {
    const gate = new Gate();
    const hanging = new Scripted(async () => {
      await gate.opened;
      return { busy: true };
    });
    const { service } = retentionOn(hanging);
    const round = service.run();
    await service.stop(10);
    expect(service.stats().running).toBe(true);
    gate.open();
    await round;
  });
});

describe('sizes of tables', () => {
  /** All tables of the migration except those that have a row for each node or for each lane with a run. */
  const growing = async (): Promise<string[]> => {
    const tables = await dataSource.query<{ name: string }[]>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename ~ '^(script|dead)'`,
    );
    const bounded = ['scripts_event_nodes', 'scripts_event_slots', 'scripts_event_rates'];
    return tables
      .map(({ name }) => name)
      .filter((name) => !bounded.includes(name))
      .toSorted();
  };

  it('are those of the catalog, under names without schema and prefix', async () => {
    await executions(dataSource, 'completed', 1, 500);
    await dataSource.query('ANALYZE script_executions');
    const sizes = await new TypeOrmRetentionRepository(dataSource).tableSizes();
    expect(sizes.map(({ table }) => table).toSorted()).toEqual(await growing());
    const records = sizes.find(({ table }) => table === 'script_executions');
    expect(records).toMatchObject({ rows: 500 });
    expect(records?.bytes).toBeGreaterThan(100_000);
    expect(sizes.every(({ rows }) => rows >= 0)).toBe(true);
  });

  it('and a round work with a prefix and a quoted name', async () => {
    const prefixed = await testDataSource({ entityPrefix: `O'Brien "x"_` });
    const { service, repository } = retentionOn(prefixed);
    expect(await service.run()).toMatchObject({ outcome: 'done' });
    expect(await repository.tableSizes()).toHaveLength((await growing()).length);
  });
});
