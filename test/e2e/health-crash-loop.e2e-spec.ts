import { ScriptsEventHealth } from '../../lib/index.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { sandboxChildren } from '../support/sandbox-processes.js';
import { ADA, TestHost } from './support/test-host.js';

/** Whether the program of the next child is missing, as if the installation was damaged while the application runs. */
let damaged = false;
jest.mock('../support/child-entry', () => {
  const { CHILD_ENTRY } = jest.requireActual<{ CHILD_ENTRY: string }>('../support/child-entry');
  return {
    get CHILD_ENTRY() {
      return damaged ? `${CHILD_ENTRY}.gone` : CHILD_ENTRY;
    },
  };
});

describe('sandbox processes that cannot be started any more', () => {
  afterEach(() => (damaged = false));

  it('make the health report down with the reason, and up when they can be started again', async () => {
    const host = await TestHost.start({ logger: new RecordedLog(), warmsSandbox: true });
    const health = host.get(ScriptsEventHealth);
    await host.script('return 1;');
    await waitFor('all is up', async () => (await health.check()).status === 'up');

    damaged = true;
    for (const child of await sandboxChildren()) process.kill(child, 'SIGKILL');
    const report = await waitFor('it is down', async () => {
      const seen = await health.check();
      return seen.status === 'down' ? seen : undefined;
    });
    expect(report.summary).toMatch(/^down; sandbox is down: \d+ processes in a row failed on their own/);
    expect(report.components.sandbox.figures.failedStarts).toBeGreaterThanOrEqual(5);
    expect(report.components.database.status).toBe('up');

    damaged = false;
    await waitFor('it is up again', async () => (await health.check()).status === 'up');
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    await host.executed(1);
  });
});
