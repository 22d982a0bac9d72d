import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Outcome, ProcessLimits, SandboxRun } from '../../lib/sandbox/index.js';
import { HeavyTenants } from '../../lib/sandbox/process/heavy-tenants.js';
import { RunExchange } from '../../lib/sandbox/process/run-exchange.js';
import { limitTests } from '../support/time-limits.js';
import { waitFor } from '../support/wait-for.js';

limitTests('busy');

/** Computes for some hundreds of milliseconds, so its tenant is heavy for longer than a test takes. */
const LONG = 'let sum = 0; for (let n = 0; n < 1e8; n++) sum = (sum * 31 + n) | 0; return typeof sum;';
const LOOP = 'for (;;);';
const HEAVY = ['heavy 1', 'heavy 2', 'heavy 3', 'heavy 4'];
const COMPLETED = { status: 'completed' };

describe('heavy tenants', () => {
  let sandbox: ScriptSandbox;
  let controller: AbortController;

  const run = (tenantId: string, source: string, more: Partial<SandboxRun> = {}): Promise<Outcome> =>
    sandbox.run({ source, tenantId, scriptId: source, version: 1, ...more });
  const endless = (
    tenants: readonly string[],
    source = LOOP,
    more: Partial<SandboxRun> = {},
  ): Promise<Outcome[]> =>
    Promise.all(tenants.map((tenantId) => run(tenantId, source, { signal: controller.signal, ...more })));
  const endAll = async (loops: Promise<Outcome[]>): Promise<void> => {
    controller.abort();
    for (const outcome of await loops) expect(outcome).toMatchObject({ error: { kind: 'cancelled' } });
  };
  const completeLightRuns = async (): Promise<void> => {
    for (let n = 0; n < 5; n++) expect(await run(`light ${n}`, 'return 1')).toMatchObject(COMPLETED);
  };

  async function start(processes: Partial<ProcessLimits>): Promise<void> {
    // Less than a test may take, so that a run that hangs says how it ended.
    sandbox = new ScriptSandbox({ processes, limits: { timeoutMs: 50_000, bindingTimeoutMs: 50_000 } });
    controller = new AbortController();
    await sandbox.start();
    // The pool keeps nothing for others before it knows of a second tenant.
    expect(await run('light 0', 'return 1')).toMatchObject(COMPLETED);
    expect(await run('light 1', 'return 1')).toMatchObject(COMPLETED);
  }
  /** Makes `HEAVY` heavy without the long runs that it takes. */
  const makeHeavy = (): void =>
    void jest.spyOn(HeavyTenants.prototype, 'has').mockImplementation((id) => HEAVY.includes(id));
  afterEach(async () => {
    jest.restoreAllMocks();
    controller.abort();
    await sandbox.stop();
  });

  test('are those whose runs computed for long; they leave one of two processes to the others, however many of them loop', async () => {
    await start({ min: 2, max: 2, computing: 2 });
    for (const outcome of await Promise.all(HEAVY.map((tenant) => run(tenant, LONG))))
      expect(outcome).toMatchObject(COMPLETED);
    const loops = endless(HEAVY);
    await waitFor('one loop runs and the others wait', () => sandbox.stats().queued === HEAVY.length - 1);
    await completeLightRuns();
    expect(sandbox.stats()).toMatchObject({ queued: HEAVY.length - 1, processes: { busy: 1, idle: 1 } });
    await endAll(loops);
  });

  test('have their waiting runs begin as soon as they are no longer heavy, whatever loops', async () => {
    const ran = jest.spyOn(HeavyTenants.prototype, 'ran');
    await start({ min: 2, max: 2, computing: 2 });
    const heavy = ran.mock.contexts[0]!;
    ran.mockRestore();
    const outcome = await run('light 0', 'return 1');
    const computedFor = (cpuMs: number): Outcome => ({ ...outcome, metrics: { ...outcome.metrics, cpuMs } });
    heavy.ran('heavy 1', computedFor(5_000));
    heavy.ran('heavy for a moment', computedFor(25));
    const loop = endless(['heavy 1']);
    const short = run('heavy for a moment', 'return 1');
    expect(sandbox.stats()).toMatchObject({ queued: 1, processes: { busy: 1, idle: 1 } });
    expect(await short).toMatchObject(COMPLETED);
    expect(sandbox.stats()).toMatchObject({ queued: 0, processes: { busy: 1, idle: 1 } });
    await endAll(loop);
  });

  test('leave the place that one more run has beside long ones to the other tenants', async () => {
    await start({ min: 3, max: 3, computing: 1 });
    makeHeavy();
    const loops = endless(HEAVY);
    await completeLightRuns();
    expect(sandbox.stats()).toMatchObject({ queued: HEAVY.length - 1, processes: { busy: 1 } });
    await endAll(loops);
  });

  test('leave a process to the other tenants when they loop after they waited for bindings together', async () => {
    await start({ min: 4, max: 4, computing: 1 });
    makeHeavy();
    let calls = 0;
    let answer!: () => void;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const callBinding = async (): Promise<null> => {
      calls += 1;
      await answered;
      return null;
    };
    const loops = endless(HEAVY, `await crm.find(); ${LOOP}`, { bindings: ['crm.find'], callBinding });
    await waitFor('all of them wait that may', () => calls === 3);
    await completeLightRuns();
    answer();
    await waitFor('all of them loop', () => sandbox.stats().awaitingBindings === 0);
    await completeLightRuns();
    expect(sandbox.stats()).toMatchObject({ queued: 1, processes: { busy: 3, idle: 1 } });
    await endAll(loops);
  });

  test.each([1, 2])(
    'have all of their runs completed when no other tenant runs (%i processes)',
    async (max) => {
      await start({ min: max, max, computing: 2 });
      makeHeavy();
      const runs = [...HEAVY, ...HEAVY].map((tenantId) => run(tenantId, 'return 1'));
      expect(await Promise.all(runs)).toMatchObject(runs.map(() => COMPLETED));
    },
  );

  test('have their turns while other tenants have runs all the time', async () => {
    await start({ min: 2, max: 2, computing: 2 });
    makeHeavy();
    const ended = Promise.all(HEAVY.map((tenantId) => run(tenantId, 'return 1')));
    const over = new AbortController();
    void ended.then(() => over.abort());
    const flood = async (tenantId: string): Promise<void> => {
      while (!over.signal.aborted) expect(await run(tenantId, 'return 1')).toMatchObject(COMPLETED);
    };
    await Promise.all(Array.from({ length: 20 }, (_, n) => flood(`light ${n}`)));
    expect(await ended).toMatchObject(HEAVY.map(() => COMPLETED));
  });

  test('have no run ahead behind theirs', async () => {
    await start({ min: 1, max: 1, computing: 1 });
    makeHeavy();
    const giveAhead = jest.spyOn(RunExchange.prototype, 'giveAhead');
    const loop = endless(['heavy 1']);
    const others = [run('light 0', 'return 1'), run('heavy 1', 'return 1')];
    await endAll(loop);
    expect(await Promise.all(others)).toMatchObject([COMPLETED, COMPLETED]);
    expect(giveAhead).not.toHaveBeenCalled();
  });
});
