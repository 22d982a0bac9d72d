import { prepareRun } from '../../../lib/sandbox/prepared-run.js';
import type { PreparedRun } from '../../../lib/sandbox/prepared-run.js';
import { AloneScripts } from '../../../lib/sandbox/process/alone-scripts.js';
import { WarmHomes } from '../../../lib/sandbox/process/warm-homes.js';
import { SandboxLimits } from '../../../lib/sandbox/index.js';
import type { SandboxRun } from '../../../lib/sandbox/index.js';

const prepare = (over: Partial<SandboxRun> = {}, limits: Partial<SandboxLimits> = {}): PreparedRun =>
  prepareRun(
    { source: 'return 1', tenantId: 't', scriptId: 's', version: 1, ...over },
    {
      ...new SandboxLimits(),
      ...limits,
    },
  );

describe('the home of a run', () => {
  const names = ['a', 'b', 'a b', '1 a', 'a 1', '64 1 a', 'a ', ' a', 'a\n', 's', '1  s', 'a 1  s'];

  test('is shared by all scripts of a tenant with the same memory limit, and by no other tenant', () => {
    expect(prepare({ scriptId: 'other', version: 2 }).home).toBe(prepare().home);
    expect(prepare({}, { memoryMb: 32 }).home).not.toBe(prepare().home);
    const homes = names.map((tenantId) => prepare({ tenantId }).home);
    expect(new Set(homes).size).toBe(names.length);
  });

  test('has a name that no home of another tenant has, even if it belongs to one script alone', () => {
    const alone = new AloneScripts('compartment');
    const all = new Set<string>();
    for (const tenantId of names) {
      const homes = new Set<string>();
      for (const scriptId of names) {
        const run = prepare({ tenantId, scriptId });
        homes.add(alone.homeOf(run));
        alone.add(run);
        homes.add(alone.homeOf(run));
      }
      expect(homes.size).toBe(1 + names.length);
      for (const home of homes) {
        expect(all.has(home)).toBe(false);
        all.add(home);
      }
    }
  });

  test('belongs to the script alone for a hundred runs after one that was not clean', () => {
    const alone = new AloneScripts('compartment');
    const run = prepare();
    alone.add(run);
    for (let n = 0; n < 100; n++) {
      expect(alone.homeOf(run)).not.toBe(run.home);
      expect(alone.homeOf(prepare({ scriptId: 'other' }))).toBe(run.home);
      alone.endedWell(run);
    }
    expect(alone.homeOf(run)).toBe(run.home);
  });

  test.each(['context', 'isolate'] as const)(
    'always belongs to the script alone in isolation "%s"',
    (isolation) => {
      const alone = new AloneScripts(isolation);
      const [first, second] = [prepare(), prepare({ scriptId: 'other' })];
      expect(alone.homeOf(first)).not.toBe(alone.homeOf(second));
    },
  );

  test.each([
    ['script', { scriptId: 'x' }],
    ['version', { version: 2 }],
    ['list of bindings', { bindings: ['crm.find'], callBinding: () => Promise.resolve(1) }],
  ])('has a program of its own for each %s', (_, over) => {
    expect(prepare(over).script).not.toBe(prepare().script);
  });
});

describe('WarmHomes', () => {
  const run = prepare();
  const { home } = run;

  test('needs the source once for each version and home', () => {
    const homes = new WarmHomes(100);
    const first = homes.enter(home, run);
    expect(first.isKnown).toBe(false);
    expect(homes.enter(home, run)).toEqual({ ...first, isKnown: true });
    expect(homes.enter('other', run).isKnown).toBe(false);
  });

  test('needs the source again, under another number, if it changes under the same version', () => {
    const homes = new WarmHomes(100);
    const first = homes.enter(home, run);
    const changed = homes.enter(home, prepare({ source: 'return 2' }));
    expect(changed).toMatchObject({ home: first.home, isKnown: false });
    expect(changed.script).not.toBe(first.script);
  });

  test('needs the source again if limits or reserved event types change, but not for equal ones', () => {
    const homes = new WarmHomes(100);
    const event = { reservedEventTypes: ['user.created'], limits: { ...run.limits } };
    const first = homes.enter(home, { ...run, ...event });
    const same = { reservedEventTypes: ['user.created'], limits: { ...run.limits } };
    expect(homes.enter(home, { ...run, ...same })).toEqual({ ...first, isKnown: true });
    for (const change of [
      { reservedEventTypes: ['user.created', 'user.deleted'] },
      { limits: { ...run.limits, publishes: 3 } },
      { limits: { ...run.limits, timeoutMs: 77 } },
    ]) {
      const changed = homes.enter(home, { ...run, ...same, ...change });
      expect(changed.isKnown).toBe(false);
      expect(changed.script).not.toBe(first.script);
    }
  });

  test('forgets discarded homes, and never uses a number twice', () => {
    const homes = new WarmHomes(100);
    const first = homes.enter(home, run);
    homes.forget([first.home, 999]);
    expect(homes.has(home)).toBe(false);
    const second = homes.enter(home, run);
    expect(second.isKnown).toBe(false);
    expect(second.home).not.toBe(first.home);
    // News about the old home does not concern the new one.
    homes.forget([first.home]);
    expect(homes.has(home)).toBe(true);
  });

  test('are as full as the process reports', () => {
    const homes = new WarmHomes(100);
    homes.enter('a', run);
    expect(homes.fullness).toBe(0);
    for (const percent of [3, 100, 0]) {
      homes.uses(percent);
      expect(homes.fullness).toBe(percent / 100);
    }
  });

  test.each([-1, 101, 1.5, NaN, '7', null, {}])('refuse %p as the percent that are used', (percent) => {
    expect(() => new WarmHomes(100).uses(percent as number)).toThrow(RangeError);
  });

  test('remembers hardly more homes than its process has room for, even if that reports no discarded one', () => {
    const homes = new WarmHomes(24);
    const count = 1_000;
    for (let n = 0; n < count; n++) homes.enter(`home ${n}`, run);
    const remembered = Array.from({ length: count }, (_, n) => `home ${n}`).filter((name) => homes.has(name));
    expect(remembered.length).toBeLessThan(24);
    expect(remembered.at(-1)).toBe('home 999');
  });
});
