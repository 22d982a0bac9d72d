import { ScriptSandbox, SandboxStartError } from '../../lib/sandbox/index.js';
import type { SandboxEvent } from '../../lib/sandbox/index.js';

// A child that cannot be started, as when isolated-vm is missing.
jest.mock('../support/child-entry', () => ({
  CHILD_ENTRY: __filename.replace('crash-loop', 'no-such-file'),
}));

describe('a sandbox whose processes cannot be started', () => {
  const events: SandboxEvent[] = [];
  const sandbox = new ScriptSandbox({
    processes: { min: 1, max: 2 },
    permissions: false,
    onEvent: (event) => events.push(event),
  });
  afterAll(() => sandbox.stop());

  test('start rejects and says what the process said', async () => {
    await expect(sandbox.start()).rejects.toThrow(SandboxStartError);
    await expect(sandbox.start()).rejects.toThrow(/is isolated-vm installed.*no-such-file/s);
  });

  test('restarts back off, and the crash loop is reported with the time of the next attempt', () => {
    const loops = events.flatMap((event) => (event.type === 'crash-loop' ? [event.failures] : []));
    expect(loops[0]).toBe(5);
    const ends = events.filter((event) => event.type === 'process-ended');
    expect(ends.every((event) => event.reason === 'start-failed')).toBe(true);
    expect(ends.length).toBeLessThan(12);
    expect(events.find((event) => event.type === 'crash-loop')).toMatchObject({ retryInMs: 1_600 });
  });

  test('stats tell the crash loop, how long it has gone on and when the next attempt comes', () => {
    const { crashLoop } = sandbox.stats();
    expect(crashLoop?.failures).toBeGreaterThanOrEqual(5);
    expect(crashLoop?.retryInMs).toBeLessThanOrEqual(30_000);
    expect(new ScriptSandbox().stats().crashLoop).toBeNull();
  });

  test('a run ends as crashed instead of waiting for ever', async () => {
    const run = { source: 'return 1', tenantId: 't', scriptId: 's', version: 1 };
    expect(await sandbox.run(run)).toMatchObject({ status: 'failed', error: { kind: 'crashed' } });
    await expect(sandbox.check('return 1')).rejects.toThrow(SandboxStartError);
  });
});
