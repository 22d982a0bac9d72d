import type { ScriptEvent } from '../../lib/index.js';
import { waitFor } from '../support/wait-for.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

const EVENT = { ...ADA, tenantId: 'acme' };

describe('a chain of events that scripts publish', () => {
  const shared = sharedHost();

  it('ends as a dead letter with the reason loop when it returns to one of its scripts', async () => {
    const host = shared();
    const ping = await host.script(`events.publish('ball.pinged', {});`, {
      eventTypes: ['user.created', 'ball.ponged'],
    });
    const pong = await host.script(`events.publish('ball.ponged', {});`, { eventTypes: ['ball.pinged'] });
    host.emit('user.created', EVENT);

    const letter = await host.deadLetter('exhausted', ping);
    expect(letter).toMatchObject({ reason: 'loop', eventType: 'ball.ponged', retryCount: 0 });
    expect(letter.error).toContain('already run');
    await host.idle();
    expect(await host.executions(ping)).toHaveLength(1);
    expect(await host.executions(pong)).toHaveLength(1);
    expect(await host.deadLetters()).toHaveLength(1);
  });

  it('ends when a script listens to every type and publishes an event itself', async () => {
    const host = shared();
    const all = await host.script(`events.publish('seen.' + ctx.event.type, {});`, { eventTypes: ['**'] });
    const seen = await host.script(`events.publish('noted', {});`, { eventTypes: ['seen.**'] });
    host.emit('user.created', EVENT);

    const letter = await host.deadLetter('exhausted', all);
    expect(letter).toMatchObject({ reason: 'loop', error: expect.stringContaining('already run') });
    await host.idle();
    expect(await host.executions(all)).toHaveLength(1);
    expect(await host.executions(seen)).toHaveLength(1);
  });

  it('ends at the depth limit when it may return to its scripts', async () => {
    const host = await TestHost.with({ events: { onCycle: 'allow', maxDepth: 3 } });
    const script = await host.script(`events.publish('step.taken', {}); return ctx.event.depth;`, {
      eventTypes: ['user.created', 'step.taken'],
    });
    host.emit('user.created', EVENT);
    const letter = await host.deadLetter('exhausted', script);
    expect(letter).toMatchObject({ reason: 'loop', error: expect.stringContaining('longer than 3') });
    expect((await host.executed(4, script)).map(({ result }) => result)).toEqual([0, 1, 2, 3]);
  });

  it('ends when the budget of its first event is used up, as one dead letter with a count, if each run publishes several events', async () => {
    const host = await TestHost.with({
      events: { onCycle: 'allow', maxDepth: 100, maxExecutionsPerRoot: 10 },
      buffer: { size: 1000 },
    });
    const script = await host.script(
      `events.publish('cell.divided', {}); events.publish('cell.divided', {});`,
      {
        eventTypes: ['user.created', 'cell.divided'],
      },
    );
    host.emit('user.created', EVENT);
    await waitFor('each of ten runs has published', async () => {
      const published = 2 * (await host.executions(script)).length;
      const letters = await host.deadLetters(script);
      const kept = letters.reduce((sum, { eventCount }) => sum + eventCount, 0);
      // Each event is the first one or was published, and each ran or was kept.
      return published > 2 && kept > 0 && published / 2 + kept === 1 + published;
    });
    const runs = (await host.executions(script)).length;
    expect(runs).toBeGreaterThan(1);
    expect(runs).toBeLessThanOrEqual(10);
    expect(await host.deadLetters(script)).toMatchObject([{ reason: 'loop', loopRoot: expect.any(String) }]);
  });
});

describe('publishing by a script', () => {
  const shared = sharedHost(() =>
    TestHost.with({
      events: { types: { 'order.shipped': { fields: ['orderId'] } } },
      retry: { maxRetries: 0 },
    }),
  );

  it.each([
    ['payment.completed', 'payment.completed'],
    ['order.shipped', 'order.shipped'],
    ['script.execution.completed', 'script.execution.completed'],
    ['script.event', 'script.event'],
    ['an invalid type', 'type must be a name such as'],
  ])(
    'an event of %s makes the script fail, and reaches neither the host nor another script',
    async (type, problem) => {
      const host = shared();
      const heard = host.heard<ScriptEvent>('script.event');
      const victim = await host.script('return ctx.input;', {
        eventTypes: ['payment.completed', 'order.shipped'],
      });
      const forger = await host.script(`events.publish(${JSON.stringify(type)}, { amount: 1, orderId: 1 });`);
      host.emit('user.created', EVENT);
      const letter = await host.deadLetter('exhausted', forger);
      expect(letter.error).toContain(problem);
      expect(await host.executions(forger)).toMatchObject([{ status: 'failed', errorLine: 1 }]);
      await host.idle();
      expect(heard).toEqual([]);
      expect(await host.executions(victim)).toEqual([]);
    },
  );

  it('does not deliver an event if the run fails', async () => {
    const host = shared();
    const heard = host.heard<ScriptEvent>('script.event');
    const script = await host.script(`events.publish('offer.made', {}); throw new Error('after all not');`);
    host.emit('user.created', EVENT);
    await host.deadLetter('exhausted', script);
    expect(heard).toEqual([]);
  });

  it('takes tenant and cause from the host process, whatever the payload says', async () => {
    const host = shared();
    const heard = host.heard<ScriptEvent>('script.event');
    await host.script(
      `events.publish('offer.made', { tenantId: 'globex', depth: -9, cause: { depth: -9 } });`,
    );
    const theirs = await host.script('return 1;', { tenantId: 'globex', eventTypes: ['offer.made'] });
    const ours = await host.script('return ctx.event.depth;', { eventTypes: ['offer.made'] });
    host.emit('user.created', EVENT);
    expect(await host.executed(1, ours)).toMatchObject([{ tenantId: 'acme', result: 1 }]);
    expect(heard).toMatchObject([{ tenantId: 'acme', depth: 1 }]);
    expect(await host.executions(theirs)).toEqual([]);
  });
});
