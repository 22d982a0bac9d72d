import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Isolation, Outcome } from '../../lib/sandbox/index.js';
import { WarmHomes } from '../../lib/sandbox/process/warm-homes.js';
import { inShortOneIn } from '../support/test-form.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

/** A class that adds a private field to any given object. */
const STAMP =
  'class Return { constructor(o) { return o } } class Stamp extends Return { #left; constructor(o, left) { super(o); this.#left = left } static reads(o) { return #left in o } }';
const LIST = 'new Array(MB * 131072).fill(1.5)';

/** Data that a script can leave in objects that its runs share. `MB` is the size. */
const KEPT: Record<string, string> = {
  'a private field on a built-in object': `${STAMP} new Stamp(Math, ${LIST})`,
  'private fields on many of them': `${STAMP} for (const o of [Object.prototype, Array, JSON]) new Stamp(o, new Array(MB * 43690).fill(1.5))`,
  'a private field on the object of a template': `${STAMP} new Stamp(((s) => s)\`x\`, ${LIST})`,
  'a private field with a buffer': `${STAMP} new Stamp(Reflect, new Uint8Array(MB * 1048576).fill(1))`,
  'a private field on a function of the language': `${STAMP} new Stamp(Array.prototype.map, ${LIST})`,
  'registered symbols': `for (let i = 0; i < MB; i++) Symbol.for(i + String(Math.random()) + 'y'.repeat(1048576))`,
  'the subject of a regular expression': `/x$/.test('y'.repeat(MB * 1048576) + 'x')`,
  'a weak map with a built-in object as its key': `new WeakMap().set(Math, ${LIST})`,
};
/** A script that leaves nothing, and some 2 MB of garbage. */
const GARBAGE =
  "let list = []; for (let i = 0; i < 5000; i++) list.push({ i, text: 'item ' + i }); list = list.map((x) => ({ ...x, more: x.text + '!' }))";
const MEMORY_MB = 64;
const RUNS = 25;

describe.each<Isolation>(['compartment', 'context'])('in isolation "%s",', (isolation) => {
  const sandbox = new ScriptSandbox({ isolation, processes: { max: 1 } });
  afterAll(() => sandbox.stop());

  const run = (source: string, mb: number, memoryMb = MEMORY_MB, scriptId = 's'): Promise<Outcome> =>
    sandbox.run({
      source: `const MB = ctx.input.mb; ${source}; return 'done'`,
      input: { mb },
      tenantId: 'a',
      scriptId,
      version: 1,
      bindings: ['wait'],
      callBinding: () => new Promise(() => {}),
      limits: { timeoutMs: 60_000, memoryMb },
    });

  test.each(inShortOneIn(3, Object.entries(KEPT)))(
    'runs that leave %s complete, however many there were before',
    async (_, source) => {
      for (let n = 0; n < RUNS; n++) expect(await run(source, 3)).toMatchObject({ result: 'done' });
    },
  );

  test('a run can use at least two thirds of its memory, whatever the run before has left', async () => {
    const source = `${STAMP} new Stamp(Math, ${LIST})`;
    for (const mb of [10, 40, 2, 44, 12, 44]) expect(await run(source, mb)).toMatchObject({ result: 'done' });
  });

  /** How many homes the process has dropped during these runs. */
  async function goneDuring(
    runs: number,
    source: string,
    mb: number,
    memoryMb: number,
    scriptOf = (_n: number): string => 's',
  ): Promise<number> {
    const forget = jest.spyOn(WarmHomes.prototype, 'forget');
    for (let n = 0; n < runs; n++)
      expect(await run(source, mb, memoryMb, scriptOf(n))).toMatchObject({ result: 'done' });
    const gone = forget.mock.calls.flatMap(([numbers]) => numbers);
    forget.mockRestore();
    return gone.length;
  }

  test.each(inShortOneIn(2, [8, 16, 32, 64]))(
    'runs that make garbage keep their isolate, in which no script finds the function that collects it: memoryMb = %i',
    async (memoryMb) => {
      expect(await goneDuring(40, GARBAGE, 0, memoryMb)).toBe(0);
      const found = await run("return [typeof gc, 'gc' in globalThis]", 0, memoryMb);
      expect(found).toMatchObject({ result: ['undefined', false] });
    },
  );

  test.each([
    ['publish much', "for (let n = 0; n < 4; n++) events.publish('a.b', { text: '€'.repeat(21000) })"],
    ['leave binding calls open', `const list = ${LIST}; wait().then(() => list)`],
  ])('runs of many scripts that %s keep their isolate', async (_, source) => {
    const memoryMb = 16;
    expect(await goneDuring(40, source, 0.5, memoryMb, (n) => `one of many ${n}`)).toBe(0);
  });

  test.each([16, 64])(
    'an isolate in which runs have left more than a fifth of its memory is replaced: memoryMb = %i',
    async (memoryMb) => {
      const leaves = KEPT['registered symbols']!;
      expect(await goneDuring(RUNS, leaves, memoryMb / 16, memoryMb)).toBeGreaterThanOrEqual(RUNS / 5);
    },
  );

  test('a run cannot read what another run has left on a shared object', async () => {
    const source = `${STAMP} const reads = [Math, Array.prototype, ((s) => s)\`x\`].map((o) => Stamp.reads(o)); for (const o of [Math, Array.prototype, ((s) => s)\`x\`]) new Stamp(o, 1); return reads;`;
    for (let n = 0; n < 3; n++) expect(await run(source, 0)).toMatchObject({ result: [false, false, false] });
  });
});
