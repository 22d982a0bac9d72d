import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Outcome, SandboxEvent } from '../../lib/sandbox/index.js';
import { FULL, inShortOneIn } from '../support/test-form.js';
import { Gate, waitFor } from '../support/wait-for.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

/** The input says what a run does, because only runs of the same script are sent ahead. */
const SOURCE = `
const { what, n } = ctx.input;
if (what === 'loop') for (;;);
if (what === 'uninterruptible') return [].includes.call({ length: 2 ** 53 - 1 }, 1);
if (what === 'grow') { const grown = []; for (;;) grown.push(new Array(1e5).fill(n)); }
if (what === 'touch') globalThis.touched = (globalThis.touched ?? 0) + 1;
if (what === 'throw') throw new Error('thrown by ' + n);
if (what === 'log') sdk.log.info('logged by ' + n);
return [n, globalThis.touched ?? 0];
`;

/** How many of the runs end badly. */
const UNCLEAN = FULL ? 3 : 2;

const OF_AN_UNCLEAN_END: Record<string, string> = {
  loop: 'timeout',
  uninterruptible: 'timeout',
  grow: 'memory',
};

/** The expected outcome of a run. */
function endOf(what: string, n: number): object {
  const kind = OF_AN_UNCLEAN_END[what];
  if (kind !== undefined) return { error: { kind } };
  if (what === 'throw') return { error: { kind: 'runtime', message: `thrown by ${n}` } };
  const logs = what === 'log' ? [`logged by ${n}`] : [];
  return { status: 'completed', result: [n, what === 'touch' ? 1 : 0], logs };
}

describe('many runs of one script at the same time', () => {
  const events: SandboxEvent[] = [];
  let sandbox: ScriptSandbox;
  const run = (what: string, n: number, signal?: AbortSignal): Promise<Outcome> =>
    sandbox.run({
      source: SOURCE,
      input: { what, n },
      tenantId: 't',
      scriptId: 's',
      version: 1,
      limits: { timeoutMs: OF_AN_UNCLEAN_END[what] === 'timeout' ? 400 : 120_000 },
      ...(signal && { signal }),
    });

  beforeEach(async () => {
    events.length = 0;
    sandbox = new ScriptSandbox({
      processes: { min: 1, max: 1, computing: 1 },
      limits: { memoryMb: 32 },
      onEvent: (event) => events.push(event),
    });
    await sandbox.start();
  });
  afterEach(() => sandbox.stop());

  test.each(inShortOneIn(3, ['', 'log', 'touch', 'throw', 'loop', 'grow', 'uninterruptible']))(
    'have the outcome that each should have, while others of them do this: "%s"',
    async (what) => {
      const others = what in OF_AN_UNCLEAN_END ? UNCLEAN : 30;
      const every = what in OF_AN_UNCLEAN_END ? 10 : 2;
      const runs = Array.from({ length: others * every }, (_, n) => run(n % every === 0 ? what : 'plain', n));
      const messagesOf = ({ logs }: Outcome): string[] => logs.map(({ message }) => message);
      const outcomes = (await Promise.all(runs)).map((outcome) => ({
        ...outcome,
        logs: messagesOf(outcome),
      }));
      expect(outcomes).toMatchObject(runs.map((_, n) => endOf(n % every === 0 ? what : 'plain', n)));
      const blamed = events.filter((event) => event.type === 'process-killed').length;
      expect(blamed).toBe(what === 'uninterruptible' ? others : 0);
    },
  );

  test('can be cancelled one by one while they wait, and the others go on', async () => {
    const controllers = Array.from({ length: 20 }, () => new AbortController());
    const runs = controllers.map(({ signal }, n) => run('plain', n, signal));
    for (const [n, controller] of controllers.entries()) if (n % 3 === 1) controller.abort();
    for (const [n, outcome] of (await Promise.all(runs)).entries()) {
      expect(outcome).toMatchObject(
        n % 3 === 1 ? { error: { kind: 'cancelled' } } : { status: 'completed', result: [n, 0] },
      );
    }
    expect(events.filter(({ type }) => type === 'process-ended')).toEqual([]);
  });

  test('all complete, in order, although processes are replaced after a number of runs', async () => {
    await sandbox.stop();
    sandbox = new ScriptSandbox({ processes: { min: 1, max: 1, computing: 1, maxRuns: 5 } });
    await sandbox.start();
    const order: number[] = [];
    const runs = Array.from({ length: 23 }, async (_, n) => {
      const outcome = await run('plain', n);
      order.push(n);
      return outcome;
    });
    expect((await Promise.all(runs)).every(({ status }) => status === 'completed')).toBe(true);
    expect(order).toEqual(Array.from({ length: 23 }, (_, n) => n));
    expect(sandbox.stats().runs).toBe(23);
    // A run that was withdrawn may have begun, and counts for its process. The system may remove the last of the old
    // processes only after the next one has run the rest.
    await waitFor('four processes were replaced', () => (sandbox.stats().restarts.aged ?? 0) >= 4);
  });

  test('can wait for bindings at the same time', async () => {
    await sandbox.stop();
    sandbox = new ScriptSandbox({ processes: { min: 1, max: 4, computing: 1 } });
    await sandbox.start();
    const gate = new Gate();
    const wait = () => gate.opened.then(() => null);
    const runs = Array.from({ length: 9 }, (_, n) =>
      sandbox.run({
        source: 'if (ctx.input.n % 3 > 0) await wait(); return ctx.input.n',
        input: { n },
        tenantId: 't',
        scriptId: 's',
        version: 1,
        limits: { timeoutMs: 300_000, bindingTimeoutMs: 300_000 },
        bindings: ['wait'],
        callBinding: wait,
      }),
    );
    await waitFor('as many wait as there are processes', () => sandbox.stats().awaitingBindings === 4);
    gate.open();
    expect(await Promise.all(runs)).toMatchObject(
      runs.map((_, n) => ({ status: 'completed', result: n, metrics: { bindingCalls: n % 3 > 0 ? 1 : 0 } })),
    );
  });

  test('take turns with a run of another tenant', async () => {
    const order: string[] = [];
    const many = Array.from({ length: 6 }, async (_, n) => {
      await run('plain', n);
      order.push('many');
    });
    const other = sandbox
      .run({ source: 'return 1', tenantId: 'other', scriptId: 'o', version: 1 })
      .then(() => order.push('other'));
    await Promise.all([...many, other]);
    expect(order.indexOf('other')).toBeLessThanOrEqual(2);
  });
});
