import { setTimeout as delay } from 'node:timers/promises';
import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Outcome, SandboxEvent, SandboxRun } from '../../lib/sandbox/index.js';
import { PendingLimits } from '../../lib/sandbox/process/pending-limits.js';
import { isAlive } from '../support/is-alive.js';
import { Gate, waitFor } from '../support/wait-for.js';
import { sandboxChildren } from '../support/sandbox-processes.js';
import { limitTests } from '../support/time-limits.js';
import { processorTicks } from './support/processes-at-rest.js';

limitTests('busy');

const compute = (ms: number): string =>
  `const end = Date.now() + ${ms}; while (Date.now() < end); return 'in time'`;
const standStill = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

describe('time in which the host process is blocked or a sandbox process is stopped', () => {
  const events: SandboxEvent[] = [];
  let sandbox: ScriptSandbox;
  const run = (source: string, over: Partial<SandboxRun> = {}) =>
    sandbox.run({ source, tenantId: 't', scriptId: 's', version: 1, ...over });
  const kills = () => events.filter(({ type }) => type === 'process-killed');

  beforeEach(async () => {
    events.length = 0;
    sandbox = new ScriptSandbox({
      processes: { min: 1, max: 1 },
      limits: { timeoutMs: 600 },
      onEvent: (event) => events.push(event),
    });
    await sandbox.start();
    await run('return 1');
  });
  afterEach(() => sandbox.stop());

  test('does not count for a script that had ended before', async () => {
    const ended = run(compute(100));
    await new Promise(setImmediate);
    standStill(3_000);
    expect(await ended).toMatchObject({ status: 'completed', result: 'in time' });
    expect(kills()).toEqual([]);
  });

  test('does not count for a script that waits, or for the call for which it waits', async () => {
    let callBegan = false;
    const late = new Gate();
    const callBinding = async (): Promise<string> => {
      callBegan = true;
      await late.opened;
      return 'an answer';
    };
    const source = `const answer = await host.ask(); ${compute(100).replace("'in time'", 'answer')}`;
    const limits = { timeoutMs: 600, bindingTimeoutMs: 400 };
    const waiting = run(source, { bindings: ['host.ask'], callBinding, limits });
    await waitFor('the call is made', () => callBegan);
    standStill(3_000);
    late.open();
    expect(await waiting).toMatchObject({ status: 'completed', result: 'an answer' });
    expect(kills()).toEqual([]);
  });

  test('does not keep an endless script from its timeout', async () => {
    const looping = run('for (;;);');
    await new Promise(setImmediate);
    standStill(3_000);
    expect(await looping).toMatchObject({ status: 'failed', error: { kind: 'timeout' } });
  });

  /** Waits until the script of a process that was idle computes. */
  const underWay = async (pid: number): Promise<void> => {
    const before = processorTicks(pid);
    await waitFor('the script computes', () => processorTicks(pid) > before + 1);
  };

  /** Stops the process of a run once its script is under way, and lets it go on after `stopMs`, or never. */
  const stop = async (script: string, stopMs: number | null) => {
    const [pid] = await sandboxChildren();
    let goesOn: Promise<unknown> = Promise.resolve();
    const stopNow = (): void => {
      process.kill(pid!, 'SIGSTOP');
      if (stopMs !== null) goesOn = delay(stopMs).then(() => isAlive(pid!) && process.kill(pid!, 'SIGCONT'));
    };
    let calls = 0;
    const callBinding = async (): Promise<null> => {
      if (++calls === 1) stopNow();
      return null;
    };
    if (script.includes('host.note')) return run(script, { bindings: ['host.note'], callBinding });
    const outcome = run(script);
    await underWay(pid!);
    stopNow();
    // On a slow machine, the script may have ended before the stop, and the outcome comes before the process goes on.
    await Promise.all([outcome, goesOn]);
    return outcome;
  };

  test.each([
    ['for a while', 900],
    ['for good', null],
  ])(
    'does not count for a script whose process was stopped %s: it runs anew, and is not blamed',
    async (_, stopMs) => {
      expect(await stop(compute(300), stopMs)).toMatchObject({ status: 'completed', result: 'in time' });
      expect(kills()).toEqual([]);
    },
  );

  /**
   * Stops the process of a run for `stopMs`, unless that is 0, and ends it as its time limits could, `laterMs` after that.
   */
  const stopAndCrash = async (
    stopMs: number,
    signal: NodeJS.Signals,
    { laterMs = 0, source = compute(2_000) } = {},
  ): Promise<Outcome> => {
    const [pid] = await sandboxChildren();
    let attempts = 0;
    const callBinding = async (): Promise<null> => {
      if (++attempts > 1) return null;
      // How long it stands still, and how long after that it ends, is what these tests are about. Even a process that is
      // to go on at once may be stopped for long if this one stands still in between.
      if (stopMs > 0) {
        process.kill(pid!, 'SIGSTOP');
        await delay(stopMs);
        process.kill(pid!, 'SIGCONT');
      }
      await delay(laterMs);
      process.kill(pid!, signal);
      return null;
    };
    const limits = { timeoutMs: 60_000 };
    if (source.includes('host.note')) return run(source, { bindings: ['host.note'], callBinding, limits });
    const outcome = run(source, { limits });
    await underWay(pid!);
    await callBinding();
    return outcome;
  };
  const ends = () => events.flatMap((event) => (event.type === 'process-ended' ? [event.reason] : []));

  test('does not make a script to blame for a process that ends when it goes on: the run runs anew', async () => {
    const outcome = await stopAndCrash(500, 'SIGSEGV', { source: compute(1_500) });
    expect(outcome).toMatchObject({ status: 'completed', result: 'in time' });
    expect(kills()).toEqual([]);
    expect(ends()).toEqual(['stood-still']);
    expect(sandbox.stats().crashLoop).toBeNull();
  });

  test('makes a run that has called a binding end as cancelled if its process ends when it goes on', async () => {
    const outcome = await stopAndCrash(500, 'SIGSEGV', { source: `await host.note(); return 1` });
    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'cancelled' } });
    expect(kills()).toEqual([]);
  });

  test.each([
    ['was not stopped before', 0, 0],
    ['ends long after it was stopped', 500, 1_500],
  ])('is no excuse for a script whose process %s', async (_, stopMs, laterMs) => {
    const outcome = await stopAndCrash(stopMs, 'SIGSEGV', { laterMs, source: compute(10_000) });
    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'crashed', processLost: true } });
    expect(kills()).toHaveLength(1);
    expect(ends()).toEqual(['crashed']);
  });

  test.each([
    [
      'many time limits, which may have ended it',
      true,
      compute(2_000),
      { status: 'completed', result: 'in time' },
    ],
    ['few', false, 'for (;;);', { status: 'failed', error: { kind: 'crashed' } }],
  ])(
    'of both, frozen together, is an excuse for a script only if its process kept %s',
    async (_, mayOverflow, source, expected) => {
      const kept = jest.spyOn(PendingLimits.prototype, 'mayOverflow', 'get').mockReturnValue(mayOverflow);
      const [pid] = await sandboxChildren();
      const outcome = run(source, { limits: { timeoutMs: 60_000 } });
      await underWay(pid!);
      standStill(1_500);
      process.kill(pid!, 'SIGSEGV');
      expect(await outcome).toMatchObject(expected);
      expect(kills()).toHaveLength(mayOverflow ? 0 : 1);
      kept.mockRestore();
    },
  );

  test('makes a run that has called a binding end as cancelled, and the script is not blamed', async () => {
    const outcome = await stop(`await host.note(); ${compute(400)}`, null);
    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'cancelled' } });
    expect(outcome).not.toHaveProperty('error.processLost');
    expect(kills()).toEqual([]);
  });
});
