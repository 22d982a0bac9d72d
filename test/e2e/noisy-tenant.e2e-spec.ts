import { EventBuffer, type ScriptsEventModuleOptions } from '../../lib/index.js';
import { onBothBuffers } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { durableHost } from './support/durable-host.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA, TestHost } from './support/test-host.js';

/** One event of the host leads to this many queued events: 40 scripts for each of 30 published ones. */
const LISTENERS = 40;
const SIZE = 200;
const STORM = "for (let k = 0; k < 30; k++) events.publish('storm.blows', { k }); return 1;";

const emitted = (tenantId: string, userId: number) => ({ ...ADA, tenantId, userId });

/** Endless scripts of another tenant fill the queue and occupy as many workers as they may. */
async function inAStorm(overflow: 'dead-letter' | 'drop', logger: RecordedLog): Promise<TestHost> {
  const host = await TestHost.start({
    // The breaker would end the storm, and these tests are not about retries.
    options: {
      buffer: { size: SIZE, workerCount: 4, overflow },
      sandbox: { maxProcesses: 4 },
      breaker: { enabled: false },
      retry: { interval: '1h' },
      events: { maxExecutionsPerRoot: 100_000 },
      shutdownTimeout: '100ms',
    },
    logger,
  });
  await host.script(STORM, { tenantId: 'loud' });
  for (let i = 0; i < LISTENERS; i++)
    await host.script('for (;;);', { tenantId: 'loud', eventTypes: ['storm.blows'] });
  const script = await host.script('return ctx.input.userId;', { tenantId: 'quiet' });
  host.emit('user.created', emitted('loud', 1));
  const stats = () => host.get(EventBuffer).stats();
  await waitFor('the storm fills the queue', () => stats().depth >= SIZE - 10 && stats().busy === 3);
  for (let userId = 1; userId <= 20; userId++) host.emit('user.created', emitted('quiet', userId));
  expect((await host.executed(20, script)).map(({ status }) => status)).toEqual(Array(20).fill('completed'));
  return host;
}

type Start = (options: ScriptsEventModuleOptions) => Promise<TestHost>;
const BUFFERS: [[string, Start], [string, Start]] = [
  ['in memory', (options) => TestHost.start({ options })],
  ['that is durable', (options) => durableHost(options as object)],
];

describe.each(onBothBuffers(BUFFERS))('with a buffer %s, long runs of several tenants', (_buffer, start) => {
  it('leave a worker and a sandbox process to the others', async () => {
    const host = await start({
      buffer: { workerCount: 4 },
      sandbox: { maxProcesses: 4, timeout: '1m' },
      shutdownTimeout: '100ms',
    });
    const loud = ['loud 1', 'loud 2', 'loud 3', 'loud 4'];
    const quiet = await host.script('return ctx.input.userId;', { tenantId: 'quiet' });
    for (const tenantId of loud) {
      // Its first run computes for some tenths of a second, so it is heavy for longer than the test takes.
      const script = await host.script(
        'for (let n = 0; n < 4e8; n++); if (ctx.input.userId > 1) for (;;); return 1;',
        { tenantId },
      );
      host.emit('user.created', emitted(tenantId, 1));
      await host.executed(1, script);
    }
    for (const tenantId of loud) host.emit('user.created', emitted(tenantId, 2));
    const hasThreeBusy = () => host.get(EventBuffer).stats().busy === 3;
    await waitFor('they have all they may', hasThreeBusy);
    for (let userId = 1; userId <= 20; userId++) host.emit('user.created', emitted('quiet', userId));
    const ran = await host.executed(20, quiet);
    expect(ran.map(({ status }) => status)).toEqual(Array(20).fill('completed'));
    await waitFor('they have no more than before', hasThreeBusy);
    await host.close();
  });
});

describe('a flood of one tenant’s events', () => {
  it("does not stop another tenant's events; the events that do not fit in the queue are kept as dead letters", async () => {
    const host = await inAStorm('dead-letter', new RecordedLog());
    const kept = await host.deadLetters();
    expect(new Set(kept.map(({ tenantId }) => tenantId))).toEqual(new Set(['loud']));
    expect(kept.every(({ reason }) => reason === 'overflow')).toBe(true);
    // Of 1,200 events of the flood, those that neither wait nor run are dead letters, including those that left the queue for the
    // other tenant.
    expect(kept.length).toBeGreaterThanOrEqual(30 * LISTENERS - SIZE - 20);
    await host.close();
  });

  it('is logged in few lines with the tenant and the number of dropped events, if the host has chosen to drop', async () => {
    const logger = new RecordedLog();
    const host = await inAStorm('drop', logger);
    await host.close();
    const lines = logger.lines.filter((line) => line.includes('were dropped'));
    expect(lines.length).toBeLessThanOrEqual(3);
    expect(lines.every((line) => line.includes('tenant loud'))).toBe(true);
    const dropped = lines.map((line) => Number(/: (\d+) queued events/.exec(line)?.[1]));
    expect(dropped.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(30 * LISTENERS - SIZE - 20);
  });
});
