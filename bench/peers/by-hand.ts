import { EventEmitter2 } from '@nestjs/event-emitter';
import { Queue, Worker } from 'bullmq';
import { Logger, makeWorkerUtils, runMigrations, runTaskList } from 'graphile-worker';
import { Pool } from 'pg';
import { type Contestant, Countdown, type Load, PAYLOAD, scriptOf, SOURCE } from './contestant.js';
import { runInFreshIsolate } from '../fresh-isolate.js';

const WORKERS = 10;
/** Jobs that are added with one call. */
const BATCH = 500;

/** A listener that runs the script in a fresh isolate before `emit()` returns. */
export function listener(load: Load): Contestant {
  const emitter = new EventEmitter2();
  const ends = new Countdown();
  for (let n = 0; n < load.scriptsPerTenant; n++) {
    emitter.on(`client.changed_${n}`, (payload: object) => {
      runInFreshIsolate(SOURCE, payload);
      ends.done();
    });
  }
  return {
    name: 'listener, a fresh isolate in the host',
    keeps: 'nothing is kept; a run stops the event loop, a crash the host',
    async run(events) {
      const ended = ends.of(events);
      for (let n = 0; n < events; n++) {
        const { tenant, type } = scriptOf(load, n);
        emitter.emit(type, { ...PAYLOAD, tenantId: tenant });
        // Lets timers and sockets have their turn, as they would between two requests.
        if (n % 10 === 9) await new Promise(setImmediate);
      }
      await ended;
    },
    stop: () => Promise.resolve(),
  };
}

/** A job of BullMQ for each event; its worker runs the script in a fresh isolate. */
export async function bullmq(load: Load, port: number): Promise<Contestant> {
  const connection = { host: '127.0.0.1', port };
  const queue = new Queue<object>('bench', { connection });
  const ends = new Countdown();
  const worker = new Worker<object>('bench', async ({ data }) => runInFreshIsolate(SOURCE, data), {
    connection: { ...connection, maxRetriesPerRequest: null },
    concurrency: WORKERS,
    removeOnComplete: { count: 0 },
  });
  worker.on('completed', () => ends.done());
  await worker.waitUntilReady();
  return {
    name: 'BullMQ, a fresh isolate in its worker',
    keeps: 'jobs in Redis to the last second (appendonly); a crash the worker',
    async run(events) {
      const ended = ends.of(events);
      for (let from = 0; from < events; from += BATCH) {
        const jobs = Array.from({ length: Math.min(BATCH, events - from) }, (_, n) => {
          const { tenant, type } = scriptOf(load, from + n);
          return { name: type, data: { ...PAYLOAD, tenantId: tenant }, opts: { attempts: 3 } };
        });
        await queue.addBulk(jobs);
      }
      await ended;
    },
    async stop() {
      await worker.close();
      await queue.close();
    },
  };
}

/** A job of graphile-worker for each event; its task runs the script in a fresh isolate. */
export async function graphileWorker(load: Load, url: string): Promise<Contestant> {
  const options = {
    schema: 'bench_bare_worker',
    concurrency: WORKERS,
    noHandleSignals: true,
    logger: new Logger(() => () => undefined),
    preset: {
      worker: { localQueue: { size: WORKERS + 1 }, completeJobBatchDelay: 5, failJobBatchDelay: 5 },
    },
  };
  const pool = new Pool({ connectionString: url, max: 8 });
  for (const name of ['error', 'connect'] as const) pool.on(name, () => undefined);
  await runMigrations({ ...options, pgPool: pool });
  const utils = await makeWorkerUtils({ ...options, pgPool: pool });
  const ends = new Countdown();
  const script = async (payload: unknown) => {
    runInFreshIsolate(SOURCE, payload as object);
    ends.done();
  };
  const workers = runTaskList(options, { script }, pool);
  return {
    name: 'graphile-worker, a fresh isolate in its worker',
    keeps: 'jobs in PostgreSQL; a run stops the loop, a crash the worker',
    async run(events) {
      const ended = ends.of(events);
      for (let from = 0; from < events; from += BATCH) {
        const jobs = Array.from({ length: Math.min(BATCH, events - from) }, (_, n) => {
          const { tenant } = scriptOf(load, from + n);
          return { identifier: 'script', payload: { ...PAYLOAD, tenantId: tenant } };
        });
        await utils.addJobs(jobs);
      }
      await ended;
    },
    async stop() {
      await workers.gracefulShutdown();
      await utils.release();
      await pool.end();
    },
  };
}
