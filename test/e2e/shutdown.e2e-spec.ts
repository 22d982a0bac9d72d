import { EventEmitter2 } from '@nestjs/event-emitter';
import { InMemoryMetricsRecorder } from '../../lib/index.js';
import { ScriptsEventLifecycle } from '../../lib/module/scripts-event.lifecycle.js';
import { buildApp } from '../support/app.builder.js';
import { createTestSchema } from '../support/postgres.js';
import { itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { noSandboxChildren, sandboxChildren } from '../support/sandbox-processes.js';
import { HeldScripts, HOLD, HOLDING } from './support/held-scripts.js';
import { ADA, TestHost } from './support/test-host.js';

const event = (userId: number) => ({ ...ADA, tenantId: 'acme', userId });
const burst = (host: TestHost, count: number): void => {
  for (let userId = 1; userId <= count; userId++) host.emit('user.created', event(userId));
};

/** The next application on the same database, in which scripts do not wait for the test. */
async function nextApplication({ database }: TestHost): Promise<TestHost> {
  const next = await TestHost.start({ database, providers: [HeldScripts] });
  next.get(HeldScripts).release();
  return next;
}

describe('the stop of an application', () => {
  it('drains the queue: all emitted events have run when close() resolves', async () => {
    const host = await TestHost.start();
    await host.script('return ctx.input.userId;');
    burst(host, 30);
    await host.close();
    expect((await host.executions()).filter(({ status }) => status === 'completed')).toHaveLength(30);
    expect(await host.deadLetters()).toEqual([]);
  });

  it('cancels runs at the timeout and keeps their events and the waiting ones; the next application completes all of them', async () => {
    const options = { buffer: { workerCount: 1 }, shutdownTimeout: '100ms' } as const;
    const host = await TestHost.start({ options, providers: [HeldScripts] });
    const script = await host.script(`${HOLD} return ctx.input.userId;`, HOLDING);
    burst(host, 3);
    await host.get(HeldScripts).held();
    await host.close();

    expect(await host.executions(script)).toMatchObject([{ status: 'failed', errorKind: 'cancelled' }]);
    const kept = await host.deadLetters();
    expect(kept.map(({ payload }) => payload.userId).toSorted()).toEqual([1, 2, 3]);
    for (const letter of kept) {
      expect(letter).toMatchObject({ reason: 'shutdown', status: 'pending', due: true, retryCount: 0 });
    }
    expect(await sandboxChildren()).toEqual([]);

    const next = await nextApplication(host);
    await waitFor('all are resolved', async () =>
      (await next.deadLetters()).every(({ status }) => status === 'resolved'),
    );
    const completed = (await next.executions(script)).filter(({ status }) => status === 'completed');
    expect(completed.map(({ result }) => result).toSorted()).toEqual([1, 2, 3]);
    expect((await next.deadLetters()).map(({ retryCount }) => retryCount)).toEqual([0, 0, 0]);
  });

  // Only in the full form: the test before and "lets a producer wait for room" of test/unit/common/batching-writer.spec.ts
  // prove the same.
  itInFull('keeps more waiting events than its writer holds at one time', async () => {
    const waiting = 12_000;
    const logger = new RecordedLog();
    const host = await TestHost.start({
      options: { buffer: { workerCount: 1, size: waiting }, shutdownTimeout: '100ms' },
      providers: [HeldScripts],
      logger,
    });
    await host.script(`${HOLD} return ctx.input.userId;`, HOLDING);
    burst(host, waiting);
    await host.close();
    const [kept] = await host.database.dataSource.query<{ count: number }[]>(
      `SELECT count(DISTINCT event_id)::int AS count FROM dead_letter_queue WHERE reason = 'shutdown'`,
    );
    expect(kept?.count).toBe(waiting);
    expect(logger.of('error')).toEqual([]);
  });

  it('cancels a retry at the timeout, and does not count it', async () => {
    const host = await TestHost.start({ options: { shutdownTimeout: '100ms' }, providers: [HeldScripts] });
    const script = await host.script(
      `if (ctx.execution.attempt === 1) throw new Error('once'); ${HOLD} return 'done';`,
      HOLDING,
    );
    host.emit('user.created', event(1));
    await host.get(HeldScripts).held();
    expect(await host.deadLetters()).toMatchObject([{ status: 'retrying' }]);
    await host.close();
    expect(await host.deadLetters()).toMatchObject([{ status: 'pending', retryCount: 0 }]);

    const next = await nextApplication(host);
    expect(await next.deadLetter('resolved', script)).toMatchObject({ retryCount: 1 });
  });

  it('keeps events that the host emits while it stops', async () => {
    const host = await TestHost.start({ options: { buffer: { workerCount: 1 } }, providers: [HeldScripts] });
    await host.script(`${HOLD} return ctx.input.userId;`, HOLDING);
    host.emit('user.created', event(1));
    await host.get(HeldScripts).held();
    const closing = host.close();
    let emitted = 1;
    await waitFor('the intake is closed', async () => {
      host.emit('user.created', event((emitted += 1)));
      return (await host.deadLetters()).some(({ reason }) => reason === 'shutdown');
    });
    host.get(HeldScripts).release();
    await closing;
    const ran = await host.executions();
    const kept = await host.deadLetters();
    expect(ran.every(({ status }) => status === 'completed')).toBe(true);
    expect(kept.every(({ reason, due }) => reason === 'shutdown' && due)).toBe(true);
    expect(ran.length + kept.length).toBe(emitted);
  });

  it('makes later events run nothing, and emit() does not throw', async () => {
    const host = await TestHost.start();
    await host.script('return 1;');
    const emitter = host.get(EventEmitter2);
    await host.close();
    expect(() => emitter.emit('user.created', event(1))).not.toThrow();
    expect(await host.executions()).toEqual([]);
    expect(await host.deadLetters()).toEqual([]);
  });

  it('logs no error and drops no event while scripts run and fail', async () => {
    const logger = new RecordedLog();
    const host = await TestHost.start({ logger });
    await host.script('return 1;');
    await host.script(`throw new Error('again and again');`);
    burst(host, 20);
    await host.close();
    await noSandboxChildren();
    expect(logger.of('error')).toEqual([]);
    expect(host.get(InMemoryMetricsRecorder).eventMetrics().droppedByReason).toEqual({});
    expect(await host.executions()).not.toEqual([]);
  });

  it('takes place once when it is requested twice', async () => {
    const logger = new RecordedLog();
    const host = await TestHost.start({ logger });
    await host.script('return 1;');
    burst(host, 5);
    const lifecycle = host.get(ScriptsEventLifecycle);
    await Promise.all([lifecycle.beforeApplicationShutdown(), lifecycle.beforeApplicationShutdown()]);
    await host.app.close();
    await host.close();
    expect(logger.lines.filter((line) => line.includes('Stopped.'))).toHaveLength(1);
    expect(await host.executions()).toHaveLength(5);
  });
});

describe('a stop during the start of an application', () => {
  it.each([
    ['before the sandbox is warm', async () => undefined],
    [
      'while the sandbox warms',
      () => waitFor('a child is started', async () => (await sandboxChildren()).length > 0),
    ],
  ])('ends, and leaves no sandbox process, %s', async (_when, moment) => {
    const database = await createTestSchema();
    const logger = new RecordedLog();
    const app = await buildApp({ database, logger, warmsSandbox: true });
    const started = app.init().catch((error: unknown) => error);
    await moment();
    await app.close();
    await started;
    await noSandboxChildren();
    expect(logger.of('error')).toEqual([]);
    await waitFor('no listening connection is left', async () => {
      const listening: unknown[] = await database.dataSource.query(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'scripts-event-index' AND datname = current_database()
           AND query LIKE '%' || (SELECT left(md5(current_schema() || '.scripts'), 16)) || '%'`,
      );
      return listening.length === 0;
    });
  });
});
