import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptSandbox, SandboxStartError } from '../../lib/sandbox/index.js';
import type { SandboxEvent } from '../../lib/sandbox/index.js';
import { waitFor } from '../support/wait-for.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

// A child that can't be started, as if isolated-vm is missing.
const mockEntry = join(tmpdir(), `no-such-file-${process.pid}.js`);
jest.mock('../support/child-entry', () => ({
  get CHILD_ENTRY() {
    return mockEntry;
  },
}));

describe('a sandbox whose processes cannot be started', () => {
  const events: SandboxEvent[] = [];
  const sandbox = new ScriptSandbox({
    processes: { min: 1, max: 1 },
    permissions: false,
    onEvent: (event) => events.push(event),
  });
  afterAll(() => sandbox.stop());

  test('rejects start() with the output of the process', async () => {
    await expect(sandbox.start()).rejects.toThrow(SandboxStartError);
    await expect(sandbox.start()).rejects.toThrow(/Check that isolated-vm is installed.*no-such-file/s);
  });

  test('waits longer between restarts, and reports the crash loop with the time of the next attempt', () => {
    const loops = events.flatMap((event) => (event.type === 'crash-loop' ? [event.failures] : []));
    expect(loops[0]).toBe(5);
    const ends = events.filter((event) => event.type === 'process-ended');
    expect(ends.every((event) => event.reason === 'start-failed')).toBe(true);
    expect(ends.length).toBeLessThan(12);
    expect(events.find((event) => event.type === 'crash-loop')).toMatchObject({ retryInMs: 1_600 });
  });

  test('reports the number of failures and the time of the next attempt in stats()', () => {
    const { crashLoop } = sandbox.stats();
    expect(crashLoop?.failures).toBeGreaterThanOrEqual(5);
    expect(crashLoop?.retryInMs).toBeLessThanOrEqual(30_000);
    expect(new ScriptSandbox().stats().crashLoop).toBeNull();
  });

  test('ends a run as crashed instead of letting it wait forever', async () => {
    const run = { source: 'return 1', tenantId: 't', scriptId: 's', version: 1 };
    const outcome = await sandbox.run(run);
    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'crashed' } });
    // A tenant reads the outcome, so it must not contain the output of the process, which names files of the host.
    expect(JSON.stringify(outcome)).not.toContain('no-such-file');
    await expect(sandbox.check('return 1')).rejects.toThrow(SandboxStartError);
  });

  test('starts processes again by itself when the fault is gone', async () => {
    const entry = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox', 'child', 'main.js');
    writeFileSync(mockEntry, `require(${JSON.stringify(entry)});`);
    try {
      await waitFor('a process is warm', () => sandbox.stats().processes.idle > 0);
      const run = { source: 'return 1', tenantId: 't', scriptId: 's', version: 1 };
      expect(await sandbox.run(run)).toMatchObject({ status: 'completed', result: 1 });
      await expect(sandbox.start()).resolves.toBeUndefined();
    } finally {
      rmSync(mockEntry);
    }
  });
});

describe('a sandbox whose program is deleted while it runs, as by a deployment in place', () => {
  const entry = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox', 'child', 'main.js');
  const run = { source: 'return 1', tenantId: 't', scriptId: 's', version: 1 };
  const events: SandboxEvent[] = [];
  const sandbox = new ScriptSandbox({
    processes: { min: 1, max: 1 },
    permissions: false,
    onEvent: (event) => events.push(event),
  });
  beforeAll(async () => {
    writeFileSync(mockEntry, `require(${JSON.stringify(entry)});`);
    await sandbox.start();
  });
  afterAll(async () => {
    await sandbox.stop();
    rmSync(mockEntry, { force: true });
  });

  test('does not throw in the host when a process ends, reports a crash loop, and goes on when the program is back', async () => {
    const started = events.find((event) => event.type === 'process-started');
    rmSync(mockEntry);
    process.kill(started!.pid, 'SIGKILL');
    await waitFor('the crash loop is told', () => sandbox.stats().crashLoop);
    expect(events.find((event) => event.type === 'crash-loop')).toMatchObject({
      message: expect.stringMatching(/The program of the sandbox is missing at \S*no-such-file/),
    });
    expect(await sandbox.run(run)).toMatchObject({ status: 'failed', error: { kind: 'crashed' } });

    writeFileSync(mockEntry, `require(${JSON.stringify(entry)});`);
    await waitFor('a process is warm', () => sandbox.stats().processes.idle > 0);
    expect(await sandbox.run(run)).toMatchObject({ status: 'completed', result: 1 });
  });
});
