import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Outcome, SandboxRun } from '../../lib/sandbox/index.js';
import { RunExchange } from '../../lib/sandbox/process/run-exchange.js';
import { FULL, inShortOneIn } from '../support/test-form.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

/** One source for all runs, so that a run can be sent ahead to any process. */
const SOURCE = `
const { what, own } = ctx.input;
sdk.log.info(own);
events.publish('a.b', { own });
if (what === 'loop') for (;;);
if (what === 'uninterruptible') return [].includes.call({ length: 2 ** 53 - 1 }, 1);
if (what === 'grow') { const grown = []; for (;;) grown.push(new Array(1e5).fill(own)); }
if (what === 'touch') globalThis.touched = own;
if (what === 'throw') throw new Error(own);
if (what === 'call') return await crm.find(own);
return globalThis.touched ?? own;
`;
const TENANTS = ['a', 'b', 'c', 'd', 'e'];
const ROUNDS = FULL ? 40 : 12;
/** What the runs of other tenants do. */
const OTHERS = ['', '', 'call'];
/** How often a run of the first tenant ends badly. */
const EVERY = 4;
const FAILURES: Record<string, string> = {
  loop: 'timeout',
  uninterruptible: 'timeout',
  grow: 'memory',
  throw: 'runtime',
};

describe('runs of several tenants at the same time', () => {
  let sandbox: ScriptSandbox;
  const calls = new Map<string, number>();
  const giveAhead = jest.spyOn(RunExchange.prototype, 'giveAhead');

  const run = (tenantId: string, n: number, what: string, signal?: AbortSignal): Promise<Outcome> =>
    sandbox.run({
      source: SOURCE,
      input: { what, own: `${tenantId} ${n}` },
      tenantId,
      // A run that calls bindings is sent ahead only behind a run of the same script.
      scriptId: what === 'call' ? 'calls' : `s${n % 2}`,
      version: 1,
      limits: {
        timeoutMs: FAILURES[what] === 'timeout' ? 400 : 120_000,
        memoryMb: 32,
        bindingTimeoutMs: 120_000,
      },
      bindings: ['crm.find'],
      callBinding: (async (_name: string, own: string) => {
        calls.set(own, (calls.get(own) ?? 0) + 1);
        return own;
      }) as unknown as NonNullable<SandboxRun['callBinding']>,
      ...(signal && { signal }),
    });

  async function start(most: number): Promise<void> {
    calls.clear();
    sandbox = new ScriptSandbox({ processes: { min: most, max: most, computing: most } });
    await sandbox.start();
    // Every process has every home.
    for (let n = 0; n < 4 * most; n++) await Promise.all(TENANTS.map((tenant) => run(tenant, n, '')));
    giveAhead.mockClear();
  }
  afterEach(() => sandbox.stop());
  afterAll(() => giveAhead.mockRestore());

  test.each(
    inShortOneIn(
      5,
      [1, 2].flatMap((most) =>
        ['call', 'touch', 'throw', 'loop', 'grow', 'uninterruptible'].map((what) => ({ most, what })),
      ),
    ),
  )(
    'end as each should, and those of other tenants neither fail nor are blamed, while one tenant’s do this: $what ($most processes)',
    async ({ most, what }) => {
      await start(most);
      const all = Array.from({ length: ROUNDS }, (_, n) => n).flatMap((n) =>
        TENANTS.map((tenant) => ({
          tenant,
          n,
          act: tenant === 'a' && n % EVERY === 0 ? what : OTHERS[n % OTHERS.length]!,
        })),
      );
      const outcomes = await Promise.all(all.map(({ tenant, n, act }) => run(tenant, n, act)));
      for (const [at, { tenant, n, act }] of all.entries()) {
        const own = `${tenant} ${n}`;
        const kind = FAILURES[act];
        expect(outcomes[at]).toMatchObject({
          ...(kind === undefined
            ? { status: 'completed', result: own, published: [{ type: 'a.b', payload: { own } }] }
            : { error: { kind } }),
          logs: [{ level: 'info', message: own }],
        });
        expect([own, calls.get(own) ?? 0]).toEqual([own, act === 'call' ? 1 : 0]);
      }
      expect(giveAhead.mock.calls.length).toBeGreaterThan(ROUNDS / 2);
      const blamed = new Set(sandbox.blame().map(({ tenantId }) => tenantId));
      expect([...blamed]).toEqual(what === 'uninterruptible' ? ['a'] : []);
    },
  );

  test('can be cancelled one by one; no other run is cancelled or makes a call twice', async () => {
    await start(1);
    const controllers: AbortController[] = [];
    const all = Array.from({ length: ROUNDS }, (_, n) => n).flatMap((n) =>
      TENANTS.map((tenant) => {
        const isCancelled = (n + tenant.charCodeAt(0)) % 3 === 0;
        const controller = new AbortController();
        if (isCancelled) controllers.push(controller);
        return {
          tenant,
          n,
          isCancelled,
          outcome: run(tenant, n, OTHERS[n % OTHERS.length]!, controller.signal),
        };
      }),
    );
    let ended = 0;
    // Cancels between the ends of other runs, so that some of them wait in the queue, some wait in a process, and some run.
    const cancel = (): void => {
      ended += 1;
      if (ended % 2 === 0) controllers.shift()?.abort();
    };
    await Promise.all(all.map(({ outcome }) => outcome.then(cancel)));
    for (const { tenant, n, isCancelled, outcome } of all) {
      const own = `${tenant} ${n}`;
      const completed = { status: 'completed', result: own };
      const result = await outcome;
      const cameTooLate = !isCancelled || result.status === 'completed';
      expect(result).toMatchObject(cameTooLate ? completed : { error: { kind: 'cancelled' } });
      expect(calls.get(own) ?? 0).toBeLessThanOrEqual(1);
    }
    const uncalled = all.filter(
      ({ tenant, n, isCancelled }) =>
        !isCancelled && n % OTHERS.length === 2 && calls.get(`${tenant} ${n}`) !== 1,
    );
    expect(uncalled).toEqual([]);
    expect(sandbox.blame()).toEqual([]);
  });
});
