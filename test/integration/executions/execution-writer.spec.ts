import { Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { ExecutionWriter } from '../../../lib/execution/execution.writer.js';
import { TypeOrmExecutionRepository } from '../../../lib/execution/typeorm-execution.repository.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { RecordedMetrics } from '../../support/recorded-metrics.js';
import { waitFor } from '../../support/wait-for.js';
import { completed, failed } from './executions.fixture.js';

describe('ExecutionWriter', () => {
  let schema: TestSchema;
  let repository: TypeOrmExecutionRepository;
  let metrics: RecordedMetrics;
  let errors: jest.SpyInstance;

  beforeAll(async () => {
    schema = await createTestSchema();
    repository = new TypeOrmExecutionRepository(schema.dataSource);
  });

  beforeEach(() => {
    metrics = new RecordedMetrics();
    errors = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    jest.spyOn(Logger.prototype, 'log').mockImplementation();
  });

  afterEach(() => jest.restoreAllMocks());

  const countOf = async (tenantId: string): Promise<number> => {
    const sql = 'SELECT count(*)::int AS count FROM script_executions WHERE tenant_id = $1';
    const rows: { count: number }[] = await schema.dataSource.query(sql, [tenantId]);
    return rows[0]?.count ?? 0;
  };

  it('stores every record that it acknowledges, with one statement for a hundred records', async () => {
    const tenantId = uuid();
    const insertMany = jest.spyOn(repository, 'insertMany');
    const writer = new ExecutionWriter(repository, metrics);
    await Promise.all(Array.from({ length: 4_000 }, () => writer.add(completed({ tenantId }))));
    expect(await countOf(tenantId)).toBe(4_000);
    expect(insertMany).toHaveBeenCalledTimes(40);
    expect(await writer.close(1_000)).toBe(0);
  });

  it('rejects only the record that PostgreSQL refuses, counts it, and logs it without its values', async () => {
    const tenantId = uuid();
    const writer = new ExecutionWriter(repository, metrics);
    const bad = failed({
      tenantId,
      scriptVersion: 2 ** 40,
      error: { kind: 'runtime', message: 'secret-in-error' },
    });
    const results = await Promise.allSettled(
      [completed({ tenantId }), bad, completed({ tenantId })].map((execution) => writer.add(execution)),
    );
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await countOf(tenantId)).toBe(2);
    expect(metrics.dropped).toEqual([['storage', 1]]);
    expect(errors).toHaveBeenCalledTimes(1);
    const [[line = '']] = errors.mock.calls as [[string]];
    const [, ids, details = ''] = /^[^[]* \[(.*?)\] (.*)$/.exec(line) ?? [];
    expect(ids).toBe(`tenant ${tenantId}, script ${bad.scriptId}, execution ${bad.id}, event ${bad.eventId}`);
    expect(JSON.parse(details)).toMatchObject({ count: 1, record: { errorKind: 'runtime', logLines: 1 } });
    const logged = JSON.stringify(errors.mock.calls);
    for (const value of ['secret-in-error', 'ada@example.com', 'welcomed'])
      expect(logged).not.toContain(value);
    await writer.close(1_000);
  });

  it('loses no record and stores none twice when all connections are terminated again and again', async () => {
    const tenantId = uuid();
    const admin = await schema.connect();
    const writer = new ExecutionWriter(repository, metrics, { retryMs: 5, maxRetryMs: 20 });
    const stored: Promise<void>[] = [];
    for (let round = 0; round < 10; round++) {
      for (let index = 0; index < 100; index++) stored.push(writer.add(completed({ tenantId })));
      await admin
        .query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE pid <> pg_backend_pid() AND datname = current_database() AND query LIKE '%script_executions%'`,
        )
        .catch(() => undefined);
    }
    await Promise.all(stored);
    expect(await countOf(tenantId)).toBe(1_000);
    expect(metrics.dropped).toEqual([]);
    await writer.close(1_000);
  });

  it('waits while its table is missing, and stores the records that were added meanwhile', async () => {
    const tenantId = uuid();
    const writer = new ExecutionWriter(repository, metrics, { retryMs: 5, maxRetryMs: 20 });
    await schema.dataSource.query('ALTER TABLE script_executions RENAME TO hidden');
    const stored = [completed({ tenantId }), completed({ tenantId })].map((execution) =>
      writer.add(execution),
    );
    await waitFor('the outage is noticed', () => (Logger.prototype.warn as jest.Mock).mock.calls.length > 0);
    await schema.dataSource.query('ALTER TABLE hidden RENAME TO script_executions');
    await Promise.all(stored);
    expect(await countOf(tenantId)).toBe(2);
    await writer.close(1_000);
  });

  it('counts and logs the records beyond its backlog, and those that are not stored when it closes', async () => {
    const away = { insertMany: () => Promise.reject(new Error('Connection terminated unexpectedly')) };
    const writer = new ExecutionWriter(away as never, metrics, { maxBacklogItems: 2 });
    const [first, second, third] = [completed(), completed(), completed()];
    void writer.add(first);
    void writer.add(second);
    expect(writer.isFull).toBe(true);
    await expect(writer.add(third)).rejects.toMatchObject({ code: 'writer-full' });
    expect(await writer.close(10)).toBe(2);
    await waitFor('all three are logged', () => errors.mock.calls.length === 3);
    const ids = errors.mock.calls.map(([line]: [string]) => /, execution ([\w-]+)/.exec(line)?.[1]);
    expect(ids).toEqual([third.id, first.id, second.id]);
    expect(metrics.dropped).toEqual([
      ['storage', 1],
      ['storage', 1],
      ['storage', 1],
    ]);
  });
});
