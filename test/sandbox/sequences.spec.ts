import type { Outcome } from '../../lib/sandbox/index.js';
import type { HostRun } from './support/host.protocol.js';
import { FULL, inShortOneIn } from '../support/test-form.js';
import { ISOLATION, WatchedSandbox } from './support/watched-sandbox.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

const base: HostRun = { source: '', tenantId: 'a', scriptId: 's', version: 1, input: { n: 1, list: [1] } };

/** A source that leaves something, and returns what it finds of an earlier run. */
const leaving = (leave: string, find: string): string =>
  `const found = (() => { try { return ${find}; } catch { return 'gone'; } })(); try { ${leave} } catch {} return found === undefined ? 'gone' : found`;

/** Lists the objects reachable from the global object and from syntax that are not frozen. */
const REACHABLE = `
  const open = [], seen = new Set();
  const walk = (value, path) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
    seen.add(value);
    if (!Object.isFrozen(value)) open.push(path);
    walk(Object.getPrototypeOf(value), path + '.__proto__');
    for (const key of Reflect.ownKeys(value)) {
      const { value: inner, get, set } = Object.getOwnPropertyDescriptor(value, key);
      for (const next of [inner, get, set]) walk(next, path + '.' + String(key));
    }
  };
  walk(globalThis, 'global');
  for (const make of [function () {}, async () => {}, function* () {}, async function* () {}]) walk(Object.getPrototypeOf(make), 'function');
  for (const it of [[].values(), new Map().values(), new Set().values(), ''[Symbol.iterator](), 'a'.matchAll(/a/g)]) walk(Object.getPrototypeOf(it), 'iterator');
  const segments = new Intl.Segmenter().segment('');
  for (const it of [segments, segments[Symbol.iterator]()]) walk(Object.getPrototypeOf(it), 'segments');
  if (typeof Iterator === 'function') {
    for (const it of [[].values().map((x) => x), Iterator.from({ next() {} })]) walk(Object.getPrototypeOf(it), 'helper');
  }
  walk(Object.getOwnPropertyDescriptor((function () { 'use strict'; return arguments; })(), 'callee').get, 'callee');
  walk(Object.getPrototypeOf(new Error('x')), 'error');
  for (const own of [NonRetryableError, RetryAfterError, BindingError, LimitError, EventTypeError, EventPayloadError]) walk(own, own.name);
  for (const [name, given] of Object.entries({ ctx, sdk, events, console, store, secrets, vars, crm })) walk(given, name);
  return open.slice(0, 20);
`;

/** Fills the memory of its process so fast that V8 aborts the process or the pool kills it. */
const ABORT = `for (let text = 'x'; ; ) text = JSON.stringify(text + text);`;

describe('runs that follow one another', () => {
  // Only one process, so that every run follows another one in it.
  const watched = new WatchedSandbox({ min: 1, max: 1 });
  const run = (source: string, over: Partial<HostRun> = {}): Promise<Outcome> =>
    watched.run({ ...base, limits: { timeoutMs: 60_000 }, ...over, source });
  /** For many runs at the same time, without the checks after each run. */
  const runAmongOthers = (source: string, over: Partial<HostRun> = {}): Promise<Outcome> =>
    watched.runAmongOthers({ ...base, limits: { timeoutMs: 60_000 }, ...over, source });

  beforeAll(() => watched.start());
  afterAll(() => watched.stop());

  const leavings: [what: string, leave: string, find: string][] = [
    ['a global', 'globalThis.left = 1', 'globalThis.left'],
    ['an undeclared variable', 'left2 = 1', 'left2'],
    [
      'a global that cannot be deleted',
      "Object.defineProperty(globalThis, 'left3', { value: 1 })",
      'globalThis.left3',
    ],
    ['a var of indirect eval', "(0, eval)('var left4 = 1')", 'globalThis.left4'],
    ['a property of Object.prototype', 'Object.prototype.left = 1', '({}).left'],
    ['a property of Array.prototype', 'Array.prototype.left = 1', '[].left'],
    ['a property of Function.prototype', 'Function.prototype.left = 1', '(() => 1).left'],
    ['a property of Promise', 'Promise.left = 1', 'Promise.left'],
    ['a patched JSON', 'JSON.parse = () => 1; JSON.left = 1', 'JSON.left'],
    ['a patched Math.random', 'Math.random = () => 7', 'Math.random() === 7 ? 7 : undefined'],
    ['a patched Date.now', 'Date.now = () => 7', 'Date.now() === 7 ? 7 : undefined'],
    ['a property of the log', 'sdk.log.left = 1', 'sdk.log.left'],
    ['a property of events', 'events.left = 1', 'events.left'],
    ['a property of its own function', 'arguments.callee.left = 1', 'arguments.callee.left'],
    [
      'a property of an error class',
      'NonRetryableError.left = 1; NonRetryableError.prototype.left = 1',
      'NonRetryableError.left',
    ],
    [
      'a property of an iterator',
      '[][Symbol.iterator]().__proto__.left = 1',
      '[][Symbol.iterator]().__proto__.left',
    ],
    [
      'a property of an async function',
      '(async () => {}).constructor.left = 1',
      '(async () => {}).constructor.left',
    ],
    [
      'a property of a generator',
      '(function* () {}).constructor.prototype.left = 1',
      '(function* () {}).constructor.prototype.left',
    ],
    [
      'a property of a typed array',
      'Object.getPrototypeOf(Uint8Array).left = 1',
      'Object.getPrototypeOf(Uint8Array).left',
    ],
    ['a static of RegExp', "/(left)/.test('left')", "RegExp.$1 === 'left' ? 1 : undefined"],
    ['a stack formatter', 'Error.prepareStackTrace = () => 7', 'new Error().stack === 7 ? 7 : undefined'],
    ['a template object', 'const tag = (s) => s; tag`x`.raw.left = 1', '((s) => s)`x`.raw.left'],
    [
      'the prototype of the global object',
      'Object.setPrototypeOf(globalThis, { left: 1 })',
      'globalThis.left',
    ],
    [
      'a property of an object that no global name leads to',
      "const s = new Intl.Segmenter().segment(''); for (const o of [s, s[Symbol.iterator]()]) Object.getPrototypeOf(o).left = 1",
      "Object.getPrototypeOf(new Intl.Segmenter().segment('')).left",
    ],
    [
      'a property of an iterator helper',
      'Object.getPrototypeOf([].values().map((x) => x)).left = 1; Object.getPrototypeOf(Iterator.from({ next() {} })).left = 1',
      '[].values().map((x) => x).left ?? Iterator.from({ next() {} }).left',
    ],
    [
      'a private field on a shared object',
      'class Return { constructor(o) { return o; } } class S extends Return { #left = 1; static find = (o) => (#left in o ? 1 : undefined); } globalThis.S ??= S; new S(Array.prototype)',
      'globalThis.S.find(Array.prototype)',
    ],
    [
      'an accessor on the global object',
      "Object.defineProperty(globalThis, 'left5', { get: () => 1, configurable: true })",
      'globalThis.left5',
    ],
    ['a closed global object', 'Object.freeze(globalThis)', 'Object.isFrozen(globalThis) || undefined'],
    ['the stack of the global object', 'Error.captureStackTrace(globalThis)', 'globalThis.stack'],
    ['a class of its own', 'globalThis.Left = class Left {}; Symbol.for("left")', 'globalThis.Left && 1'],
    [
      'a hundred thousand globals',
      'for (let i = 0; i < 1e5; i++) globalThis["left" + i] = 1',
      'globalThis.left99999',
    ],
    [
      'a property of a method that may be overridden',
      'Object.prototype.toString.left = 1; Function.prototype.call.left = 1',
      'Object.prototype.toString.left ?? Function.prototype.call.left',
    ],
    [
      'a property of the function that reads the stack of an error',
      "Object.getOwnPropertyDescriptor(new Error(), 'stack').get.left = 1",
      "Object.getOwnPropertyDescriptor(new Error(), 'stack').get.left",
    ],
    [
      'a trap under a method that may be overridden',
      'Object.setPrototypeOf(Function.prototype.bind, { left: 1 })',
      'Function.prototype.bind.left',
    ],
    ['a symbol on a shared object', "Object.prototype[Symbol.for('left')] = 1", "({})[Symbol.for('left')]"],
  ];

  test.each(inShortOneIn(4, leavings))(
    'do not find %s of an earlier run of the same script, another script or another tenant',
    async (_, leave, find) => {
      const source = leaving(leave, find);
      for (const over of [{}, {}, { scriptId: 'other' }, { tenantId: 'b' }, {}]) {
        expect(await run(source, over)).toMatchObject({ status: 'completed', result: 'gone' });
      }
    },
  );

  test('share no variable in their scope', async () => {
    const names =
      "['V8Error','lockdown','harden','Compartment','assert','ses','repairIntrinsics','hardenIntrinsics']";
    const source = `return ${names}.filter((name) => { try { return eval('typeof ' + name) !== 'undefined'; } catch { return false; } })`;
    expect(await run(source)).toMatchObject({ result: [] });
  });

  // The other isolations discard the realm.
  if (ISOLATION === 'compartment') {
    test('reach only frozen objects by properties in a shared realm, except the global object', async () => {
      const outcome = await run(REACHABLE, {
        bindings: ['crm.find', 'crm.notes.add'],
        answers: 'with the arguments inside',
      });
      const open = outcome.status === 'completed' ? outcome.result : outcome;
      // The global object can be changed, but a realm is discarded if a script has added something to it.
      expect(open).toEqual(['global']);
    });
  }

  test('have only their own unhandled rejections in their logs', async () => {
    const source = "for (let i = 0; i < 5; i++) Promise.reject(new Error('secret')); return 1";
    expect((await run(source)).logs).toHaveLength(1);
    for (const over of [{}, { scriptId: 'other' }, { tenantId: 'b' }]) {
      expect((await run('return 1', over)).logs).toEqual([]);
    }
  });

  test('complete although sixteen scripts have left memory in the process', async () => {
    const limits = { timeoutMs: 60_000, memoryMb: 64 };
    for (let n = 0; n < 16; n++) {
      const leaver = { tenantId: 'b', scriptId: `s${n}`, limits };
      expect(await run('return new Uint8Array(3e7).fill(1).length', leaver)).toMatchObject({ result: 3e7 });
      expect((await watched.stats()).rssBytes).toBeLessThan(320 * 0.8 * 1024 * 1024);
    }
    const slow = 'const end = Date.now() + 300; while (Date.now() < end); return 1';
    expect(await run(slow)).toMatchObject({ result: 1 });
  });

  test('do not see changes of the input by an earlier run', async () => {
    const source = 'try { ctx.input.list.push(2); } catch {} return ctx.input';
    const input = { list: [1] };
    expect(await run(source, { input })).toMatchObject({ result: { list: [1] } });
    expect(await run(source, { input })).toMatchObject({ result: { list: [1] } });
    expect(input).toEqual({ list: [1] });
  });

  test('use a changed source, even under the same version', async () => {
    expect(await run('return 1')).toMatchObject({ result: 1 });
    expect(await run('return 2')).toMatchObject({ result: 2 });
  });

  const crashes: [what: string, source: string, kind: string][] = [
    ['an endless loop', 'for (;;);', 'timeout'],
    ['an abort', ABORT, 'memory'],
    [
      'microtasks that were queued when it was stopped',
      'Promise.resolve().then(() => { for (;;); }); for (;;);',
      'timeout',
    ],
    [
      'an uninterruptible call',
      'return Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)',
      'timeout',
    ],
    ['a memory limit', 'const a = []; for (;;) a.push({});', 'memory'],
    ['a syntax error', 'let a = ;', 'syntax'],
    ['a thrown error', "throw new Error('x')", 'runtime'],
  ];

  test.each(inShortOneIn(3, crashes))(
    'of the same script, of its tenant and of other tenants complete after %s',
    async (_, source, kind) => {
      const limits = { timeoutMs: kind === 'timeout' ? 300 : 60_000 };
      expect(await run(source, { limits })).toMatchObject({ error: { kind } });
      for (const over of [{}, { scriptId: 'other' }, { tenantId: 'b' }]) {
        expect(await run('return ctx.input.n', over)).toMatchObject({ status: 'completed', result: 1 });
      }
    },
  );

  test('all complete if they wait while another run crashes its process', async () => {
    const crash = runAmongOthers(ABORT);
    const others = Array.from({ length: 8 }, (_, n) =>
      runAmongOthers('return ctx.input.n', { tenantId: `t${n}`, input: { n } }),
    );
    expect(await crash).toMatchObject({ error: { kind: 'memory' } });
    expect((await Promise.all(others)).map((o) => o.status === 'completed' && o.result)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);
  });

  const many = FULL ? 1_000 : 200;
  test(`have ${many} right results, for ${many} runs of one script`, async () => {
    const outcomes = await Promise.all(
      Array.from({ length: many }, (_, n) => runAmongOthers('return ctx.input.n', { input: { n } })),
    );
    expect(outcomes.every((o, n) => o.status === 'completed' && o.result === n)).toBe(true);
  });
});
