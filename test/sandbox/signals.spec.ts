import { readFileSync } from 'node:fs';
import { HOST_SIGNALS } from '../../lib/sandbox/host-signals.js';
import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { SandboxEvent } from '../../lib/sandbox/index.js';
import { sandboxChildren } from '../support/sandbox-processes.js';
import { inShortOneIn } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';

/** The process group, from a line of `/proc/<pid>/stat`: after the name come state, parent, process group and session. */
const groupOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
};

describe('a signal to all processes of a host', () => {
  const events: SandboxEvent[] = [];
  const sandboxOf = (min: number): ScriptSandbox => {
    events.length = 0;
    return new ScriptSandbox({ processes: { min, max: min }, onEvent: (event) => events.push(event) });
  };

  test.each(inShortOneIn(2, HOST_SIGNALS))(
    'ends neither waiting and computing runs nor idle processes: %s',
    async (signal) => {
      const sandbox = sandboxOf(1);
      await sandbox.start();
      const [pid] = await sandboxChildren();
      process.kill(pid!, signal);
      const reached: string[] = [];
      const callBinding = async (name: string): Promise<null> => {
        reached.push(name);
        process.kill(pid!, signal);
        process.kill(pid!, signal);
        return null;
      };
      const source =
        'await host.one(); const end = Date.now() + 200; while (Date.now() < end); await host.two(); return 7';
      const bindings = ['host.one', 'host.two'];
      const run = sandbox.run({ source, tenantId: 't', scriptId: 's', version: 1, bindings, callBinding });
      // At least one, because on a slow machine the script may be at its second call by now.
      await waitFor('the script computes', () => reached.length >= 1);
      process.kill(pid!, signal);
      expect(await run).toMatchObject({ status: 'completed', result: 7 });
      expect(await sandboxChildren()).toEqual([pid]);
      await sandbox.stop();
      expect(events.map(({ type }) => type)).toEqual(['process-started', 'process-ended']);
    },
  );

  test('does not reach a sandbox process when it goes to the group of the host', async () => {
    const sandbox = sandboxOf(1);
    await sandbox.start();
    const [pid] = await sandboxChildren();
    expect(groupOf(pid!)).toBe(pid);
    await sandbox.stop();
  });

  test('does not count as a crash loop if it ends processes that are starting', async () => {
    const sandbox = sandboxOf(6);
    const started = sandbox.start();
    await waitFor('all have been forked', async () => (await sandboxChildren()).length === 6);
    for (const pid of await sandboxChildren()) process.kill(pid, 'SIGTERM');
    await started;
    expect(sandbox.stats().crashLoop).toBeNull();
    expect(events.some(({ type }) => type === 'crash-loop')).toBe(false);
    await sandbox.stop();
  });
});
