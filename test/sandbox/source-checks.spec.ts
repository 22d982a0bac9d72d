import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { SandboxEvent } from '../../lib/sandbox/index.js';
import { SandboxStartError } from '../../lib/sandbox/index.js';
import { FULL, inShortOneIn, itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

const KIB_100 = 100 * 1024;
const filled = (unit: string): string => unit.repeat(Math.floor(KIB_100 / unit.length));
/** Sources within the limit for which the compiler needs many seconds. */
const SLOW = {
  'sets without a class': filled(`/[${String.raw`\p{L}`.repeat(20)}]/iv;`),
  'sets of sequences': filled(String.raw`/[\p{RGI_Emoji}--\q{a}]/iv;`),
};
/** How many hostile sources are checked. They are checked one at a time, so most of them end after the others. */
const HOSTILE = FULL ? 3 : 2;
/** Each round ends two processes, and six have ended in the test before. */
const ROUNDS = 3;
/** Sources that look dangerous, and are checked in time. */
const ANSWERED = {
  'nests lists': `return ${'['.repeat(40_000)}${']'.repeat(40_000)}`,
  'nests templates': `return ${'`${'.repeat(20_000)}1${'}`'.repeat(20_000)}`,
  'nests functions': '() => {'.repeat(10_000) + '}'.repeat(10_000),
  'has many templates': filled('`a${1}b`;'),
  'has many names': Array.from({ length: 9_000 }, (_, n) => `let v${n}=${n};`)
    .join('')
    .slice(0, KIB_100),
  'has one huge regular expression': `/${'(a|b)*'.repeat(16_000)}/`,
  'has a chain of operators': `return ${'1+'.repeat(50_000)}1`,
  'has a chain of arrows': `return ${'a=>'.repeat(30_000)}1`,
};

describe('the check of a source', () => {
  const events: SandboxEvent[] = [];
  const sandbox = new ScriptSandbox({
    processes: { min: 1, max: 2, computing: 1 },
    onEvent: (event) => events.push(event),
  });
  const run = { source: 'return 1', tenantId: 'good', scriptId: 's', version: 1 };

  beforeAll(() => sandbox.start());
  afterAll(() => sandbox.stop());

  // Each row takes six seconds of processor time, so the short form has only the first.
  test.each(Object.entries(SLOW).slice(0, FULL ? undefined : 1))(
    'is stopped if it takes long (%s), reports that as a problem of the source, and holds up no other tenant',
    async (_, source) => {
      const order: string[] = [];
      const done = (name: string) => (answer: unknown) => {
        order.push(name);
        return answer;
      };
      const hostile = Array.from({ length: HOSTILE }, (_unused, n) =>
        sandbox.check(source + ' '.repeat(n), { tenantId: 'evil' }).then(done('hostile')),
      );
      const outcome = sandbox.run(run).then(done('run'));
      const check = sandbox.check('return 1', { tenantId: 'good' }).then(done('check'));

      expect(await outcome).toMatchObject({ status: 'completed', result: 1 });
      expect(await check).toBeNull();
      for (const problem of await Promise.all(hostile)) {
        expect(problem).toMatchObject({ code: 'too-slow', message: expect.stringContaining('2\u00a0s') });
      }
      expect(order.filter((name) => name === 'hostile')).toHaveLength(HOSTILE);
      expect(order.indexOf('run')).toBeLessThan(order.indexOf('hostile') + 2);
      expect(order.slice(1 - HOSTILE)).toEqual(Array(HOSTILE - 1).fill('hostile'));
      expect(sandbox.blame()).toEqual([]);
      expect(sandbox.stats()).toMatchObject({ crashLoop: null, killed: 0, restarts: {} });
    },
  );

  // Only in the full form: the test before ends two processes, too.
  itInFull(
    'blames no script and counts no failed start if it ends its process, and the pool goes on',
    async () => {
      for (let n = 0; n < ROUNDS; n++) {
        await Promise.all(
          ['a', 'b'].map((tenantId) => sandbox.check(SLOW['sets of sequences'], { tenantId })),
        );
      }
      expect(sandbox.blame()).toEqual([]);
      expect(sandbox.stats()).toMatchObject({ crashLoop: null, killed: 0, restarts: {} });
      expect(events.filter(({ type }) => type === 'crash-loop' || type === 'process-killed')).toEqual([]);
      expect(await sandbox.run(run)).toMatchObject({ status: 'completed' });
    },
  );

  test.each(inShortOneIn(2, Object.entries(ANSWERED)))(
    'has a result for a source that %s',
    async (_, source) => {
      expect(source.length).toBeLessThanOrEqual(KIB_100 + 20);
      const problem = await sandbox.check(source, { tenantId: 'deep' });
      expect(problem?.message ?? 'it compiles').toEqual(expect.any(String));
      expect(await sandbox.check('return 1', { tenantId: 'deep' })).toBeNull();
      expect(sandbox.blame()).toEqual([]);
    },
  );

  test('takes place while all processes of the pool compute', async () => {
    const controller = new AbortController();
    const busy = sandbox.run({ ...run, source: 'for (;;);', signal: controller.signal });
    expect(await sandbox.check('return await 1')).toBeNull();
    controller.abort();
    expect(await busy).toMatchObject({ error: { kind: 'cancelled' } });
  });

  test('is refused when the sandbox stops during it, and after the stop', async () => {
    const own = new ScriptSandbox({ onEvent: (event) => events.push(event) });
    const under = own.check(SLOW['sets of sequences'], { tenantId: 'a' });
    const waiting = own.check('return 1', { tenantId: 'a' });
    const ends = Promise.allSettled([under, waiting]);
    await own.stop();
    for (const end of await ends) expect(end).toMatchObject({ reason: expect.any(SandboxStartError) });
    await expect(own.check('return 1')).rejects.toThrow(SandboxStartError);
  });
});

describe('a source that was never checked', () => {
  const sandbox = new ScriptSandbox({ processes: { min: 1, max: 1 } });
  afterAll(() => sandbox.stop());

  test('is compiled within the time limit of its own run, and its script is blamed', async () => {
    const outcome = await sandbox.run({
      source: SLOW['sets of sequences'],
      tenantId: 'evil',
      scriptId: 'slow',
      version: 1,
      limits: { timeoutMs: 500 },
    });
    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'timeout' } });
    expect(sandbox.blame()).toMatchObject([{ tenantId: 'evil', scriptId: 'slow' }]);
  });
});

describe('a process that checks sources', () => {
  it('takes no more of them maxAgeMs after its first one, and another process takes its place', async () => {
    const ends: SandboxEvent[] = [];
    const started: SandboxEvent[] = [];
    const sandbox = new ScriptSandbox({
      processes: { min: 0, max: 1, maxAgeMs: 1_000 },
      onEvent: (event) => void (event.type === 'process-started' ? started : ends).push(event),
    });
    // One check after the other, so that the process is hardly ever idle.
    while (started.length < 2) expect(await sandbox.check('return 1')).toBeNull();
    // The system may remove the old process only after the next one is ready.
    await waitFor('the first one has ended', () => ends.length > 0);
    expect(ends).toMatchObject([{ type: 'process-ended', reason: 'expired' }]);
    await waitFor('the other one ends, too, while it is idle', () => ends.length === 2);
    expect(ends[1]).toMatchObject({ reason: 'expired' });
    await sandbox.stop();
    expect(started).toHaveLength(2);
  });
});
