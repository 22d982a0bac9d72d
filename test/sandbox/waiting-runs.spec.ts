import { ScriptSandbox } from '../../lib/sandbox/index.js';
import { waitFor } from '../support/wait-for.js';

const MAX = 3;

describe('runs that wait for bindings', () => {
  let sandbox: ScriptSandbox;
  let answer: () => void;
  let calls: number;
  beforeEach(async () => {
    // So long that no call times out while further processes start.
    const limits = { timeoutMs: 60_000, bindingTimeoutMs: 60_000 };
    sandbox = new ScriptSandbox({ processes: { min: 1, max: MAX }, limits });
    await sandbox.start();
    calls = 0;
  });
  afterEach(() => sandbox.stop());

  const begin = (tenantId: string, source: string, answered?: Promise<void>) =>
    sandbox.run({
      source,
      input: 1,
      tenantId,
      scriptId: `${tenantId} ${source}`,
      version: 1,
      bindings: ['slow.call'],
      callBinding: async () => {
        calls += 1;
        await answered;
        return 'answered';
      },
    });

  it('of one tenant leave a process to other tenants, and all of them complete', async () => {
    const call = 'return slow.call();';
    // The pool has seen another tenant before, and that the script calls a binding.
    await begin('globex', 'return 1;');
    await begin('acme', call);
    calls = 0;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const waiting = Array.from({ length: 2 * MAX }, () => begin('acme', call, answered));
    await waitFor('all but one of the processes wait', () => calls === MAX - 1);
    for (let run = 0; run < 5; run++)
      expect(await begin('globex', 'return 2;')).toMatchObject({ status: 'completed', result: 2 });
    expect(calls).toBe(MAX - 1);
    answer();
    for (const { status } of await Promise.all(waiting)) expect(status).toBe('completed');
  });

  it('may occupy all processes while no other tenant runs anything', async () => {
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const waiting = Array.from({ length: MAX }, () => begin('acme', 'return slow.call();', answered));
    await waitFor('all of the processes wait', () => calls === MAX);
    answer();
    for (const { status } of await Promise.all(waiting)) expect(status).toBe('completed');
  });
});
