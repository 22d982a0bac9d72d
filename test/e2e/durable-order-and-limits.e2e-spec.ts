import { DeadLetterService, EventBuffer, ScriptBinding, DomainEventPublisher } from '../../lib/index.js';
import { ScriptIndex } from '../../lib/scripts/script-index.js';
import { itInFull } from '../support/test-form.js';
import { Gate, waitFor } from '../support/wait-for.js';
import { durableHost, sharedDurableHosts } from './support/durable-host.js';
import { HeldScripts, HOLD, HOLDING } from './support/held-scripts.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

const SPIN = (ms: number) => `const end = Date.now() + ${ms}; while (Date.now() < end);`;

const publish = (host: TestHost, userId: number, email = 'a', tenantId = 'acme') =>
  host.get(DomainEventPublisher).publish('user.created', { ...ADA, userId, email }, { tenantId });

/** Two applications on one database, each with two sandbox processes. */
async function twoHosts(options: Parameters<typeof durableHost>[0] = {}): Promise<[TestHost, TestHost]> {
  const several = { ...options, sandbox: { maxProcesses: 2 } };
  const one = await durableHost(several, undefined, [HeldScripts]);
  return [one, await durableHost(several, one.database, [HeldScripts])];
}

const known = (host: TestHost, script: string) =>
  waitFor('the other application knows the script', () => host.get(ScriptIndex).get(script));

/** A binding whose calls end when two of them are under way, on either node. */
class Meeting {
  private static readonly both = new Gate();
  private static arrived = 0;

  @ScriptBinding('meeting.others')
  async others(): Promise<void> {
    if ((Meeting.arrived += 1) === 2) Meeting.both.open();
    await Meeting.both.opened;
  }
}

describe('on two nodes', () => {
  /** Hosts without retries, for tests that need no other options. */
  const hosts = sharedDurableHosts({ retry: { maxRetries: 0 }, sandbox: { maxProcesses: 2 } }, [Meeting]);

  describe('a script with an ordering key', () => {
    it('runs the events of each key in the order in which two nodes published them', async () => {
      const [one, two] = hosts();
      const script = await one.script(`${SPIN(20)} return [ctx.input.email, ctx.input.userId];`, {
        orderingKey: 'email',
      });
      await known(two, script);
      for (let userId = 1; userId <= 6; userId++) {
        for (const email of ['a', 'b']) await publish(userId % 2 ? one : two, userId, email);
      }
      const rows = (await one.executed(12, script)).map(({ result }) => result as [string, number]);
      for (const email of ['a', 'b']) {
        const order = rows.filter(([key]) => key === email).map(([, userId]) => userId);
        expect(order).toEqual(Array.from({ length: 6 }, (_, i) => i + 1));
      }
    });

    it('runs nothing more of a key after a failure, until either node closes the dead letter', async () => {
      const [one, two] = hosts();
      const script = await one.script(
        `if (ctx.input.userId === 1 && ctx.execution.attempt === 1) throw new Error('first'); return ctx.input.userId;`,
        { orderingKey: 'email' },
      );
      await known(two, script);
      for (const userId of [1, 2, 3]) await publish(one, userId);
      const letter = await one.deadLetter('exhausted', script);
      await publish(one, 9, 'another key');
      await waitFor('another key runs', async () => (await one.executions(script)).length === 2);
      await waitFor('what waits is visible', () => two.get(EventBuffer).stats().limited?.ordered === 2);

      await two.get(DeadLetterService).replay('acme', letter.id, { by: 'ann' });
      await waitFor('the key goes on', async () => (await one.executions(script)).length === 5);
      const order = (await one.executions(script)).filter(({ status }) => status === 'completed');
      expect(order.map(({ result }) => result)).toEqual([9, 1, 2, 3]);
      expect(order.map(({ trigger }) => trigger)).toEqual(['event', 'replay', 'event', 'event']);
    });

    it('goes on with the next event of a key after a failure with onOrderedFailure "skip"', async () => {
      const [host] = hosts();
      const script = await host.script(
        `if (ctx.input.userId === 1) throw new Error('first'); return ctx.input.userId;`,
        { orderingKey: 'email', onOrderedFailure: 'skip' },
      );
      for (const userId of [1, 2, 3]) await publish(host, userId);
      const rows = await host.executed(3, script);
      expect(rows.map(({ status, result }) => [status, result])).toEqual([
        ['failed', null],
        ['completed', 2],
        ['completed', 3],
      ]);
      expect(await host.deadLetters(script)).toHaveLength(1);
    });

    it('runs events without the field at the same time', async () => {
      const [host] = hosts();
      const script = await host.script('await meeting.others(); return 1;', {
        orderingKey: 'order.id',
        bindings: ['meeting.others'],
      });
      for (const userId of [1, 2]) await publish(host, userId);
      const rows = await host.executed(2, script);
      expect(rows.map(({ status }) => status)).toEqual(['completed', 'completed']);
    });
  });

  describe('limits', () => {
    it('on the runs of a script at the same time hold over all nodes', async () => {
      const [one, two] = hosts();
      const script = await one.script(`${SPIN(60)} return [Date.now() - 60, Date.now()];`, {
        maxConcurrency: 1,
      });
      await known(two, script);
      for (let userId = 1; userId <= 8; userId++) await publish(userId % 2 ? one : two, userId);
      const spans = (await one.executed(8, script)).map(({ result }) => result as [number, number]);
      const sorted = spans.toSorted(([a], [b]) => a - b);
      expect(sorted.every(([begin], i) => i === 0 || begin >= sorted[i - 1]![1])).toBe(true);
    });

    // Only in the full form: "on the runs of a tenant hold" of test/integration/durable/limits.spec.ts proves the same.
    itInFull(
      'on the runs of a tenant hold over all nodes, delay no other tenant, and are visible in the figures of the buffer',
      async () => {
        const limits = {
          tenantRuns: 1,
          forTenant: (id: string) => (id === 'plus' ? { runs: null } : undefined),
        };
        const [one, two] = await twoHosts({ limits });
        const held = await one.script(`${HOLD} return 1;`, HOLDING);
        await known(two, held);
        for (const userId of [1, 2, 3]) await publish(one, userId);
        await waitFor(
          'what waits is visible',
          () => one.get(EventBuffer).stats().limited?.['tenant-busy'] === 2,
        );
        const plus = await one.script('return 1;', { tenantId: 'plus' });
        await publish(one, 1, 'a', 'plus');
        await one.executed(1, plus);
        expect(await one.executions(held)).toEqual([]);
        for (const host of [one, two]) host.get(HeldScripts).release();
        await one.executed(3, held);
      },
    );

    // Only in the full form: "on runs per minute are never exceeded" of test/integration/durable/limits.spec.ts proves the same.
    itInFull('on the runs of a script per minute hold over all nodes', async () => {
      const [one, two] = await twoHosts();
      const script = await one.script('return 1;', { runsPerMinute: 3 });
      await known(two, script);
      const firstMinute = await minuteOf(one);
      for (let userId = 1; userId <= 12; userId++) await publish(userId % 2 ? one : two, userId);
      await waitFor('all have run or wait', async () => {
        const waiting = (await one.database.dataSource.query(`SELECT FROM scripts_event_waiting
        WHERE reason = 'script-rate'`)) as unknown[];
        const ran = (await Promise.all([one, two].map((host) => host.executions(script))))[0]!.length;
        return ran >= 3 && waiting.length + ran === 12;
      });
      const ran = (await one.executions(script)).length;
      const minutes = (await minuteOf(one)) - firstMinute + 1;
      expect(ran).toBeLessThanOrEqual(3 * minutes);
      await waitFor('both see what waits', () =>
        [one, two].every((host) => (host.get(EventBuffer).stats().limited?.['script-rate'] ?? 0) > 0),
      );
    });
  });
});

/** The current minute by the database's clock, in which runs are counted. */
async function minuteOf({ database }: TestHost): Promise<number> {
  const [row] = await database.dataSource.query<[{ minute: number }]>(
    `SELECT floor(extract(epoch FROM now()) / 60)::integer AS minute`,
  );
  return row.minute;
}

describe('with the memory buffer', () => {
  const shared = sharedHost(() =>
    TestHost.start({
      options: { limits: { tenantRuns: 1 }, sandbox: { maxProcesses: 2 } },
      providers: [HeldScripts],
    }),
  );

  it('a script with an ordering key is refused when it is saved', async () => {
    await expect(shared().script('return 1;', { orderingKey: 'email' })).rejects.toMatchObject({
      issues: [
        { path: 'orderingKey', code: 'unsupported', message: expect.stringContaining('graphile-worker') },
      ],
    });
  });

  it('a stored script with an ordering key does not run, and the index lists it as broken', async () => {
    const one = await durableHost();
    const script = await one.script('return 1;', { orderingKey: 'email' });
    await one.close();
    const two = await TestHost.start({ database: one.database });
    expect(two.get(ScriptIndex).stats().broken).toMatchObject([
      { id: script, message: expect.stringContaining('graphile-worker') },
    ]);
    expect(await publish(two, 1)).toMatchObject({ matched: 0 });
  });

  it('a limit on the runs of a tenant holds within the process', async () => {
    const host = shared();
    const scripts = [await host.script(HOLD, HOLDING), await host.script(HOLD, HOLDING)];
    await publish(host, 1);
    await host.get(HeldScripts).held(1);
    expect(host.get(EventBuffer).stats()).toMatchObject({ busy: 1, depth: 1, limited: { 'tenant-busy': 1 } });
    host.get(HeldScripts).release();
    for (const script of scripts) await host.executed(1, script);
  });
});
