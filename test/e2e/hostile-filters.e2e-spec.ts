import {
  DeadLetterService,
  InMemoryMetricsRecorder,
  ScriptService,
  TestRunService,
} from '../../lib/index.js';
import { ScriptIndex } from '../../lib/scripts/script-index.js';
import { durableHost } from './support/durable-host.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA, TestHost } from './support/test-host.js';

const EVENT = { ...ADA, tenantId: 'acme' };
/** Publishes an event with 60 KB of text, in which one search takes 7,500 steps. */
const PUBLISHER = `events.publish('acme.big', { a: 'a'.repeat(60000) }); return 1;`;
const filterOf = (script: number) => ({
  or: Array.from({ length: 60 }, (_, at) => ({ a: { contains: `zz${script}-${at}` } })),
});

describe('filters that need too many steps on an event', () => {
  it('make it one dead letter of reason undecided for all their scripts, while other scripts run', async () => {
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
    const letter = await host.deadLetter('exhausted');
    expect(letter).toMatchObject({ reason: 'undecided', eventType: 'acme.big', eventCount: 3 });
    expect(letter.error).toContain('200000 steps');
    const service = host.get(DeadLetterService);
    for (const scriptId of hostile) expect(await service.count('acme', { scriptId })).toBe(1);
    expect(await host.deadLetters()).toHaveLength(1);
    expect(host.get(InMemoryMetricsRecorder).eventMetrics()).toMatchObject({ eventsUndecided: 3 });
    const lines = log.of('warn').filter((line) => line.includes('needs too many steps'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/script "Dear 0" \([0-9a-f-]{36}\) and of 2 more of tenant acme /);
  });

  it('make a test run report that the filter is undecided', async () => {
    const host = await TestHost.start();
    const id = await host.script('return 1', { eventTypes: ['acme.big'], filters: filterOf(0) });
    const input = { a: 'a'.repeat(60_000) };
    const result = await host.get(TestRunService).run('acme', id, { type: 'acme.big', input });
    expect(result.routing).toMatchObject({ wouldRun: false, filter: { undecided: true, matched: false } });
    expect(result.routing.reasons).toEqual([expect.stringMatching(/^Undecided/)]);
  });

  it('lose no event when the application stops before they are evaluated', async () => {
    const host = await TestHost.with({ events: { types: { 'order.placed': { fields: ['a'] } } } });
    for (let at = 0; at < 4; at += 1)
      await host.script('return 1', { eventTypes: ['order.placed'], filters: filterOf(at) });
    const big = { tenantId: 'acme', a: 'a'.repeat(60_000) };
    for (let at = 0; at < 3; at += 1) host.emit('order.placed', big);
    await host.close();
    const letters = await host.deadLetters();
    expect(letters.map(({ reason, eventCount }) => [reason, eventCount])).toEqual(
      Array.from({ length: 3 }, () => ['undecided', 4]),
    );
  });

  it.each(['memory', 'durable'] as const)(
    'are evaluated again by a replay, which runs the scripts that match or are still undecided (%s buffer)',
    async (mode) => {
      const events = { types: { 'order.placed': { fields: ['a'] } } };
      const host = await (mode === 'memory' ? TestHost.with({ events }) : durableHost({ events }));
      const hostile: string[] = [];
      for (let at = 0; at < 3; at += 1)
        hostile.push(await host.script('return 1', { eventTypes: ['order.placed'], filters: filterOf(at) }));
      const [yes = '', no = '', dear = ''] = hostile;
      host.emit('order.placed', { tenantId: 'acme', a: 'a'.repeat(60_000) });
      const letter = await host.deadLetter('exhausted');
      expect(letter).toMatchObject({ reason: 'undecided', eventCount: 3 });
      const scripts = host.get(ScriptService);
      await scripts.update('acme', yes, { filters: { a: { startsWith: 'aa' } } });
      await scripts.update('acme', no, { filters: { a: { startsWith: 'bb' } } });
      await waitFor('the filters are known', () => {
        const index = host.get(ScriptIndex);
        return index.decide(yes, { a: 'aa' }) === true && index.decide(no, { a: 'aa' }) === false;
      });

      await host.get(DeadLetterService).replay('acme', letter.id, { by: 'ada' });
      const ended = await waitFor('all three have ended', async () => {
        const letters = await host.deadLetters();
        return letters.length === 3 && letters.every(({ status }) => status === 'resolved') && letters;
      });
      const last = new Map(ended.map(({ scriptId, attempts }) => [scriptId, attempts.at(-1)?.kind]));
      expect(Object.fromEntries(last)).toEqual({ [yes]: 'completed', [no]: 'filtered', [dear]: 'completed' });
      const ran = (await host.executions()).map(({ scriptId }) => scriptId);
      expect(ran.toSorted()).toEqual([yes, dear].toSorted());
    },
  );
});
