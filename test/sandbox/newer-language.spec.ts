/* oxlint-disable jest/no-standalone-expect -- `describeAttempts` calls these proofs inside its tests */
import type { Outcome } from '../../lib/sandbox/index.js';
import { describeAttempts } from './support/hostile-table.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

const result =
  (expected: unknown) =>
  (outcome: Outcome): void =>
    expect(outcome).toMatchObject({ status: 'completed', result: expected });

/** Whether this process, and so its children, has a feature. */
const has = (holder: object, name: string): boolean => name in holder;
const hasGlobal = (name: string): boolean => has(globalThis, name);
/** Whether V8 can parse a source. */
function parses(source: string): boolean {
  try {
    // eslint-disable-next-line no-new -- it is only parsed
    new Function(source);
    return true;
  } catch {
    return false;
  }
}

describeAttempts('a script that uses new features of the language', [
  {
    name: 'collects an endless async generator',
    source: 'await Array.fromAsync((async function* () { for (;;) yield 1; })())',
    verdict: 'memory',
    exists: has(Array, 'fromAsync'),
  },
  {
    name: 'collects from a thenable that never settles',
    source: 'await Array.fromAsync([{ then() {} }])',
    verdict: 'timeout',
    exists: has(Array, 'fromAsync'),
  },
  {
    name: 'collects from a huge length',
    source: 'await Array.fromAsync({ length: 2 ** 53 - 1 })',
    verdict: 'runtime',
    exists: has(Array, 'fromAsync'),
  },
  {
    name: 'drains an endless iterator',
    source: 'return Iterator.from({ next: () => ({ done: false, value: 1 }) }).toArray()',
    verdict: 'memory',
    exists: hasGlobal('Iterator'),
  },
  {
    name: 'drops without end from an iterator',
    source: 'return Iterator.from({ next: () => ({ done: false }) }).drop(Infinity).next()',
    verdict: 'timeout',
    exists: hasGlobal('Iterator'),
  },
  {
    name: 'reduces an endless iterator',
    source: 'return Iterator.from({ next: () => ({ done: false }) }).reduce((n) => n, 0)',
    verdict: 'timeout',
    exists: hasGlobal('Iterator'),
  },
  {
    name: 'flattens iterators into each other',
    source: 'const f = () => Iterator.from([1]).flatMap(f); return f().flatMap(() => f()).next()',
    verdict: 'runtime',
    exists: hasGlobal('Iterator'),
  },
  {
    name: 'returns an iterator that loops when it is closed',
    source:
      'const i = Iterator.from({ next: () => ({ done: false }), return() { for (;;); } }); for (const x of i) break;',
    verdict: 'timeout',
    exists: hasGlobal('Iterator'),
  },
  {
    name: 'loops in Promise.try',
    source: 'await Promise.try(() => { for (;;); })',
    verdict: 'timeout',
    exists: has(Promise, 'try'),
  },
  {
    name: 'forges the end of the run by Promise.withResolvers',
    source:
      "const { promise, resolve } = Promise.withResolvers(); resolve({ then(r) { r('forged'); r('twice'); } }); return promise",
    verdict: 'completed',
    exists: has(Promise, 'withResolvers'),
    proves: result('forged'),
  },
  {
    name: 'groups an endless iterable',
    source: 'return Object.groupBy({ *[Symbol.iterator]() { for (;;) yield 1; } }, (x) => x)',
    verdict: 'memory',
    exists: has(Object, 'groupBy'),
  },
  {
    name: 'transfers a buffer to a huge one',
    source: 'return new ArrayBuffer(8).transfer(2 ** 33).byteLength',
    verdict: 'runtime',
    exists: has(ArrayBuffer.prototype, 'transfer'),
  },
  {
    name: 'resizes a buffer that is not resizable',
    source: 'new ArrayBuffer(8).resize(4)',
    verdict: 'runtime',
    proves: (o) => expect(o).toMatchObject({ error: { name: 'TypeError' } }),
  },
  {
    name: 'shrinks a buffer while it is sorted',
    source:
      'const b = new ArrayBuffer(4096, { maxByteLength: 8192 }); const t = new Int32Array(b); t.fill(1); t.sort(() => { b.resize(0); return 1; }); return t.length',
    verdict: 'runtime',
  },
  {
    name: 'resizes a buffer while it is read',
    source:
      'const b = new ArrayBuffer(8, { maxByteLength: 2 ** 16 }); const t = new Uint8Array(b); let n = 0; for (const x of t) { if (n++ < 100) b.resize(8 + n * 8); } return n <= 2 ** 16',
    verdict: 'runtime',
  },
  {
    name: 'makes copies of a huge length',
    source: 'return [].toSpliced.call({ length: 2 ** 32 - 1 }, 0, 0)',
    verdict: 'memory',
  },
  {
    name: 'reverses a copy of a huge length',
    source: 'return [].toReversed.call({ length: 2 ** 32 - 1 })',
    verdict: 'memory',
  },
  {
    name: 'searches a huge length from the end',
    source: 'return [].findLastIndex.call({ length: 2 ** 53 - 1 }, () => false)',
    verdict: 'timeout',
  },
  {
    name: 'escapes a huge text for a regular expression',
    source: "const a = []; for (;;) a.push(RegExp.escape('('.repeat(1e6)));",
    verdict: 'memory',
    exists: has(RegExp, 'escape'),
  },
  {
    name: 'backtracks with the v flag',
    source: "return /^(?:[\\p{L}--[a]]|b)+$|^(b+)+$/v.test('b'.repeat(50) + '!')",
    verdict: 'timeout',
  },
  {
    name: 'recognises an error by Error.isError',
    source: 'return [Error.isError(new Error()), Error.isError({ __proto__: Error.prototype })]',
    verdict: 'completed',
    exists: has(Error, 'isError'),
    proves: result([true, false]),
  },
  {
    name: 'looks for realms, clones, clocks and shared memory',
    source:
      "return ['ShadowRealm', 'structuredClone', 'Atomics', 'SharedArrayBuffer', 'WeakRef', 'FinalizationRegistry', 'performance', 'navigator', 'crypto', 'MessageChannel', 'Worker', 'TextDecoder', 'AbortController', 'EventTarget', 'URL', 'reportError', 'scheduler', 'Deno', 'Bun'].filter((name) => name in globalThis)",
    verdict: 'completed',
    proves: result([]),
  },
  {
    name: 'loops in a finalizer',
    source:
      'const f = new FinalizationRegistry(() => { for (;;); }); for (let i = 0; i < 1e5; i++) f.register({}, i); return 1',
    verdict: 'runtime',
    proves: (o) => expect(o).toMatchObject({ error: { name: 'ReferenceError' } }),
  },
  {
    name: 'loops when a resource is disposed',
    source: '{ using it = { [Symbol.dispose]() { for (;;); } }; }',
    verdict: 'timeout',
    exists: parses('{ using it = null; }'),
  },
  {
    name: 'never finishes the disposal of a resource',
    source: '{ await using it = { async [Symbol.asyncDispose]() { await new Promise(() => {}); } }; }',
    verdict: 'timeout',
    exists: parses('{ using it = null; }'),
  },
  {
    name: 'fails in a disposal after a failure',
    source: "{ using it = { [Symbol.dispose]() { throw new Error('second'); } }; throw new Error('first'); }",
    verdict: 'runtime',
    exists: parses('{ using it = null; }'),
    proves: (o) => expect(o).toMatchObject({ error: { name: 'SuppressedError' } }),
  },
  {
    name: 'disposes an endless stack',
    source:
      'const s = new DisposableStack(); const again = () => { s2 = new DisposableStack(); s2.defer(again); s2.dispose(); }; var s2; s.defer(again); s.dispose()',
    verdict: 'runtime',
    exists: hasGlobal('DisposableStack'),
  },
  {
    name: 'loops in a static block',
    source: 'class C { static { for (;;); } }',
    verdict: 'timeout',
  },
  {
    name: 'looks for what a static block is called with',
    source: 'class C { static { this.found = new.target; } } return C.found ?? null',
    verdict: 'completed',
    proves: result(null),
  },
  {
    name: 'asks for new.target',
    source: 'return typeof new.target',
    verdict: 'completed',
    proves: result('undefined'),
  },
  { name: 'calls super', source: 'return super.x', verdict: 'syntax' },
  { name: 'has a decorator', source: '@log class C {}', verdict: 'syntax' },
  {
    name: 'puts a private field on an object that all runs share',
    source:
      'class Return { constructor(o) { return o; } } class S extends Return { #x = 1; static has(o) { return #x in o; } } try { new S(Array.prototype); } catch {} return typeof S.has(Array.prototype)',
    verdict: 'completed',
    proves: result('boolean'),
  },
  {
    name: 'returns the global object through this',
    source:
      "const found = Function('return this')(); return [found === globalThis, Object.keys(found).length, this === undefined || this === globalThis]",
    verdict: 'completed',
    proves: result([true, 0, true]),
  },
  {
    name: 'hides names behind with',
    source:
      "with (new Proxy({}, { has: () => true, get: (_, name) => (name === Symbol.unscopables ? undefined : name === 'f' ? () => typeof process : undefined) })) { return f() }",
    verdict: 'completed',
    proves: result('undefined'),
  },
  {
    name: 'loops in the names of with',
    source: 'with (new Proxy({}, { has() { for (;;); } })) { return x }',
    verdict: 'timeout',
  },
  {
    name: 'jumps by labels out of a finally',
    source: 'a: for (;;) { try { return 1; } finally { continue a; } }',
    verdict: 'timeout',
  },
  {
    name: 'leaves variables by eval',
    source: "eval('var a = 1'); const seen = typeof a; (0, eval)('var b = 2'); return [seen, typeof b]",
    verdict: 'completed',
    proves: (o) => o.status === 'completed' && expect(o.result).toEqual(['number', 'number']),
  },
  {
    name: 'imports in eval, in a function made of text, and with a data URL',
    source:
      "const tries = [() => eval('import(\"fs\")'), () => new Function('return import(\"fs\")')(), () => import('data:text/javascript,export default 1'), () => import('./main.js'), () => import('file:///etc/passwd')]; const got = []; for (const t of tries) { try { got.push(typeof (await t())); } catch { got.push('no'); } } return got",
    verdict: 'completed',
    proves: result(['no', 'no', 'no', 'no', 'no']),
  },
  {
    name: 'returns forged raw JSON',
    source:
      "return { a: JSON.rawJSON('1e400'), b: JSON.rawJSON('\"\\\\ud800\"'), c: JSON.rawJSON('-1e-400') }",
    verdict: 'completed',
    exists: has(JSON, 'rawJSON'),
    proves: (o) =>
      expect(o.status === 'completed' && JSON.parse(o.resultText)).toEqual({ a: null, b: '\ufffd', c: 0 }),
  },
  {
    name: 'returns a number as raw JSON that a JavaScript number cannot hold',
    source: "return ['1', '0.'].map((head) => JSON.rawJSON(head + '0'.repeat(100000) + '1'))",
    verdict: 'completed',
    exists: has(JSON, 'rawJSON'),
    proves: result([null, 0]),
  },
  {
    name: 'returns digits in a text',
    source: "return ['1'.repeat(1000), '9e999']",
    verdict: 'completed',
    proves: result(['1'.repeat(1000), '9e999']),
  },
  {
    name: 'publishes raw JSON, logs it and passes it to a binding',
    source:
      "const n = JSON.rawJSON('1' + '0'.repeat(9000)); events.publish('a.b', { n }); sdk.log.info('x', n); return await crm.find(n)",
    verdict: 'completed',
    run: { bindings: ['crm.find'], answers: 'with the arguments' },
    exists: has(JSON, 'rawJSON'),
    proves: (o) =>
      expect(o).toMatchObject({
        result: null,
        published: [{ payload: { n: null } }],
        logs: [{ message: 'x', data: null }],
      }),
  },
]);
