import { Logger } from '@nestjs/common';
import { testDataSource } from '../../support/postgres.js';
import { Gate, waitFor } from '../../support/wait-for.js';
import { DeadLetterWorld, times } from './dead-letters.fixture.js';
import { completed, WorkerUnderTest } from './retry-workers.fixture.js';

describe('slow retries of one tenant', () => {
  let world: DeadLetterWorld;
  let gate: Gate;
  let made: WorkerUnderTest[];

  beforeAll(async () => {
    world = new DeadLetterWorld(await testDataSource());
  });

  beforeEach(() => {
    gate = new Gate();
    made = [];
    jest.spyOn(Logger.prototype, 'log').mockImplementation();
  });

  afterEach(async () => {
    gate.open();
    await Promise.all(made.map(({ worker }) => worker.stop(5_000)));
    jest.restoreAllMocks();
    await world.clear();
  });

  /** A worker whose retries of the tenant `loud` end when the gate opens. */
  const workerWith = (concurrency: number, several = true): WorkerUnderTest => {
    const run = async ({ tenantId }: { tenantId: string }) => {
      if (tenantId === 'loud') await gate.opened;
      return completed;
    };
    const options = { concurrency, batchSize: 20, severalTenants: () => several };
    const worker = new WorkerUnderTest(world.repository, run, options);
    made.push(worker);
    return worker;
  };
  const add = async (tenantId: string, count: number): Promise<void> => {
    const script = await world.script(tenantId);
    await world.add(script, ...times(count, () => ({ tenantId })));
  };
  const resolvedOf = (tenantId: string) =>
    world.countWhere(`status = 'resolved' AND tenant_id = '${tenantId}'`);

  it.each([
    ['that came meanwhile', 40, 0],
    ['that were claimed with them', 8, 12],
    ['that were claimed with them, even if both fill more than a batch', 40, 30],
  ])('do not hold up retries of another tenant %s', async (_which, loud, before) => {
    for (let script = 0; script < 4; script++) await add('loud', loud / 4);
    if (before > 0) await add('quiet', before);
    const { worker, executor } = workerWith(5);
    const tick = worker.tick();
    await waitFor('they run', () => executor.runs.filter(({ tenantId }) => tenantId === 'loud').length === 4);
    await add('quiet', 10);
    void worker.tick();
    await waitFor('all of the other tenant ran', async () => (await resolvedOf('quiet')) === before + 10);
    expect(await resolvedOf('loud')).toBe(0);
    expect(executor.running).toBe(4);
    gate.open();
    expect(await tick).toMatchObject({ claimed: loud + before + 10, succeeded: loud + before + 10 });
  });

  it('of several heavy tenants do not hold up retries of another tenant either', async () => {
    const loud = Array.from({ length: 8 }, (_, n) => `loud ${n}`);
    for (const tenantId of loud) await add(tenantId, 2);
    await add('quiet', 5);
    const run = async ({ tenantId }: { tenantId: string }) => {
      if (tenantId !== 'quiet') await gate.opened;
      return completed;
    };
    const options = { concurrency: 5, severalTenants: () => true, heavyTenants: () => loud };
    const { worker, executor } = new WorkerUnderTest(world.repository, run, options);
    const tick = worker.tick();
    await waitFor('all of the other tenant ran', async () => (await resolvedOf('quiet')) === 5);
    await waitFor('the other places are taken', () => executor.running === 4);
    gate.open();
    expect(await tick).toMatchObject({ claimed: 21, succeeded: 21 });
  });

  it('run at once while places are free, although one place is kept for others', async () => {
    await add('loud', 3);
    const { worker, executor } = workerWith(5);
    const tick = worker.tick();
    await waitFor('all run', () => executor.running === 3);
    gate.open();
    expect(await tick).toMatchObject({ claimed: 3, succeeded: 3 });
  });

  it.each([
    ['one retry at a time', 1, true],
    ['one tenant', 5, false],
  ])('may occupy all places with %s', async (_what, concurrency, several) => {
    await add('loud', 10);
    const { worker, executor } = workerWith(concurrency, several);
    const tick = worker.tick();
    await waitFor('all places are taken', () => executor.running === concurrency);
    gate.open();
    expect(await tick).toMatchObject({ claimed: 10, succeeded: 10 });
  });

  it('complete at a stop, and claimed dead letters whose retry has not begun are pending again', async () => {
    await add('loud', 20);
    const { worker, executor } = workerWith(5);
    const tick = worker.tick();
    await waitFor('they run', () => executor.running === 4);
    const stopped = worker.stop(5_000);
    await waitFor('what has not begun is given back', () =>
      world.countWhere(`status = 'pending'`).then((n) => n === 16),
    );
    gate.open();
    await Promise.all([stopped, tick]);
    expect(await resolvedOf('loud')).toBe(4);
  });
});
