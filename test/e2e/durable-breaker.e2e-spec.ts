import { EventBuffer, DomainEventPublisher, ScriptHealthService } from '../../lib/index.js';
import { ScriptSandbox } from '../../lib/sandbox/index.js';
import { ScriptIndex } from '../../lib/scripts/script-index.js';
import { describeInFull, itInFull } from '../support/test-form.js';
import { Gate, waitFor } from '../support/wait-for.js';
import { jobs, sharedDurableHosts } from './support/durable-host.js';
import { ADA, type ExecutionRow, type TestHost } from './support/test-host.js';

/** Fails for negative numbers. */
const SCRIPT = `if (ctx.input.userId < 0) throw new Error('negative'); return [ctx.input.email, ctx.input.userId];`;

const event = (userId: number, email = 'a') => ({ ...ADA, tenantId: 'acme', userId, email });
const publish = (host: TestHost, userId: number, email?: string) =>
  host.get(DomainEventPublisher).publish('user.created', event(userId, email), { tenantId: 'acme' });
const health = (host: TestHost) => host.get(ScriptHealthService);
const index = (host: TestHost) => host.get(ScriptIndex);

const known = (hosts: readonly TestHost[], script: string) =>
  waitFor('all know the script', () => hosts.every((host) => index(host).get(script)));

/** Lets the script fail on both nodes until the breaker has disabled it and both nodes know that. */
async function disable(hosts: readonly [TestHost, TestHost], script: string): Promise<void> {
  for (let failure = 1; failure <= 4; failure++)
    await publish(hosts[failure % 2 ? 0 : 1], -failure, `bad ${failure}`);
  await waitFor(
    'it is disabled',
    async () => (await health(hosts[0]).get('acme', script)).state === 'disabled',
  );
  await waitFor('both have heard of it', () => hosts.every((host) => !index(host).get(script)));
  // The breaker counts a run before its record and its dead letter are stored.
  await waitFor(
    'all is stored',
    async () => (await hosts[0].executions(script)).length === 4 && (await jobs(hosts[0])).length === 0,
  );
}

const completedOf = (rows: readonly ExecutionRow[]): [string, number][] =>
  rows.filter(({ status }) => status === 'completed').map(({ result }) => result as [string, number]);

describe('a script that keeps failing, on two nodes with a durable buffer', () => {
  const hostsOf = sharedDurableHosts({
    breaker: { maxFailures: 4 },
    retry: { maxRetries: 0, interval: '200ms' },
    sandbox: { maxProcesses: 2 },
  });

  it('is disabled on both nodes by their failures together; later events are held, and run once each after a resume', async () => {
    const hosts = hostsOf();
    const [one, two] = hosts;
    const heard = hosts.map((host) => host.heard('script.disabled'));
    const script = await one.script(SCRIPT);
    await known(hosts, script);
    await disable(hosts, script);
    const ran = (await one.executions(script)).length;

    for (let userId = 1; userId <= 10; userId++) await publish(userId % 2 ? one : two, userId);
    for (let userId = 11; userId <= 20; userId++)
      (userId % 2 ? one : two).emit('user.created', event(userId));
    const held = async () => (await one.deadLetters(script)).filter(({ reason }) => reason === 'held');
    await waitFor('all of it is kept', async () => (await held()).length === 20);
    await waitFor('nothing waits in the queue', async () => (await jobs(one)).length === 0);
    expect((await two.executions(script)).length).toBe(ran);
    await waitFor('it is alerted', () => heard.flat().length > 0);
    expect(heard.flat()).toHaveLength(1);

    const resumption = await health(two).resume('acme', script, { by: 'ada' });
    expect(resumption).toMatchObject({
      script: { status: 'active' },
      held: 20,
      exhausted: 0,
      replayed: 20,
      discarded: 0,
    });
    await waitFor('all of it ran', async () => completedOf(await one.executions(script)).length === 20);
    const numbers = completedOf(await one.executions(script)).map(([, userId]) => userId);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    await waitFor('nothing is left to do', async () =>
      (await held()).every(({ status }) => status === 'resolved'),
    );
  });

  // Only in the full form: breaker.e2e-spec.ts proves the same with one node.
  itInFull('runs its failed events again, too, when it is resumed with replay "failed"', async () => {
    const hosts = hostsOf();
    const [one, two] = hosts;
    const script = await one.script(
      `if (ctx.execution.attempt === 1) throw new Error('the service is down'); return [ctx.input.email, ctx.input.userId];`,
    );
    await known(hosts, script);
    await disable(hosts, script);
    await publish(two, 1);
    await waitFor('it is kept', async () =>
      (await one.deadLetters(script)).some(({ reason }) => reason === 'held'),
    );
    const failed = (await one.deadLetters(script)).filter(({ status }) => status === 'exhausted').length;
    const { exhausted, replayed, held } = await health(one).resume('acme', script, {
      by: 'ada',
      replay: 'failed',
    });
    expect({ exhausted, replayed, held }).toEqual({ exhausted: failed, replayed: failed + 1, held: 1 });
    await waitFor('what failed ran', async () => completedOf(await two.executions(script)).length === failed);
  });

  itInFull(
    'keeps the order of events within each key while it is disabled and after it is resumed',
    async () => {
      const hosts = hostsOf();
      const [one, two] = hosts;
      const script = await one.script(SCRIPT, { orderingKey: 'email' });
      await known(hosts, script);
      await disable(hosts, script);

      for (let userId = 1; userId <= 6; userId++) {
        await publish(userId % 2 ? one : two, userId, 'published');
        one.emit('user.created', event(userId, 'emitted'));
      }
      // The first event of each key is held; those behind it keep their places.
      await waitFor('both keys are held', async () => {
        const held = (await one.deadLetters(script)).filter(({ reason }) => reason === 'held');
        return held.length === 2 && two.get(EventBuffer).stats().limited?.ordered === 10;
      });

      await health(one).resume('acme', script, { by: 'ada' });
      await waitFor('all of it ran', async () => completedOf(await one.executions(script)).length === 12);
      const order = completedOf(await one.executions(script));
      for (const key of ['published', 'emitted'])
        expect(order.filter(([email]) => email === key).map(([, userId]) => userId)).toEqual([
          1, 2, 3, 4, 5, 6,
        ]);
    },
  );
});

describeInFull('a degraded script, on two nodes with a durable buffer', () => {
  const hostsOf = sharedDurableHosts({
    breaker: { maxFailures: 20 },
    retry: { maxRetries: 0 },
    sandbox: { maxProcesses: 2 },
  });

  it('runs one event at a time over both nodes, and several at a time after it is resumed', async () => {
    const hosts = hostsOf();
    const [one, two] = hosts;
    const script = await one.script(
      `if (ctx.input.userId < 0) throw new Error('negative');
      const end = Date.now() + 60; while (Date.now() < end); return [ctx.input.email, ctx.input.userId];`,
    );
    await known(hosts, script);
    const running = watchRuns(hosts);
    for (let failure = 1; failure <= 12; failure++) await publish(failure % 2 ? one : two, -failure);
    await waitFor('both know that it is degraded', () =>
      hosts.every((host) => index(host).get(script)?.degraded),
    );
    await waitFor('the failures are over', async () => (await one.executions(script)).length === 12);

    running.most = 0;
    // Fewer completions than would make it healthy again.
    for (let userId = 1; userId <= 8; userId++) await publish(userId % 2 ? one : two, userId);
    await waitFor('all ran', async () => completedOf(await one.executions(script)).length === 8);
    expect(running.most).toBe(1);

    await health(two).resume('acme', script, { by: 'ada' });
    await waitFor('both know that it is well', () =>
      hosts.every((host) => !index(host).get(script)?.degraded),
    );
    running.together = new Gate();
    for (let userId = 9; userId <= 24; userId++) await publish(userId % 2 ? one : two, userId);
    await waitFor('all ran', async () => completedOf(await one.executions(script)).length === 24);
    expect(running.most).toBeGreaterThan(1);
  });

  /** Counts the runs that both nodes have at the same time. With `together`, no run goes on before there are two. */
  function watchRuns(hosts: readonly TestHost[]) {
    const counts: { most: number; together?: Gate } = { most: 0 };
    let running = 0;
    for (const host of hosts) {
      const sandbox = host.get(ScriptSandbox);
      const run = sandbox.run.bind(sandbox);
      jest.spyOn(sandbox, 'run').mockImplementation(async (request) => {
        counts.most = Math.max(counts.most, ++running);
        if (running > 1) counts.together?.open();
        await counts.together?.opened;
        return run(request).finally(() => running--);
      });
    }
    return counts;
  }
});
