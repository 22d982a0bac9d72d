import { inShortOneIn } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { sandboxChildren } from '../support/sandbox-processes.js';
import { HeldScripts, HOLD, HOLDING } from './support/held-scripts.js';
import { ADA, TestHost } from './support/test-host.js';

describe('a sandbox process that is killed', () => {
  it('loses no event: each of its runs fails as crashed, is retried and completes', async () => {
    // Both processes run something when they are killed, so no dying process can get a run.
    const options = { buffer: { workerCount: 2 }, sandbox: { minProcesses: 2, maxProcesses: 2 } };
    const host = await TestHost.start({ options, providers: [HeldScripts] });
    const script = await host.script(
      `if (ctx.execution.attempt === 1 && ctx.input.userId <= 2) ${HOLD} return ctx.input.userId;`,
      HOLDING,
    );
    for (const userId of [1, 2, 3, 4]) host.emit('user.created', { ...ADA, tenantId: 'acme', userId });
    await host.get(HeldScripts).held(2);
    for (const pid of await sandboxChildren()) process.kill(pid, 'SIGKILL');

    await waitFor('all four have completed', async () => {
      const done = (await host.executions(script)).filter(({ status }) => status === 'completed');
      return done.length === 4;
    });
    const rows = await host.executions(script);
    const results = rows.filter(({ status }) => status === 'completed').map(({ result }) => Number(result));
    expect(results.toSorted()).toEqual([1, 2, 3, 4]);
    expect(rows.filter(({ status }) => status === 'failed').map(({ errorKind }) => errorKind)).toEqual([
      'crashed',
      'crashed',
    ]);
    await waitFor('both dead letters are resolved', async () =>
      (await host.deadLetters()).every(({ status }) => status === 'resolved'),
    );
    const kept = await host.deadLetters();
    expect(kept.map(({ reason, errorKind }) => [reason, errorKind])).toEqual([
      ['failed', 'crashed'],
      ['failed', 'crashed'],
    ]);
  });
});

describe("a tenant's hostile script", () => {
  const HOSTILE = [
    ['an endless loop', 'for (;;);', 'timeout', 300],
    ['a memory bomb', 'const kept = []; for (;;) kept.push(new Array(1e6).fill(0.5));', 'memory', 60_000],
  ] as const;

  it.each(inShortOneIn(2, HOSTILE))(
    'fails as %s, and each event of another tenant completes at the first attempt',
    async (_name, source, kind, timeoutMs) => {
      const host = await TestHost.with({ sandbox: { maxProcesses: 4 }, retry: { maxRetries: 0 } });
      const hostile = await host.script(source, { tenantId: 'mallory', limits: { timeoutMs } });
      const honest = await host.script('return ctx.input.userId;', { tenantId: 'acme' });
      host.emit('user.created', { ...ADA, tenantId: 'mallory' });
      host.emit('user.created', { ...ADA, tenantId: 'mallory' });
      for (let userId = 1; userId <= 20; userId++)
        host.emit('user.created', { ...ADA, tenantId: 'acme', userId });

      const rows = await host.executed(20, honest);
      expect(rows.every(({ status, attempt }) => status === 'completed' && attempt === 1)).toBe(true);
      const failed = await host.executed(2, hostile);
      expect(failed.map(({ errorKind }) => errorKind)).toEqual([kind, kind]);
      await waitFor('both are exhausted', async () => {
        const letters = await host.deadLetters();
        return letters.length === 2 && letters.every(({ status }) => status === 'exhausted');
      });
      expect((await host.deadLetters()).every(({ tenantId }) => tenantId === 'mallory')).toBe(true);
    },
  );
});
