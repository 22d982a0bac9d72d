import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { ProcessLimits } from '../../lib/sandbox/index.js';
import { Placement } from '../../lib/sandbox/process/placement.js';
import { WarmHomes } from '../../lib/sandbox/process/warm-homes.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

const AT_ONCE = 10;

interface Round {
  homes: number;
  sources: number;
  together: number;
}

describe('scripts of many tenants that take turns', () => {
  const enter = jest.spyOn(WarmHomes.prototype, 'enter');
  const open: ScriptSandbox[] = [];
  afterEach(() => Promise.all(open.splice(0).map((sandbox) => sandbox.stop())));
  afterAll(() => enter.mockRestore());

  /**
   * Runs each script once in each round, in `count` rounds or until one of them is as it should be. Returns how many homes
   * and sources each round has made and sent, and at the ends of how many runs several processes were busy.
   */
  async function rounds(
    count: number,
    {
      scripts,
      perTenant,
      processes,
      until = () => false,
    }: {
      scripts: number;
      perTenant: number;
      processes: Partial<ProcessLimits>;
      until?: (round: Round) => boolean;
    },
  ): Promise<Round[]> {
    const sandbox = new ScriptSandbox({ processes, limits: { timeoutMs: 60_000 } });
    open.push(sandbox);
    await sandbox.start();
    const made: Round[] = [];
    const seen = new Map<unknown, Set<number>>();
    for (let round = 0; round < count && !made.some(until); round++) {
      enter.mockClear();
      let turn = 0;
      let together = 0;
      const worker = async (): Promise<void> => {
        for (let script = turn++; script < scripts; script = turn++) {
          const outcome = await sandbox.run({
            source: `return ctx.input + ${script}`,
            input: round,
            tenantId: `t${Math.floor(script / perTenant)}`,
            scriptId: `s${script}`,
            version: 1,
          });
          expect(outcome).toMatchObject({ status: 'completed', result: round + script });
          if (sandbox.stats().processes.busy > 1) together++;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      let homes = 0;
      let sources = 0;
      for (const [at, { value }] of enter.mock.results.entries()) {
        const { home, isKnown } = value as ReturnType<WarmHomes['enter']>;
        const process = enter.mock.contexts[at];
        const known = seen.get(process) ?? new Set();
        seen.set(process, known);
        if (!known.has(home)) homes += 1;
        if (!isKnown) sources += 1;
        known.add(home);
      }
      made.push({ homes, sources, together });
    }
    return made;
  }

  test('use their homes again as long as there is room for them, and their sources are sent to a home only once', async () => {
    const processes = { min: 3, max: 3, computing: 2 };
    // While all processes are busy, or one stands still, a tenant may get a second home in another process. But there are at
    // most 60 homes with 300 sources, so at most 10 rounds make more homes and at most 11 send more sources than this.
    const isAtHome = ({ homes, sources }: Round): boolean => homes <= 5 && sources <= 25;
    const made = await rounds(22, { scripts: 100, perTenant: 5, processes, until: isAtHome });
    expect(made[0]!.homes).toBeGreaterThanOrEqual(20);
    expect(made.at(-1)!.homes).toBeLessThanOrEqual(5);
    expect(made.at(-1)!.sources).toBeLessThanOrEqual(25);
  });

  test('have right results when there is room for few homes, and some of them use their homes again', async () => {
    const uses = jest.spyOn(WarmHomes.prototype, 'uses');
    const processes = { min: 1, max: 1, keptMemoryMb: 40 };
    const made = await rounds(5, { scripts: 40, perTenant: 1, processes });
    const percents = uses.mock.calls.map(([percent]) => percent);
    uses.mockRestore();
    expect(percents[0]).toBeLessThan(10);
    expect(percents.at(-1)).toBeGreaterThan(80);
    for (const { homes } of made.slice(1)) expect(homes).toBeGreaterThan(10);
    // If the most recently used homes were kept, no script would use its home again.
    expect(made.at(-1)!.homes).toBeLessThan(36);
  });

  test('compute in no extra process if nearly none of them finds its home again', async () => {
    // A run that takes long on a busy machine would be another reason for an extra process.
    const longMs = jest.spyOn(Placement.prototype, 'longMs', 'get').mockReturnValue(60_000);
    const processes = { min: 1, max: 3, computing: 1, keptMemoryMb: 20 };
    const [made] = await rounds(1, { scripts: 300, perTenant: 1, processes });
    longMs.mockRestore();
    expect(made!.homes).toBe(300);
    expect(made!.together).toBeLessThan(100);
  });
});
