import { Logger } from '@nestjs/common';
import type { RetryResult } from '../../../lib/dead-letter/retry/dead-letter.executor.js';
import { RETRY_INTERVAL } from '../../../lib/dead-letter/retry/retry.worker.js';
import type { RetryWorkerOptions } from '../../../lib/dead-letter/retry/retry-worker.options.js';
import { testDataSource } from '../../support/postgres.js';
import { Gate, waitFor } from '../../support/wait-for.js';
import { DeadLetterWorld, times } from './dead-letters.fixture.js';
import { completed, failedWith, type ScriptedExecutor, WorkerUnderTest } from './retry-workers.fixture.js';
import { awayError } from '../../support/away-error.js';

describe('RetryWorker', () => {
  let world: DeadLetterWorld;
  let made: WorkerUnderTest[];

  beforeAll(async () => {
    world = new DeadLetterWorld(await testDataSource());
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

  const workerThat = (
    run: ConstructorParameters<typeof ScriptedExecutor>[0],
    options: Partial<RetryWorkerOptions> = {},
  ): WorkerUnderTest => {
    const worker = new WorkerUnderTest(world.repository, run, options);
    made.push(worker);
    return worker;
  };

  describe('a dead letter that is due', () => {
    it('is resolved when its script completes', async () => {
      const { id } = await world.addOne(await world.script());
      const { worker, metrics } = workerThat(() => completed);
      expect(await worker.tick()).toMatchObject({ claimed: 1, succeeded: 1, failed: 0, lost: 0 });
      expect(await world.row(id)).toMatchObject({ status: 'resolved', retry_count: 1, next_retry_at: null });
      expect(metrics.retries).toEqual(['succeeded']);
    });

    it('waits longer after each failure, is exhausted after its last retry, and remains one row', async () => {
      const { id } = await world.addOne(await world.script());
      const { worker, metrics, executor } = workerThat(() => failedWith('runtime'));
      const delays: number[] = [];
      for (let round = 0; round < 4; round++) {
        await world.passTime();
        await worker.tick();
        const row = await world.row(id);
        delays.push(Number(row.next_retry_at ?? row.updated_at) - Number(row.updated_at));
      }
      expect(delays).toEqual([120_000, 240_000, 0, 0]);
      expect(executor.runs.map(({ attempt }) => attempt)).toEqual([2, 3, 4]);
      const row = await world.row(id);
      expect(row).toMatchObject({ status: 'exhausted', retry_count: 3, error: 'it failed again' });
      expect(row.attempts.map(({ trigger }) => trigger)).toEqual(['event', 'retry', 'retry', 'retry']);
      expect(metrics.retries).toEqual(['failed', 'failed', 'exhausted']);
      expect(await world.countWhere('true')).toBe(1);
    });

    it('causes an alert when it is exhausted; each tick also requests alerts that were not sent', async () => {
      await world.addOne(await world.script(), { maxRetries: 1 });
      const alerting = workerThat(() => failedWith('runtime'));
      await alerting.worker.tick();
      expect(alerting.alerted).toBe(2);
      await alerting.worker.tick();
      expect(alerting.alerted).toBe(3);
    });

    it.each(['syntax', 'rejected', 'memory'])(
      'is exhausted at once after a failure of kind %s',
      async (kind) => {
        const { id } = await world.addOne(await world.script());
        await workerThat(() => failedWith(kind)).worker.tick();
        expect(await world.row(id)).toMatchObject({ status: 'exhausted', retry_count: 1, error_kind: kind });
      },
    );

    it('is not retried, or is retried after a time, as its script requests', async () => {
      const script = await world.script();
      const [never, later] = (await world.add(script, {}, {})).map(({ id }) => id);
      await workerThat(({ id }) =>
        failedWith('runtime', id === never ? { retryable: false } : { retryAfterMs: 5_000 }),
      ).worker.tick();
      expect(await world.statusOf(String(never))).toBe('exhausted');
      const row = await world.row(String(later));
      expect(Number(row.next_retry_at) - Number(row.updated_at)).toBe(5_000);
    });

    it('uses no retry for its execution if its event never ran before', async () => {
      const { id } = await world.addOne(await world.script(), {
        reason: 'overflow',
        errorKind: null,
        maxRetries: 1,
      });
      const { worker, executor } = workerThat(() => failedWith('runtime'));
      await worker.tick();
      expect(await world.row(id)).toMatchObject({ status: 'pending', reason: 'failed', retry_count: 0 });
      await world.passTime();
      await worker.tick();
      expect(await world.row(id)).toMatchObject({ status: 'exhausted', retry_count: 1 });
      expect(executor.runs.map(({ attempt }) => attempt)).toEqual([1, 2]);
    });

    it('runs as a replay with the person who requested it, once more than its retries allow', async () => {
      const { id } = await world.addOne(await world.script(), { status: 'exhausted', maxRetries: 0 });
      await world.repository.replay('acme', { id }, 'ada');
      const { worker, executor } = workerThat(() => failedWith('runtime'));
      await worker.tick();
      expect(executor.runs[0]).toMatchObject({ trigger: 'replay', requestedBy: 'ada', maxRetries: 1 });
      const row = await world.row(id);
      expect(row).toMatchObject({ status: 'exhausted', retry_count: 1 });
      expect(row.attempts.at(-1)).toMatchObject({
        kind: 'runtime',
        trigger: 'replay',
        by: 'ada',
        durationMs: 7,
      });
    });

    it('stores a visible character in place of those that PostgreSQL cannot store in an error’s text', async () => {
      const { id } = await world.addOne(await world.script());
      await workerThat(() => failedWith('runtime', { message: 'nul \u0000' })).worker.tick();
      expect(await world.row(id)).toMatchObject({ status: 'pending', error: 'nul \ufffd' });
    });
  });

  describe('no attempt is counted', () => {
    it('while the script is paused: nothing runs until it is active again', async () => {
      const script = await world.script('acme', 'paused');
      const { id } = await world.addOne(script);
      const { worker, executor } = workerThat(() => completed);
      for (let round = 0; round < 5; round++) await worker.tick();
      expect(executor.runs).toEqual([]);
      expect(await world.row(id)).toMatchObject({ status: 'pending', retry_count: 0 });
      await world.setStatus(script, 'active');
      await worker.tick();
      expect(await world.statusOf(id)).toBe('resolved');
    });

    it('when the script is paused between claim and run', async () => {
      const { id } = await world.addOne(await world.script());
      const { worker, metrics } = workerThat(() => ({ status: 'not-run', reason: 'paused' }));
      expect(await worker.tick()).toMatchObject({ claimed: 1, released: 1 });
      const row = await world.row(id);
      expect(row).toMatchObject({ status: 'pending', retry_count: 0, locked_by: null });
      expect(row.attempts).toHaveLength(1);
      expect(metrics.retries).toEqual([]);
    });

    it('when the executor throws: the dead letter waits, and the others run', async () => {
      const script = await world.script();
      const [broken, ...others] = (await world.add(script, {}, {}, {})).map(({ id }) => id);
      const { worker } = workerThat(({ id }) => {
        if (id === broken) throw new Error('Connection terminated unexpectedly');
        return completed;
      });
      expect(await worker.tick()).toMatchObject({ claimed: 3, succeeded: 2, released: 1 });
      const row = await world.row(String(broken));
      expect(row).toMatchObject({ status: 'pending', retry_count: 0 });
      expect(Number(row.next_retry_at) - Number(row.updated_at)).toBe(60_000);
      for (const id of others) expect(await world.statusOf(id)).toBe('resolved');
    });

    it('during an outage of the database, which causes one warning for all dead letters and no error', async () => {
      const script = await world.script();
      await world.add(script, {}, {}, {});
      const { worker } = workerThat(() => {
        throw new Error('Connection terminated unexpectedly');
      });
      await worker.tick();
      expect(Logger.prototype.error).not.toHaveBeenCalled();
      expect(Logger.prototype.warn).toHaveBeenCalledTimes(1);
      expect(Logger.prototype.warn).toHaveBeenCalledWith(
        expect.stringContaining('Retries are waiting for the database'),
      );
    });

    it('when the dead letter is deleted during its run, and the log says so', async () => {
      const script = await world.script();
      const [entry] = await world.add(script, {});
      const { worker } = workerThat(async ({ tenantId, id }) => {
        await world.repository.delete(tenantId, id);
        return completed;
      });
      await worker.tick();
      const lines = (Logger.prototype.warn as jest.Mock).mock.calls.map(([line]) => String(line));
      expect(lines.filter((line) => line.includes(String(entry!.id)))).toEqual([
        expect.stringContaining('the dead letter was deleted in the meantime'),
      ]);
    });

    it('when the worker’s process dies; after five times in a row the dead letter is exhausted', async () => {
      const { id } = await world.addOne(await world.script());
      for (let round = 0; round < 5; round++) {
        await world.repository.getPendingRetries({ limit: 1, leaseMs: 60_000, owner: 'crashing' });
        await world.endLeases();
      }
      const { worker, executor } = workerThat(() => completed);
      expect(await worker.tick()).toMatchObject({ exhausted: 1 });
      expect(executor.runs).toEqual([]);
      expect(await world.row(id)).toMatchObject({
        status: 'exhausted',
        error_kind: 'crashed',
        retry_count: 0,
      });
    });
  });

  describe('a tick', () => {
    it('runs all due dead letters with limited concurrency; a second call joins the tick', async () => {
      const script = await world.script();
      await world.add(script, ...times(60, () => ({})));
      const { worker, executor } = workerThat(() => completed, { concurrency: 3, batchSize: 7 });
      const [one, two] = [worker.tick(), worker.tick()];
      expect(one).toBe(two);
      expect(await one).toMatchObject({ claimed: 60, succeeded: 60 });
      expect(executor.mostRunning).toBeLessThanOrEqual(3);
    });

    it('goes on with other dead letters while one is slow', async () => {
      const script = await world.script();
      const [slow] = (await world.add(script, ...times(30, () => ({})))).map(({ id }) => id);
      const gate = new Gate();
      const { worker } = workerThat(
        async ({ id }) => {
          if (id === slow) await gate.opened;
          return completed;
        },
        { concurrency: 2, batchSize: 5 },
      );
      const tick = worker.tick();
      await waitFor(
        'all others are resolved',
        async () => (await world.countWhere(`status = 'resolved'`)) === 29,
      );
      gate.open();
      expect(await tick).toMatchObject({ succeeded: 30 });
    });

    it('ends after 50 batches, and the next tick follows at once', async () => {
      await world.add(await world.script(), ...times(75, () => ({})));
      const { worker } = workerThat(() => completed, { batchSize: 1 });
      expect(await worker.tick()).toMatchObject({ claimed: 50 });
      await waitFor(
        'the rest is resolved',
        async () => (await world.countWhere(`status = 'resolved'`)) === 75,
      );
    });

    it('follows the current tick if it is requested meanwhile', async () => {
      const script = await world.script();
      await world.addOne(script);
      const gate = new Gate();
      const { worker, executor } = workerThat(async () => {
        await gate.opened;
        return completed;
      });
      worker.poke();
      await waitFor('it runs', () => executor.running === 1);
      worker.poke();
      gate.open();
      await waitFor('it is resolved', async () => (await world.countWhere(`status = 'resolved'`)) === 1);
      const { id } = await world.addOne(script);
      worker.poke();
      await waitFor('the new one is resolved', async () => (await world.statusOf(id)) === 'resolved');
      expect(executor.runs).toHaveLength(2);
    });

    it('records in stats() when the database last answered', async () => {
      const { worker } = workerThat(() => completed);
      expect(worker.stats().sinceLookMs).toBeNull();
      await worker.tick();
      expect(worker.stats().sinceLookMs).toEqual(expect.any(Number));
      jest.spyOn(world.repository, 'getPendingRetries').mockRejectedValueOnce(awayError('away'));
      const before = worker.stats().sinceLookMs;
      await worker.tick();
      expect(worker.stats()).toMatchObject({ away: true });
      expect(worker.stats().sinceLookMs).toBeGreaterThanOrEqual(Number(before));
    });

    it('discards pending dead letters of a deleted script', async () => {
      const script = await world.script();
      const { id } = await world.addOne(script);
      await world.dataSource.query('DELETE FROM scripts WHERE id = $1', [script]);
      expect(await workerThat(() => completed).worker.tick()).toMatchObject({ claimed: 0, discarded: 1 });
      expect(await world.statusOf(id)).toBe('discarded');
    });

    it('takes place at an interval that the scheduler lists', async () => {
      const script = await world.script();
      const first = await world.addOne(script);
      const { worker, scheduler } = workerThat(() => completed, { intervalMs: 10 });
      worker.start();
      worker.start();
      expect(scheduler.getIntervals()).toEqual([RETRY_INTERVAL]);
      await waitFor('the first is resolved', async () => (await world.statusOf(first.id)) === 'resolved');
      const second = await world.addOne(script);
      await waitFor('the second is resolved', async () => (await world.statusOf(second.id)) === 'resolved');
    });
  });

  describe('a stop of the worker', () => {
    const hanging = (_: unknown, signal: AbortSignal): Promise<RetryResult> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(failedWith('cancelled'))));

    it('waits for running retries, and makes dead letters whose retry has not begun pending at once', async () => {
      await world.add(await world.script(), ...times(10, () => ({})));
      const gate = new Gate();
      const { worker, executor, scheduler } = workerThat(
        async () => {
          await gate.opened;
          return completed;
        },
        { concurrency: 2, batchSize: 10 },
      );
      worker.start();
      await waitFor('two run', () => executor.running === 2);
      const stopped = worker.stop(10_000);
      await waitFor('eight are back', async () => (await world.countWhere(`status = 'pending'`)) === 8);
      gate.open();
      await stopped;
      expect(await world.countWhere(`status = 'resolved'`)).toBe(2);
      expect(
        await world.countWhere(`status = 'pending' AND retry_count = 0 AND next_retry_at <= now()`),
      ).toBe(8);
      expect(executor.runs).toHaveLength(2);
      expect(scheduler.getIntervals()).toEqual([]);
    });

    it('cancels retries that do not end in time; their dead letters are due as before, and no attempt is counted', async () => {
      const { id } = await world.addOne(await world.script());
      const { worker, executor } = workerThat(hanging);
      void worker.tick();
      await waitFor('it runs', () => executor.running === 1);
      await worker.stop(1);
      const row = await world.row(id);
      expect(row).toMatchObject({ status: 'pending', retry_count: 0, locked_by: null });
      expect(row.attempts).toHaveLength(1);
      expect(await world.countWhere('next_retry_at <= now()')).toBe(1);
    });

    it('takes place once, and nothing runs afterwards', async () => {
      const { worker, executor } = workerThat(() => completed);
      expect(worker.stop(1_000)).toBe(worker.stop(1_000));
      await worker.stop(1_000);
      await world.addOne(await world.script());
      worker.start();
      worker.poke();
      expect(await worker.tick()).toMatchObject({ claimed: 0 });
      expect(executor.runs).toEqual([]);
    });

    it('ends although a run ignores its cancellation; that dead letter stays retrying until its lease ends', async () => {
      const { id } = await world.addOne(await world.script());
      const gate = new Gate();
      const { worker, executor } = workerThat(async () => {
        await gate.opened;
        return completed;
      });
      const tick = worker.tick();
      await waitFor('it runs', () => executor.running === 1);
      await worker.stop(1);
      expect(await world.statusOf(id)).toBe('retrying');
      gate.open();
      await tick;
    });
  });
});
