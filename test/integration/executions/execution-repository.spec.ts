import type { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { ExecutionNotFoundError } from '../../../lib/execution/execution-query.errors.js';
import { InvalidQueryError } from '../../../lib/common/invalid-query.error.js';
import type { ExecutionFilter } from '../../../lib/execution/execution.repository.js';
import { TypeOrmExecutionRepository } from '../../../lib/execution/typeorm-execution.repository.js';
import { testDataSource } from '../../support/postgres.js';
import { completed, failed } from './executions.fixture.js';

/** Times of an execution, and an id that contains the time at which it began. */
const ran = (startedAt: string, finishedAt: string) => ({
  id: uuid({ msecs: Date.parse(startedAt) }),
  startedAt,
  finishedAt,
});

describe('TypeOrmExecutionRepository', () => {
  let dataSource: DataSource;
  let repository: TypeOrmExecutionRepository;

  beforeAll(async () => {
    dataSource = await testDataSource();
    repository = new TypeOrmExecutionRepository(dataSource);
  });

  const store = async <T extends { id: string }>(
    ...executions: (T & Parameters<typeof repository.insertMany>[0][0])[]
  ) => {
    await repository.insertMany(executions);
    return executions;
  };

  it('returns a completed execution as it was stored', async () => {
    const cause = { causeEventId: 'order-17', causeExecutionId: uuid() };
    const kept = { inputText: '{"email":"ada@example.com"}', actorId: 'ann', depth: 1, ...cause };
    const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
    const asked = { requestedBy: 'ben', replayOf: uuid(), ...span };
    const execution = completed({ ...kept, ...asked, deadLetterId: uuid(), attempt: 2, trigger: 'replay' });
    await store(execution);
    const { inputText, occurredAt, resultText, error, startedAt, finishedAt, ...same } = execution;
    expect(await repository.get('acme', execution.id)).toEqual({
      ...same,
      input: JSON.parse(String(inputText)),
      occurredAt: new Date(occurredAt),
      result: JSON.parse(String(resultText)),
      errorKind: error,
      errorMessage: null,
      errorStack: null,
      errorLine: null,
      errorAlike: null,
      startedAt: new Date(startedAt),
      finishedAt: new Date(finishedAt),
    });
  });

  it('returns a failed execution with its error and the line in the author’s source', async () => {
    const execution = failed();
    await store(execution);
    expect(await repository.get('acme', execution.id)).toMatchObject({
      status: 'failed',
      result: null,
      errorKind: 'runtime',
      errorMessage: 'x is not a function',
      errorStack: 'at script:7:3',
      errorLine: 7,
      errorAlike: expect.stringMatching(/^-?\d+$/),
    });
  });

  it('stores many executions with one call, and ignores those that it has already', async () => {
    const tenantId = uuid();
    const executions = Array.from({ length: 300 }, () => completed({ tenantId }));
    await repository.insertMany(executions);
    await repository.insertMany([...executions, completed({ tenantId })]);
    const page = await repository.list(tenantId, {}, { limit: 200 });
    const rest = await repository.list(tenantId, {}, { limit: 200, cursor: String(page.nextCursor) });
    expect(page.items.length + rest.items.length).toBe(301);
    await expect(repository.insertMany([])).resolves.toBe(0);
  });

  it('replaces characters that PostgreSQL cannot store by a visible one', async () => {
    const execution = failed({
      error: { kind: 'runtime', message: 'nul \u0000 and half a \ud83d pair' },
      logs: [{ level: 'warn', message: 'log \u0000', data: { key: '\ud83d' } }],
    });
    await store(execution);
    const stored = await repository.get('acme', execution.id);
    expect(stored.errorMessage).toBe('nul \ufffd and half a \ufffd pair');
    expect(stored.logs).toEqual([{ level: 'warn', message: 'log \ufffd', data: { key: '\ufffd' } }]);
  });

  it('stores quotes, backslashes, line ends and JSON-like text unchanged', async () => {
    const message = `it's "quoted" \\u0041 \\n {"a":null} \n\t 💥 $1 ?`;
    const execution = failed({ error: { kind: 'runtime', message } });
    await store(execution);
    expect((await repository.get('acme', execution.id)).errorMessage).toBe(message);
  });

  it('stores texts that mean something in a list of PostgreSQL unchanged, beside rows without such a text', async () => {
    const tenantId = uuid();
    const texts = ['NULL', 'null', '', '{}', '{a,b}', ',', '"', '\\', '\\"', ' padded ', "'", '}', '\u2028'];
    const executions = [null, ...texts, null].map((actorId) => completed({ tenantId, actorId }));
    await repository.insertMany(executions);
    const stored = await Promise.all(executions.map(({ id }) => repository.get(tenantId, id)));
    expect(stored.map(({ actorId }) => actorId)).toEqual([null, ...texts, null]);
  });

  it('stores null for what no execution of a call has, because no column that may be null has another default', async () => {
    const defaults = await dataSource.query(
      `SELECT DISTINCT column_default FROM information_schema.columns WHERE table_schema = current_schema()
        AND table_name = 'script_executions' AND is_nullable = 'YES'`,
    );
    expect(defaults).toEqual([{ column_default: null }]);
    const execution = completed({ resultText: null, tenantId: uuid() });
    await repository.insertMany([execution]);
    expect(await repository.get(execution.tenantId, execution.id)).toMatchObject({
      result: null,
      actorId: null,
      traceId: null,
    });
  });

  it.each([NaN, Infinity, -Infinity])(
    'refuses the duration %d, because a sum over it would be no number',
    async (durationMs) => {
      const execution = completed({ durationMs, tenantId: uuid() });
      await expect(repository.insertMany([completed(), execution])).rejects.toThrow('duration_ms');
    },
  );

  it.each([
    ['an unknown id', 'acme', uuid()],
    ['text that is no id', 'acme', "1' OR true --"],
  ])('does not find %s', async (_, tenantId, id) => {
    await expect(repository.get(tenantId, id)).rejects.toThrow(ExecutionNotFoundError);
  });

  it('does not find, list or count another tenant’s execution', async () => {
    const execution = completed();
    await store(execution);
    await expect(repository.get('globex', execution.id)).rejects.toMatchObject({
      code: 'execution-not-found',
    });
    expect(await repository.list('globex', { eventId: execution.eventId })).toEqual({
      items: [],
      nextCursor: null,
    });
  });

  it('lists newest first, page by page, each once, without the large fields', async () => {
    const tenantId = uuid();
    const executions = Array.from({ length: 25 }, () => completed({ tenantId }));
    await repository.insertMany(executions);
    const ids: string[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const page = await repository.list(tenantId, {}, { limit: 10, ...(cursor ? { cursor } : {}) });
      for (const large of ['logs', 'result', 'errorStack'])
        expect(page.items[0]).toHaveProperty(large, undefined);
      ids.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor ?? undefined;
      more = cursor !== undefined;
    }
    expect(ids).toEqual(executions.map((execution) => execution.id).toReversed());
  });

  it('ends with a page that has no cursor, also when it is exactly full', async () => {
    const tenantId = uuid();
    await repository.insertMany([completed({ tenantId }), completed({ tenantId })]);
    expect((await repository.list(tenantId, {}, { limit: 2 })).nextCursor).toBeNull();
  });

  it('filters by the end of an execution, even if it began many hours before', async () => {
    const tenantId = uuid();
    const long = completed({ tenantId, ...ran('2030-06-01T00:00:00.000Z', '2030-06-01T20:00:00.000Z') });
    await repository.insertMany([long]);
    const found = async (from: string, to: string) =>
      (await repository.list(tenantId, { from: new Date(from), to: new Date(to) })).items.length;
    expect(await found('2030-06-01T20:00:00Z', '2030-06-01T21:00:00Z')).toBe(1);
    expect(await found('2030-06-01T00:00:00Z', '2030-06-01T20:00:00Z')).toBe(0);
    expect(await found('2030-06-01T20:00:01Z', '2030-06-01T21:00:00Z')).toBe(0);
  });

  it.each<[string, ExecutionFilter]>([
    ['script', { scriptId: '0198c0de-0000-7000-8000-00000000000a' }],
    ['event', { eventId: 'order-17' }],
    ['event type', { eventType: 'order.shipped' }],
    ['status', { status: 'failed' }],
    ['trigger', { trigger: 'replay' }],
    ['error kind', { errorKind: 'timeout' }],
    ['dead letter', { deadLetterId: '0198c0de-0000-7000-8000-00000000000b' }],
    ['execution it replays', { replayOf: '0198c0de-0000-7000-8000-00000000000c' }],
    ['time', { from: new Date('2030-01-01'), to: new Date('2031-01-01') }],
  ])('filters by %s', async (_, filter) => {
    const tenantId = uuid();
    const { from: _from, to: _to, ...fields } = filter;
    const wanted = (filter.status || filter.errorKind ? failed : completed)({
      tenantId,
      ...fields,
      ...(filter.errorKind ? { error: { kind: filter.errorKind, message: 'late' } } : {}),
      ...(filter.from ? ran('2030-06-01T00:00:00.000Z', '2030-06-01T00:00:01.000Z') : {}),
    });
    await repository.insertMany([
      wanted,
      completed({ tenantId }),
      completed({ ...wanted, id: uuid(), tenantId: uuid() }),
    ]);
    const { items } = await repository.list(tenantId, filter);
    expect(items.map((item) => item.id)).toEqual([wanted.id]);
  });

  it.each([
    ['status', { status: 'done' as never }, {}, 'status must be one of completed, failed, not "done"'],
    ['trigger', { trigger: 'cron' as never }, {}, ', not "cron"'],
    ['scriptId', { scriptId: 'welcome' }, {}, 'scriptId must be a UUID, not "welcome"'],
    ['from', { from: new Date('nonsense') }, {}, 'must be a valid Date'],
    ['limit', { limit: 10 } as never, {}, 'Pass limit and cursor in the next argument'],
    ['limit', {}, { limit: 0 }, 'limit must be a whole number from 1 to 200, not 0'],
    ['limit', {}, { limit: 201 }, ', not 201'],
    ['cursor', {}, { cursor: 'page 2' }, 'cursor must be the nextCursor of a page, not "page 2"'],
  ])('refuses an invalid %s and names it', async (field, filter, page, message) => {
    const refused = repository.list('acme', filter, page);
    await expect(refused).rejects.toThrow(InvalidQueryError);
    await expect(refused).rejects.toMatchObject({ field, message: expect.stringContaining(message) });
  });

  it.each([
    ['a misspelt condition', 'state', { state: 'failed' }],
    ['another tenant', 'tenantId', { tenantId: 'globex' }],
    ['SQL', 'status = :status OR true OR e.status', { 'status = :status OR true OR e.status': 'failed' }],
    ['a list for a text', 'eventType', { eventType: ['user.created'] }],
    ['an object for a text', 'errorKind', { errorKind: { not: 'timeout' } }],
  ])('refuses %s in a filter, which may come from a request', async (_what, field, filter) => {
    await repository.insertMany([completed({ tenantId: 'globex' })]);
    const refused = repository.list('acme', filter as never);
    await expect(refused).rejects.toThrow(InvalidQueryError);
    await expect(refused).rejects.toMatchObject({ field });
  });

  it('works under the host’s table prefix', async () => {
    const prefixed = new TypeOrmExecutionRepository(await testDataSource({ entityPrefix: 'my_' }));
    const execution = completed();
    await prefixed.insertMany([execution]);
    expect((await prefixed.get('acme', execution.id)).id).toBe(execution.id);
    await expect(repository.get('acme', execution.id)).rejects.toThrow(ExecutionNotFoundError);
  });
});
