import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { JsonText, ScriptSandbox, SandboxOptionsError } from '../../lib/sandbox/index.js';
import { childFlags } from '../../lib/sandbox/process/child-flags.js';
import { PendingLimits } from '../../lib/sandbox/process/pending-limits.js';
import { ProcessAges } from '../../lib/sandbox/process/process-ages.js';
import type { JsonValue } from '../../lib/common/json.js';
import type { SandboxEvent, SandboxRun, ScriptSandboxOptions } from '../../lib/sandbox/index.js';
import { isAlive } from '../support/is-alive.js';
import { inShortOneIn, itInFull } from '../support/test-form.js';
import { Gate, waitFor } from '../support/wait-for.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

const base: SandboxRun = { source: 'return 1', tenantId: 't', scriptId: 's', version: 1 };
const never = { bindings: ['wait'], callBinding: () => new Promise<null>(() => {}) };

/** One process without a spare, for tests that are not about the pool. */
const ONE = { processes: { min: 1, max: 1 } };

/** Time limits so long that only a test ends a run, even on a slow machine. */
const PATIENT = { timeoutMs: 300_000, bindingTimeoutMs: 300_000 };

/** The sandboxes of a test, which are stopped after it. */
const open: ScriptSandbox[] = [];
function sandboxWith(options: ScriptSandboxOptions = {}): { sandbox: ScriptSandbox; events: SandboxEvent[] } {
  const events: SandboxEvent[] = [];
  const limits = { ...PATIENT, ...options.limits };
  const sandbox = new ScriptSandbox({ ...options, limits, onEvent: (event) => events.push(event) });
  open.push(sandbox);
  return { sandbox, events };
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.stop()));
});

const until = (state: () => boolean): Promise<boolean> => waitFor('the state has come', state);
/** A run that waits until the gate opens. */
const waitingFor = (gate: Gate): Pick<SandboxRun, 'source' | 'bindings' | 'callBinding'> => ({
  source: 'await wait(); return 7',
  bindings: ['wait'],
  callBinding: () => gate.opened.then(() => null),
});
const pidsOf = (events: SandboxEvent[]): number[] =>
  events.flatMap((e) => (e.type === 'process-started' ? [e.pid] : []));

describe('the pool of sandbox processes', () => {
  test('keeps min processes warm and starts one spare as soon as there is work', async () => {
    const { sandbox } = sandboxWith({ processes: { min: 1, max: 4 } });
    await sandbox.start();
    expect(sandbox.stats().processes).toEqual({ starting: 0, idle: 1, busy: 0, draining: 0 });
    const controller = new AbortController();
    const waiting = sandbox.run({ ...base, ...never, source: 'await wait()', signal: controller.signal });
    await until(() => sandbox.stats().processes.idle === 1 && sandbox.stats().processes.busy === 1);
    controller.abort();
    expect(await waiting).toMatchObject({ error: { kind: 'cancelled' } });
  });

  test('starts at most one process in a turn of the event loop, however many runs come at once', async () => {
    const { sandbox } = sandboxWith({ processes: { min: 1, max: 4, computing: 4 } });
    await sandbox.start();
    const gate = new Gate();
    const runs = Array.from({ length: 20 }, () => sandbox.run({ ...base, ...waitingFor(gate) }));
    const perTurn: number[] = [];
    for (let before = 1; before < 4;) {
      const { starting, idle, busy } = sandbox.stats().processes;
      const started = starting + idle + busy;
      perTurn.push(started - before);
      before = started;
      await new Promise(setImmediate);
    }
    expect(Math.max(...perTurn)).toBe(1);
    gate.open();
    expect((await Promise.all(runs)).every(({ status }) => status === 'completed')).toBe(true);
  });

  test('runs others while more runs wait for bindings than there are cores', async () => {
    const { sandbox } = sandboxWith({ processes: { min: 1, max: 3, computing: 1 } });
    await sandbox.start();
    const gate = new Gate();
    const waiting = [1, 2].map(() => sandbox.run({ ...base, ...waitingFor(gate) }));
    await until(() => sandbox.stats().awaitingBindings === 2);
    expect(await sandbox.run(base)).toMatchObject({ status: 'completed' });
    gate.open();
    expect((await Promise.all(waiting)).map((o) => o.status)).toEqual(Array(2).fill('completed'));
  });

  test('never has more processes than max, and queues further runs', async () => {
    const { sandbox } = sandboxWith({ processes: { min: 0, max: 2 } });
    const gate = new Gate();
    const runs = Array.from({ length: 30 }, () => sandbox.run({ ...base, ...waitingFor(gate) }));
    await until(() => sandbox.stats().processes.busy === 2);
    expect(sandbox.stats().queued).toBe(28);
    gate.open();
    expect((await Promise.all(runs)).every((o) => o.status === 'completed')).toBe(true);
    const { processes } = sandbox.stats();
    expect(processes.starting + processes.idle + processes.busy).toBeLessThanOrEqual(2);
  });

  test('grows to one process per core for computing runs, and one spare beside them', async () => {
    const { sandbox } = sandboxWith({ processes: { min: 1, max: 6, computing: 2 } });
    await sandbox.start();
    const controller = new AbortController();
    const runs = Array.from({ length: 5 }, () =>
      sandbox.run({ ...base, source: 'for (;;);', signal: controller.signal }),
    );
    await until(() => sandbox.stats().processes.busy === 2 && sandbox.stats().processes.idle === 1);
    expect(sandbox.stats()).toMatchObject({
      processes: { starting: 0, idle: 1, busy: 2 },
      queued: 3,
      awaitingBindings: 0,
    });
    controller.abort();
    for (const outcome of await Promise.all(runs)) {
      expect(outcome).toMatchObject({ error: { kind: 'cancelled' } });
    }
  });

  test('has a warm spare for the run after a killed process, while another process starts', async () => {
    const { sandbox } = sandboxWith({ processes: { min: 2, max: 2 }, limits: { timeoutMs: 50 } });
    await sandbox.start();
    const killed = await sandbox.run({
      ...base,
      source: 'return [].includes.call({ length: 2 ** 53 - 1 }, 1)',
    });
    expect(killed).toMatchObject({ error: { kind: 'timeout' } });
    const next = sandbox.run({ ...base, limits: PATIENT });
    // The spare is taken at once. The run doesn't wait for the process that replaces the killed one.
    expect(sandbox.stats()).toMatchObject({ processes: { starting: 1, busy: 1 }, queued: 0 });
    expect(await next).toMatchObject({ status: 'completed' });
    await until(() => sandbox.stats().processes.idle === 2);
  });

  // Only in the full form: "kills a process whose memory exceeds memoryMb" proves the same for one process.
  itInFull('measures the memory of all its processes, and keeps it near max times memoryMb', async () => {
    const MB = 1024 * 1024;
    const { sandbox } = sandboxWith({
      processes: { min: 2, max: 2, computing: 2, memoryMb: 128 },
      limits: { memoryMb: 1_024 },
    });
    await sandbox.start();
    const warmMb = sandbox.stats().rssBytes / MB;
    expect(warmMb).toBeGreaterThan(2 * 20);
    expect(warmMb).toBeLessThan(2 * 75);
    // Some megabytes at a time, so that the pool measures the excess before the script is far beyond the limit.
    const source = 'const a = []; for (;;) { a.push(new Array(5e5).fill(1)); await grow(); }';
    let worstMb = 0;
    const grow = (): Promise<null> => {
      worstMb = Math.max(worstMb, sandbox.stats().rssBytes / MB);
      // The pool measures at intervals, so this is about time.
      return delay(30, null);
    };
    const runs = [1, 2].map((n) =>
      sandbox.run({ ...base, scriptId: `s${n}`, source, bindings: ['grow'], callBinding: grow }),
    );
    for (const outcome of await Promise.all(runs)) {
      expect(outcome).toMatchObject({ error: { kind: 'memory' } });
    }
    expect(worstMb).toBeGreaterThan(warmMb);
    // A script may add memory between two measurements.
    expect(worstMb).toBeLessThan(2 * (128 + 32));
  });

  test('begins runs in the order of the calls', async () => {
    const { sandbox } = sandboxWith({ processes: { min: 1, max: 1 } });
    const order: number[] = [];
    await Promise.all(
      [1, 2, 3, 4, 5].map((n) => sandbox.run({ ...base, scriptId: `s${n}` }).then(() => order.push(n))),
    );
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  test('shrinks to min when nothing has run for idleMs', async () => {
    const { sandbox, events } = sandboxWith({ processes: { min: 1, max: 4, idleMs: 100 } });
    await sandbox.start();
    const gate = new Gate();
    const runs = Array.from({ length: 3 }, () => sandbox.run({ ...base, ...waitingFor(gate) }));
    await until(() => sandbox.stats().processes.busy === 3);
    gate.open();
    await Promise.all(runs);
    const ended = () => events.filter((e) => e.type === 'process-ended' && e.reason === 'idle').length;
    await until(() => {
      const { starting, idle, draining } = sandbox.stats().processes;
      return ended() >= 2 && idle === 1 && starting + draining === 0;
    });
    expect(sandbox.stats().processes).toEqual({ starting: 0, idle: 1, busy: 0, draining: 0 });
  });

  test('replaces a process after maxRuns', async () => {
    const { sandbox, events } = sandboxWith({ processes: { min: 1, max: 1, maxRuns: 3 } });
    const outcomes = await Promise.all(Array.from({ length: 7 }, () => sandbox.run(base)));
    expect(outcomes.every((o) => o.status === 'completed')).toBe(true);
    await until(() => events.filter((e) => e.type === 'process-ended' && e.reason === 'aged').length >= 2);
  });

  const expired = (events: SandboxEvent[]) =>
    events.filter((e) => e.type === 'process-ended' && e.reason === 'expired');

  test('replaces an idle process maxAgeMs after its first run, and not one that has run no script', async () => {
    const begins = jest.spyOn(ProcessAges.prototype, 'begins');
    const { sandbox, events } = sandboxWith({ processes: { min: 2, max: 2, maxAgeMs: 1_000 } });
    await sandbox.start();
    expect(begins).not.toHaveBeenCalled();
    // An idle process gets the next run of its tenant.
    for (let n = 0; n < 3; n++) await sandbox.run(base);
    expect(begins).toHaveBeenCalledTimes(1);
    const [{ pid }] = begins.mock.calls[0]!;
    begins.mockRestore();
    await until(() => expired(events).length > 0 && sandbox.stats().processes.idle === 2);
    expect(expired(events)).toMatchObject([{ pid }]);
    expect(pidsOf(events)).toHaveLength(3);
    expect(await sandbox.run(base)).toMatchObject({ status: 'completed' });
  });

  test('lets a run end in a process that becomes too old, and runs the ones behind it in the next process', async () => {
    const { sandbox, events } = sandboxWith({ processes: { min: 1, max: 1, maxAgeMs: 1_000 } });
    await sandbox.start();
    const source = 'const end = Date.now() + 1_200; while (Date.now() < end); return 7';
    const runsIn = (): number => pidsOf(events).length;
    const long = sandbox.run({ ...base, source }).then(async (outcome) => ({ outcome, processes: runsIn() }));
    const behind = [1, 2, 3].map(async () => {
      const { status } = await sandbox.run({ ...base, source: 'return 8' });
      return { status, processes: runsIn() };
    });
    expect(await long).toMatchObject({ outcome: { status: 'completed', result: 7 }, processes: 1 });
    expect(await Promise.all(behind)).toEqual(behind.map(() => ({ status: 'completed', processes: 2 })));
    // The system may remove the old process only after the next one has run them.
    await until(() => expired(events).length > 0);
    expect(expired(events)).toHaveLength(1);
  });

  test('replaces a process that keeps too many time limits, in which the limits of its runs and binding calls count', async () => {
    // Most of the limits that the process would keep after thousands of runs.
    const add = jest.spyOn(PendingLimits.prototype, 'add');
    add.mockImplementationOnce(function (this: PendingLimits, timeoutMs, limits) {
      expect([timeoutMs, limits]).toEqual([PATIENT.timeoutMs, 3]);
      this.add(timeoutMs, 199_997 + limits);
    });
    const { sandbox, events } = sandboxWith(ONE);
    const calls = { bindings: ['crm.find'], callBinding: async () => 1 };
    const source = 'return await crm.find({}) + await crm.find({})';
    const [first, ...others] = await Promise.all([
      sandbox.run({ ...base, ...calls, source }),
      ...[1, 2, 3].map(() => sandbox.run(base)),
    ]);
    expect(first).toMatchObject({ status: 'completed', result: 2 });
    expect(others).toMatchObject(others.map(() => ({ status: 'completed' })));
    await until(() => events.some((e) => e.type === 'process-ended' && e.reason === 'aged'));
    add.mockRestore();
  });

  test('replaces a process that keeps too much memory', async () => {
    const { sandbox, events } = sandboxWith({ processes: { min: 1, max: 1, memoryMb: 400, retireAt: 0.01 } });
    const bloated = () => events.some((e) => e.type === 'process-ended' && e.reason === 'bloated');
    for (let n = 0; n < 64 && !bloated(); n++) await sandbox.run(base);
    await until(bloated);
    expect(await sandbox.run(base)).toMatchObject({ status: 'completed' });
  });

  test('kills a process whose memory exceeds memoryMb although its isolate allows more', async () => {
    const { sandbox } = sandboxWith({
      processes: { min: 1, max: 1, memoryMb: 128 },
      limits: { memoryMb: 1_024 },
    });
    const outcome = await sandbox.run({ ...base, source: 'const a = []; for (;;) a.push({ a: 1 });' });
    expect(outcome).toMatchObject({ error: { kind: 'memory' } });
    expect(sandbox.blame()).toMatchObject([{ scriptId: 's', kind: 'memory', times: 1 }]);
  });

  test('records which script ended a process, and how often', async () => {
    const { sandbox, events } = sandboxWith({ processes: { min: 1, max: 1 }, limits: { timeoutMs: 50 } });
    const source = 'return Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)';
    await sandbox.run({ ...base, scriptId: 'bad', version: 3, source });
    await sandbox.run({ ...base, scriptId: 'good', limits: PATIENT });
    await sandbox.run({ ...base, scriptId: 'bad', version: 4, source });
    expect(sandbox.blame()).toEqual([
      { tenantId: 't', scriptId: 'bad', version: 4, kind: 'timeout', reason: 'timeout', times: 2 },
    ]);
    expect(events.flatMap((e) => (e.type === 'process-killed' ? [e.blame.times] : []))).toEqual([1, 2]);
    expect(sandbox.stats().killed).toBe(2);
    // A restart is counted when the operating system has removed the process.
    await until(() => sandbox.stats().restarts.timeout === 2);
  });

  test('ends a run as crashed when its process is killed from outside, and runs the next one', async () => {
    const { sandbox, events } = sandboxWith({ processes: { min: 1, max: 1 } });
    await sandbox.start();
    const run = sandbox.run({ ...base, ...never, source: "sdk.log.info('begun'); await wait()" });
    await until(() => sandbox.stats().awaitingBindings === 1);
    process.kill(pidsOf(events)[0]!, 'SIGKILL');
    expect(await run).toMatchObject({ error: { kind: 'crashed' }, logs: [{ message: 'begun' }] });
    expect(await sandbox.run(base)).toMatchObject({ status: 'completed' });
  });

  test('replaces an idle process that was killed from outside', async () => {
    const { sandbox, events } = sandboxWith({ processes: { min: 1, max: 1 } });
    await sandbox.start();
    process.kill(pidsOf(events)[0]!, 'SIGKILL');
    await until(() => pidsOf(events).length === 2);
    expect(await sandbox.run(base)).toMatchObject({ status: 'completed' });
  });

  test('gives a process no environment variable of the host', async () => {
    process.env['SANDBOX_TEST_SECRET'] = 'secret';
    const { sandbox, events } = sandboxWith();
    await sandbox.start();
    const environment = readFileSync(`/proc/${pidsOf(events)[0]!}/environ`, 'latin1');
    delete process.env['SANDBOX_TEST_SECRET'];
    expect(environment).not.toContain('secret');
    expect(environment.split('\0').filter(Boolean).toSorted()).toEqual([
      'LANG=en_US.UTF-8',
      'LC_ALL=en_US.UTF-8',
      'TZ=UTC',
    ]);
  });
});

describe('the permissions of a sandbox process', () => {
  const attempt = (codes: readonly string[]): string[] => {
    const program = codes.map(
      (code) => `try { ${code}; console.log('allowed'); } catch (e) { console.log(e.code); }`,
    );
    return execFileSync(process.execPath, [...childFlags(true), '-e', program.join('\n')], {
      encoding: 'utf8',
      env: {},
    })
      .trim()
      .split('\n');
  };

  test('do not let it read a file of the host, write a file, or start a program', () => {
    const attempts = [
      "require('fs').readFileSync('/etc/passwd')",
      "require('fs').writeFileSync('/tmp/sandbox-permissions', '')",
      "require('child_process').execFileSync('id')",
    ];
    expect(attempt(attempts)).toEqual(attempts.map(() => 'ERR_ACCESS_DENIED'));
  });

  test('are set for the processes of a pool', async () => {
    const { sandbox, events } = sandboxWith();
    await sandbox.start();
    expect(readFileSync(`/proc/${pidsOf(events)[0]!}/cmdline`, 'latin1')).toMatch(
      /--(experimental-)?permission\0/,
    );
  });

  test('can be turned off', async () => {
    const { sandbox, events } = sandboxWith({ ...ONE, permissions: false });
    expect(await sandbox.run(base)).toMatchObject({ status: 'completed' });
    expect(readFileSync(`/proc/${pidsOf(events)[0]!}/cmdline`, 'latin1')).not.toContain('permission');
  });
});

describe('the end of runs and processes:', () => {
  test('an abort signal ends a computing run as cancelled', async () => {
    const { sandbox } = sandboxWith({ processes: { min: 1, max: 1 } });
    await sandbox.start();
    const controller = new AbortController();
    const run = sandbox.run({ ...base, source: 'for (;;);', signal: controller.signal });
    await until(() => sandbox.stats().processes.busy === 1);
    controller.abort();
    expect(await run).toMatchObject({ error: { kind: 'cancelled' } });
    expect(sandbox.blame()).toEqual([]);
  });

  test('an abort signal removes a waiting run from the queue', async () => {
    const { sandbox } = sandboxWith({ processes: { min: 1, max: 1 } });
    const first = sandbox.run({ ...base, ...never, source: 'await wait()', limits: { timeoutMs: 200 } });
    const controller = new AbortController();
    const second = sandbox.run({ ...base, signal: controller.signal });
    controller.abort();
    expect(await second).toMatchObject({ error: { kind: 'cancelled' }, metrics: { durationMs: 0 } });
    expect(await first).toMatchObject({ error: { kind: 'timeout' } });
    expect(await sandbox.run({ ...base, signal: AbortSignal.abort() })).toMatchObject({
      error: { kind: 'cancelled' },
    });
  });

  test('a binding call that is not awaited is aborted when its run ends, and the log says so', async () => {
    const { sandbox } = sandboxWith(ONE);
    const signals: AbortSignal[] = [];
    const outcome = await sandbox.run({
      ...base,
      source: 'slow(); return await quick();',
      bindings: ['slow', 'quick'],
      callBinding: (name, _args, signal) => {
        signals.push(signal);
        return name === 'quick' ? Promise.resolve(7) : new Promise(() => {});
      },
    });
    expect(outcome).toMatchObject({
      result: 7,
      logs: [{ level: 'warn', message: '1 binding call was not awaited, and cancelled when the run ended' }],
    });
    expect(signals[0]!.aborted).toBe(true);
  });

  test('a warning of the sandbox is in the log of a script that has used up its own lines and bytes', async () => {
    const { sandbox } = sandboxWith(ONE);
    for (const [limits, lines] of [
      [{ logLines: 2 }, ['line', 'line']],
      [{ logBytes: 80 }, ['line', 'line']],
      [{ logLines: 0 }, []],
    ] as const) {
      const outcome = await sandbox.run({
        ...base,
        source: `for (let n = 0; n < 5; n++) sdk.log.info('line'); Promise.reject(new Error('mine')); slow(); return 7`,
        bindings: ['slow'],
        callBinding: () => new Promise(() => {}),
        limits,
      });
      expect(outcome.logs.map(({ message }) => message)).toEqual([
        ...lines,
        'A rejected promise was not handled: mine',
        '1 binding call was not awaited, and cancelled when the run ended',
      ]);
      expect(outcome.metrics.logsDropped).toBe(5 - lines.length);
    }
  });

  test('a store call that is not awaited belongs to the run, which ends only after the call', async () => {
    const { sandbox } = sandboxWith(ONE);
    const called: string[] = [];
    const source = `store.set('a', 1).then(() => store.set('b', 2)); slow(); return 7`;
    const calls = {
      bindings: ['slow'],
      callBinding: async (name: string, input: JsonValue) => {
        called.push(`${name} ${JSON.stringify(input)}`);
        return name === 'slow' ? new Promise<null>(() => {}) : null;
      },
    };
    expect(await sandbox.run({ ...base, source, ...calls })).toMatchObject({
      result: 7,
      logs: [{ level: 'warn', message: '1 binding call was not awaited, and cancelled when the run ended' }],
    });
    expect(called.toSorted()).toEqual([
      'slow null',
      'store.set {"key":"a","value":1}',
      'store.set {"key":"b","value":2}',
    ]);
    const stuck = await sandbox.run({
      ...base,
      source: `store.get('a'); return 7`,
      callBinding: () => new Promise(() => {}),
      limits: { timeoutMs: 50 },
    });
    expect(stuck).toMatchObject({ status: 'failed', error: { kind: 'timeout' } });
  });

  test('a binding call that takes too long is aborted, with an error that the script can catch', async () => {
    const { sandbox } = sandboxWith(ONE);
    const outcome = await sandbox.run({
      ...base,
      ...never,
      source: 'try { await wait(); } catch (e) { return [e.name, e.code]; }',
      limits: { bindingTimeoutMs: 20 },
    });
    expect(outcome).toMatchObject({ result: ['BindingError', 'timeout'] });
  });

  test('stop() cancels running and waiting runs, ends every process, and does nothing the second time', async () => {
    const { sandbox, events } = sandboxWith({ processes: { min: 2, max: 2, computing: 2 } });
    await sandbox.start();
    const pids = pidsOf(events);
    const runs = [
      sandbox.run({ ...base, source: 'for (;;);' }),
      sandbox.run({ ...base, ...never, source: 'await wait()' }),
      sandbox.run(base),
    ];
    await until(() => sandbox.stats().processes.busy === 2);
    await Promise.all([sandbox.stop(), sandbox.stop()]);
    for (const run of runs) expect(await run).toMatchObject({ error: { kind: 'cancelled' } });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await sandbox.run(base)).toMatchObject({ error: { kind: 'cancelled' } });
    await expect(sandbox.start()).rejects.toThrow('stopped');
  });

  test('stop() with a grace time lets a run end within that time', async () => {
    const { sandbox } = sandboxWith(ONE);
    await sandbox.start();
    const gate = new Gate();
    const run = sandbox.run({ ...base, ...waitingFor(gate) });
    await until(() => sandbox.stats().awaitingBindings === 1);
    const stopped = sandbox.stop(300_000);
    gate.open();
    await stopped;
    expect(await run).toMatchObject({ status: 'completed', result: 7 });
  });

  test('stop() during start() ends the processes that are being started', async () => {
    const { sandbox } = sandboxWith({ processes: { min: 3, max: 3 } });
    const started = sandbox.start();
    await sandbox.stop();
    await started;
    expect(sandbox.stats().processes).toEqual({ starting: 0, idle: 0, busy: 0, draining: 0 });
  });

  const parents = [
    ['idle', ''],
    [
      'waiting',
      "sandbox.run({ ...base, source: 'await wait()', bindings: ['wait'], callBinding: () => new Promise(() => {}) });",
    ],
    ['computing', "sandbox.run({ ...base, source: 'for (;;);' });"],
    [
      'in a call that cannot be interrupted',
      "sandbox.run({ ...base, source: 'return [].includes.call({ length: 2 ** 53 - 1 }, 1)' });",
    ],
  ] as const;
  test.each(inShortOneIn(3, parents))(
    'a killed parent leaves no sandbox process that is %s',
    async (_, act) => {
      const busy = act ? 1 : 0;
      const entry = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox');
      const program = `const { ScriptSandbox } = require(${JSON.stringify(entry)});
      const base = { tenantId: 't', scriptId: 's', version: 1 };
      const sandbox = new ScriptSandbox({
        limits: { timeoutMs: 300_000, bindingTimeoutMs: 300_000 }, processes: { min: 1, max: 1 },
        onEvent: (e) => e.pid && console.log(e.pid),
      });
      const look = () => sandbox.stats().processes.busy === ${busy} && console.log('ready');
      sandbox.start().then(() => { ${act} setInterval(look, 100); });`;
      const parent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      parent.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      await until(() => output.includes('ready'));
      const pid = Number(output.split('\n')[0]);
      expect(isAlive(pid)).toBe(true);
      parent.kill('SIGKILL');
      await until(() => !isAlive(pid));
    },
  );

  test('a host process without other work ends although its pool is warm', () => {
    const entry = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox');
    const program = `const { ScriptSandbox } = require(${JSON.stringify(entry)});
      new ScriptSandbox().run({ source: 'return 1 + 1', tenantId: 't', scriptId: 's', version: 1 }).then((o) => console.log(o.result));`;
    expect(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 100_000 })).toBe(
      '2\n',
    );
  });
});

describe('invalid input of the sandbox:', () => {
  test.each([
    [{ limits: { timeoutMs: 0 } }, /limits.timeoutMs = 0 must be a whole number from 1/],
    [{ limits: { memoryMb: NaN, depth: 1.5 } }, /memoryMb = NaN .*; limits.depth = 1.5/],
    [{ processes: { min: 3, max: 2 } }, /processes.max = 2 is less than processes.min = 3/],
    [{ limits: { timeout: 5 } as never }, /limits.timeout = 5 is not an option/],
    [{ isolation: 'vm' as never }, /isolation = "vm" must be one of context, isolate, compartment/],
  ])('options %j are refused', (options, message) => {
    expect(() => new ScriptSandbox(options)).toThrow(SandboxOptionsError);
    expect(() => new ScriptSandbox(options)).toThrow(message);
  });

  test.each<[Partial<SandboxRun>, RegExp]>([
    [{ tenantId: undefined as never }, /tenantId is undefined/],
    [{ tenantId: '' }, /tenantId is empty/],
    [{ scriptId: ' ' }, /scriptId is blank/],
    [{ version: 1.5 }, /version = 1.5/],
    [{ inputText: '{' }, /inputText is not JSON/],
    [{ input: 1n as never }, /input can't be converted to JSON/],
    [{ limits: { timeoutMs: -1 } }, /limits.timeoutMs = -1/],
    [{ bindings: ['a.b'] }, /callBinding is missing/],
    [{ bindings: ['ctx.find'], callBinding: () => Promise.resolve(1) }, /reserved name ctx/],
    [{ bindings: ['a', 'a.b'], callBinding: () => Promise.resolve(1) }, /also the first part/],
    [{ bindings: ['a); process.exit('], callBinding: () => Promise.resolve(1) }, /is not a dotted name/],
  ])('a run with %j is refused', async (over, message) => {
    const { sandbox } = sandboxWith();
    await expect(sandbox.run({ ...base, ...over })).rejects.toThrow(message);
  });

  test.each<[string, Partial<SandboxRun>]>([
    ['larger than inputBytes', { inputText: JSON.stringify('x'.repeat(300_000)) }],
    ['deeper than depth', { inputText: '['.repeat(101) + ']'.repeat(101) }],
    ['given as JsonText that is not JSON', { input: new JsonText('{') }],
  ])('a run with an input %s ends as rejected', async (_, over) => {
    const { sandbox } = sandboxWith();
    expect(await sandbox.run({ ...base, ...over })).toMatchObject({ error: { kind: 'rejected' } });
  });
});

describe('the check of a source by the pool', () => {
  test('finds a syntax error with its line', async () => {
    const { sandbox } = sandboxWith();
    expect(await sandbox.check('return await 1')).toBeNull();
    expect(await sandbox.check('const a = 1;\nconst a = 2;')).toEqual({
      message: "Identifier 'a' has already been declared",
      line: 2,
    });
    expect(await sandbox.check('}; }); (function () { return async function () {')).toMatchObject({
      message: expect.any(String),
    });
  });
});
