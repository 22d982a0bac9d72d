import { InMemoryMetricsRecorder, ScriptService } from '../../lib/index.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA, TestHost } from './support/test-host.js';

const EVENT = { ...ADA, tenantId: 'acme' };
/** 60 KB that a script makes: a search takes 7,500 steps. */
const PUBLISHER = `events.publish('acme.big', { a: 'a'.repeat(60000) }); return 1;`;
const filterOf = (script: number) => ({
  or: Array.from({ length: 60 }, (_, at) => ({ a: { contains: `zz${script}-${at}` } })),
});

describe('filters that take too long on an event', () => {
  it('leave it as a dead letter of reason undecided for each script, while the others run', async () => {
    const log = new RecordedLog();
    const host = await TestHost.start({ logger: log });
    await host.script(PUBLISHER);
    const hostile: string[] = [];
    for (let at = 0; at < 3; at += 1)
      hostile.push(
        await host.script('return 1', {
          eventTypes: ['acme.big'],
          filters: filterOf(at),
          name: `Dear ${at}`,
        }),
      );
    const plain = await host.script('return ctx.input.a.length', { eventTypes: ['acme.big'] });
    host.emit('user.created', EVENT);

    const [run] = await host.executed(1, plain);
    expect(run).toMatchObject({ status: 'completed', result: 60_000 });
    const letters = await waitFor('each is kept', async () => {
      const kept = (await host.deadLetters()).filter(({ reason }) => reason === 'undecided');
      return kept.length === 3 ? kept : undefined;
    });
    expect(letters.map(({ scriptId }) => scriptId).toSorted()).toEqual(hostile.toSorted());
    expect(letters[0]).toMatchObject({ status: 'exhausted', eventType: 'acme.big' });
    expect(letters[0]?.error).toContain('200000 steps');
    expect(host.get(InMemoryMetricsRecorder).eventMetrics()).toMatchObject({ eventsUndecided: 3 });
    const lines = log.of('warn').filter((line) => line.includes('takes too many steps'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/script "Dear 0" \([0-9a-f-]{36}\) and of 2 more of tenant acme /);
  });

  it('say so in a test run, which holds nobody up for longer than two filters', async () => {
    const host = await TestHost.start();
    const id = await host.script('return 1', { eventTypes: ['acme.big'], filters: filterOf(0) });
    const input = { a: 'a'.repeat(60_000) };
    const result = await host.get(ScriptService).testRun('acme', id, { eventType: 'acme.big', input });
    expect(result.routing).toMatchObject({ wouldRun: false, filter: { undecided: true, matched: false } });
    expect(result.routing.reasons).toEqual([expect.stringMatching(/^Not decided/)]);
  });

  it('lose no event when the application stops before they have been asked', async () => {
    const host = await TestHost.with({ events: { types: { 'order.placed': { fields: ['a'] } } } });
    for (let at = 0; at < 4; at += 1)
      await host.script('return 1', { eventTypes: ['order.placed'], filters: filterOf(at) });
    const big = { tenantId: 'acme', a: 'a'.repeat(60_000) };
    for (let at = 0; at < 3; at += 1) host.emit('order.placed', big);
    await host.close();
    const letters = await host.deadLetters();
    expect(letters).toHaveLength(12);
    expect(new Set(letters.map(({ reason }) => reason))).toEqual(new Set(['undecided']));
  });
});
