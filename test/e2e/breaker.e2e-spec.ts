import {
  InMemoryMetricsRecorder,
  type ScriptHealthChanged,
  ScriptHealthService,
  ScriptService,
} from '../../lib/index.js';
import { ScriptSandbox } from '../../lib/sandbox/index.js';
import { ScriptIndex } from '../../lib/scripts/script-index.js';
import { waitUntilIdle } from '../../lib/testing/index.js';
import { FULL, itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA, type ExecutionRow, sharedHost, TestHost } from './support/test-host.js';

/** V8 can't interrupt this call, so the process has to be killed each time. */
const POISON = 'return Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);';
/** How many such runs disable the script. Each computes for a second; the full form uses the default. */
const CRASHES = FULL ? 5 : 2;
const spin = (ms: number): string => `const end = Date.now() + ${ms}; while (Date.now() < end);`;

const emit = (host: TestHost, userId: number, tenantId = 'acme'): boolean =>
  host.emit('user.created', { ...ADA, tenantId, userId });
const completed = (rows: readonly ExecutionRow[]): number =>
  rows.filter(({ status }) => status === 'completed').length;
const health = (host: TestHost) => host.get(ScriptHealthService);
const becomes = (host: TestHost, script: string, state: string) =>
  waitFor(`the script is ${state}`, async () => {
    const found = await health(host).get('acme', script);
    return found.state === state && found;
  });

describe('a poison script that kills its process each time', () => {
  it('is disabled with one alert, does not harm a sibling script, and loses no event: all run after a resume', async () => {
    const log = new RecordedLog();
    const host = await TestHost.start({
      options: { sandbox: { maxProcesses: 4 }, breaker: { maxCrashes: CRASHES } },
      logger: log,
    });
    const heard = host.heard<ScriptHealthChanged>('script.disabled');
    const poison = await host.script(POISON, { name: 'Poison', limits: { timeoutMs: 100 } });
    const sibling = await host.script('return ctx.input.userId;', { name: 'Sibling' });
    const neighbour = await host.script('return ctx.input.userId;', { tenantId: 'globex' });
    for (let userId = 1; userId <= 30; userId++) {
      emit(host, userId);
      emit(host, userId, 'globex');
    }

    const disabled = await becomes(host, poison, 'disabled');
    expect(disabled).toMatchObject({
      changedBy: 'scripts-event',
      reason: expect.stringMatching(
        /^\d+ of its last \d+ runs failed, \d+ of them ended the sandbox process \(timeout \d+\)/,
      ),
      window: { endedProcesses: expect.any(Number) },
    });
    expect(disabled.window?.endedProcesses).toBeGreaterThanOrEqual(CRASHES);
    await waitFor('it is alerted', () => heard.length > 0);
    const lines = log.of('error').filter((text) => text.includes('Poison') && text.includes('is disabled'));
    expect(lines).toEqual([expect.stringContaining('ended the sandbox process (timeout')]);
    expect(await health(host).blame('acme')).toMatchObject([
      { scriptId: poison, byKind: { timeout: expect.any(Number) } },
    ]);
    for (const script of [sibling, neighbour]) {
      const rows = await host.executed(30, script);
      expect(rows.every(({ status, attempt }) => status === 'completed' && attempt === 1)).toBe(true);
    }

    // Events that waited in the queue are kept, and so are those that come now.
    for (let userId = 31; userId <= 40; userId++) emit(host, userId);
    await waitUntilIdle(host.app, 60_000);
    const ran = (await host.executions(poison)).length;
    const kept = await host.deadLetters(poison);
    expect(new Set(kept.map(({ payload }) => payload.userId)).size).toBe(40);
    expect(kept.filter(({ reason }) => reason === 'held').length).toBeGreaterThanOrEqual(10);
    expect(await host.executed(40, sibling)).toHaveLength(40);

    await host.get(ScriptService).updateSource('acme', poison, 'return ctx.input.userId;', { by: 'ada' });
    emit(host, 41);
    await waitUntilIdle(host.app, 60_000);
    expect((await host.executions(poison)).length).toBe(ran);
    expect(heard).toHaveLength(1);

    const resumption = await health(host).resume('acme', poison, { by: 'ada' });
    expect(resumption).toMatchObject({ script: { status: 'active' }, exhausted: 0, discarded: 0 });
    // Both the held events and the failed ones run, and the answer counts both.
    expect(resumption.held).toBeGreaterThanOrEqual(11);
    expect(resumption.replayed).toBe(resumption.held + resumption.retries);
    expect(resumption.replayed).toBe(41);
    await waitFor('everything has run', async () => completed(await host.executions(poison)) === 41);
    await waitFor('nothing is left', async () =>
      (await host.deadLetters(poison)).every(({ status }) => status === 'resolved'),
    );
    expect(await health(host).get('acme', poison)).toMatchObject({ state: 'healthy', waiting: 0 });
    const { scriptsDisabled, scriptsResumed } = await host.get(InMemoryMetricsRecorder).breakerMetrics();
    expect([scriptsDisabled, scriptsResumed]).toEqual([1, 1]);
  });

  // Only in the full form: "is disabled on both nodes" of test/e2e/durable-breaker.e2e-spec.ts and "keeps its state over a
  // restart" prove the same.
  itInFull(
    'is disabled for all applications on the database, with one alert, and stays disabled after a restart',
    async () => {
      const options = { breaker: { maxCrashes: 2 }, retry: { maxRetries: 0 } };
      const one = await TestHost.with(options);
      const two = await TestHost.start({ database: one.database, options });
      const heard = [one, two].map((host) => host.heard<ScriptHealthChanged>('script.disabled'));
      const script = await one.script(POISON, { limits: { timeoutMs: 100 } });
      await waitFor('both know it', () => two.get(ScriptIndex).get(script));
      for (let round = 0; round < 4; round++) for (const host of [one, two]) emit(host, 1);

      await becomes(one, script, 'disabled');
      await waitFor('it is alerted', () => heard.flat().length > 0);
      await waitFor('the other has heard of it', () => two.get(ScriptIndex).get(script) === undefined);
      emit(two, 2);
      await waitFor('it is kept', async () =>
        (await two.deadLetters(script)).some(
          ({ reason, payload }) => reason === 'held' && payload.userId === 2,
        ),
      );
      await Promise.all([one.close(), two.close()]);
      expect(heard.flat()).toHaveLength(1);
      const ran = await one.executions(script);

      const three = await TestHost.start({ database: one.database, options });
      emit(three, 3);
      await waitFor('it is kept', async () =>
        (await three.deadLetters(script)).some(({ payload }) => payload.userId === 3),
      );
      expect(await health(three).get('acme', script)).toMatchObject({ state: 'disabled' });
      expect(await three.executions(script)).toEqual(ran);
    },
  );
});

describe('a degraded script', () => {
  it('runs one event at a time, retries included, until it is healthy again', async () => {
    const host = await TestHost.with({
      breaker: { maxFailures: 20 },
      buffer: { workerCount: 4 },
      retry: { initialDelay: '1h', maxDelay: '1h' },
    });
    const script = await host.script(`
      if (ctx.input.userId < 0) throw new Error('counted');
      if (ctx.execution.attempt === 1) throw new RetryAfterError(1);
      ${spin(60)} return 1;`);
    const running = watchRuns(host, script);
    for (let userId = -10; userId < 0; userId++) emit(host, userId);
    const index = host.get(ScriptIndex);
    await waitFor('it is degraded', () => index.get(script)?.degraded);
    const { reason } = await health(host).get('acme', script);
    expect(reason).toContain('10 of its last 10 runs failed (runtime 10)');
    for (let userId = 1; userId <= 15; userId++) emit(host, userId);
    await becomes(host, script, 'healthy');
    expect(running.begunAlone).toBeGreaterThan(10);
    expect(running.begunBeside).toBe(0);
    await waitFor('everything has run', async () => completed(await host.executions(script)) === 15);
  });

  it('keeps its state over a restart', async () => {
    const options = { breaker: { maxFailures: 4 }, retry: { maxRetries: 0 } };
    const host = await TestHost.with(options);
    const script = await host.script(`throw new Error('no');`);
    for (let userId = 1; userId <= 2; userId++) emit(host, userId);
    await becomes(host, script, 'degraded');
    await host.close();

    const next = await TestHost.start({ database: host.database, options });
    expect(next.get(ScriptIndex).runLimitOf(script)).toBe(1);
    for (let userId = 3; userId <= 4; userId++) emit(next, userId);
    await becomes(next, script, 'disabled');
  });

  /** Counts the runs that begin while the script is degraded: alone, or beside another run of the script. */
  function watchRuns(host: TestHost, script: string) {
    const counts = { begunAlone: 0, begunBeside: 0 };
    const sandbox = host.get(ScriptSandbox);
    const run = sandbox.run.bind(sandbox);
    let running = 0;
    jest.spyOn(sandbox, 'run').mockImplementation(async (request) => {
      if (request.scriptId !== script) return run(request);
      const degraded = host.get(ScriptIndex).get(script)?.degraded;
      if (degraded) counts[running === 0 ? 'begunAlone' : 'begunBeside']++;
      running++;
      return run(request).finally(() => running--);
    });
    return counts;
  }
});

describe('a script that a person stops', () => {
  const log = new RecordedLog();
  const shared = sharedHost(() => TestHost.start({ options: { breaker: { maxHeld: 3 } }, logger: log }));

  it('gets no events while it is paused; while it is disabled, they are held and run after a resume', async () => {
    const host = shared();
    const script = await host.script('return ctx.input.userId;');
    const scripts = host.get(ScriptService);
    await scripts.pause('acme', script);
    emit(host, 1);
    await scripts.activate('acme', script);
    await scripts.disable('acme', script, { by: 'bob', reason: 'It mails everybody.' });
    emit(host, 2);
    await waitFor('one is kept', async () => (await host.deadLetters(script)).length > 0);
    expect(await host.deadLetters(script)).toMatchObject([
      { reason: 'held', payload: { userId: 2 }, status: 'pending' },
    ]);

    await scripts.activate('acme', script);
    expect(await host.executed(1, script)).toMatchObject([{ result: 2, attempt: 1, trigger: 'retry' }]);
  });

  it('has at most breaker.maxHeld events held; the others are dropped, counted and logged', async () => {
    const host = shared();
    const script = await host.script('return ctx.input.userId;');
    await host.get(ScriptService).disable('acme', script, { reason: 'It mails everybody.' });
    for (let userId = 1; userId <= 10; userId++) emit(host, userId);

    const found = await waitFor('the loss is shown', async () => {
      const now = await health(host).get('acme', script);
      return now.noRoom === 7 && now;
    });
    expect(found).toMatchObject({ waiting: 3, state: 'disabled', reason: 'It mails everybody.' });
    expect((await host.deadLetters(script)).map(({ payload }) => payload.userId)).toEqual([1, 2, 3]);
    const { droppedByReason } = host.get(InMemoryMetricsRecorder).eventMetrics();
    expect(droppedByReason).toEqual({ held: 7 });
    expect(log.of('warn').join('\n')).toContain('raise breaker.maxHeld');
  });
});
