import { v7 as uuid } from 'uuid';
import { TypeOrmExecutionRepository } from '../../../lib/execution/typeorm-execution.repository.js';
import { testDataSource } from '../../support/postgres.js';
import { completed, failed } from './executions.fixture.js';

describe('the repository of executions', () => {
  let repository: TypeOrmExecutionRepository;

  beforeAll(async () => (repository = new TypeOrmExecutionRepository(await testDataSource())));

  const recorded = async (tenantId: string) =>
    (await repository.list(tenantId)).items.map(({ id, status }) => ({ id, status }));

  it('keeps only the first record when a script completes twice for one event, and the other records of the batch', async () => {
    const [tenantId, scriptId, eventId] = [uuid(), uuid(), uuid()];
    const first = completed({ tenantId, scriptId, eventId });
    const other = completed({ tenantId });
    await repository.insertMany([first]);
    const batch = [completed({ tenantId, scriptId, eventId, attempt: 2, trigger: 'retry' }), other];
    expect(await repository.insertMany(batch)).toBe(1);
    expect((await recorded(tenantId)).map(({ id }) => id).toSorted()).toEqual(
      [first.id, other.id].toSorted(),
    );
  });

  it('counts no repeated completion when a batch is sent again after a lost answer', async () => {
    const batch = [completed({ tenantId: uuid() }), failed()];
    expect(await repository.insertMany(batch)).toBe(0);
    expect(await repository.insertMany(batch)).toBe(0);
  });

  it('keeps every failure of an event, and the completion after them', async () => {
    const [tenantId, scriptId, eventId] = [uuid(), uuid(), uuid()];
    const of = { tenantId, scriptId, eventId };
    await repository.insertMany([
      failed(of),
      failed({ ...of, attempt: 2 }),
      completed({ ...of, attempt: 3 }),
    ]);
    expect(await recorded(tenantId)).toHaveLength(3);
  });

  it('keeps repeated completions of direct calls by the host', async () => {
    const of = { tenantId: uuid(), scriptId: uuid(), eventId: uuid(), trigger: 'manual' as const };
    await repository.insertMany([completed(of), completed(of)]);
    expect(await recorded(of.tenantId)).toHaveLength(2);
  });

  it('keeps repeated test runs, and does not treat them as completions of the event', async () => {
    const of = { tenantId: uuid(), scriptId: uuid(), eventId: uuid() };
    await repository.insertMany([
      completed({ ...of, trigger: 'test' }),
      completed({ ...of, trigger: 'test' }),
    ]);
    expect(await repository.completionOf(of.tenantId, of.scriptId, of.eventId)).toBeNull();
    await repository.insertMany([completed(of)]);
    expect(await recorded(of.tenantId)).toHaveLength(3);
  });

  it('returns the completion of a tenant, a script and an event', async () => {
    const of = { tenantId: uuid(), scriptId: uuid(), eventId: uuid() };
    await repository.insertMany([failed({ ...of }), failed()]);
    expect(await repository.completionOf(of.tenantId, of.scriptId, of.eventId)).toBeNull();
    await repository.insertMany([completed({ ...of, trigger: 'manual' })]);
    expect(await repository.completionOf(of.tenantId, of.scriptId, of.eventId)).toBeNull();
    const completion = completed(of);
    await repository.insertMany([completion]);
    expect(await repository.completionOf(of.tenantId, of.scriptId, of.eventId)).toBe(completion.id);
    expect(await repository.completionOf('another', of.scriptId, of.eventId)).toBeNull();
    expect(await repository.completionOf(of.tenantId, uuid(), of.eventId)).toBeNull();
  });
});
