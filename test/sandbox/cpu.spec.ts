/* oxlint-disable jest/no-standalone-expect -- `describeAttempts` calls these proofs inside its tests */
import { describeAttempts } from './support/hostile-table.js';

describeAttempts('a script that burns processor time', [
  { name: 'loops for ever', source: 'for (;;);', verdict: 'timeout' },
  { name: 'loops for ever after an await', source: 'await null; while (true) {}', verdict: 'timeout' },
  {
    name: 'loops for ever in a function called late',
    source: 'await Promise.resolve().then(() => { for (;;); })',
    verdict: 'timeout',
  },
  {
    name: 'floods the microtask queue',
    source: 'const f = () => { Promise.resolve().then(f); }; f(); await new Promise(() => {});',
    verdict: 'timeout',
  },
  {
    // Each promise waits for the next one, so the chain grows.
    name: 'chains promises without end',
    source: 'const f = () => Promise.resolve().then(f); await f();',
    verdict: 'memory',
  },
  { name: 'awaits null for ever', source: 'for (;;) await null;', verdict: 'timeout' },
  {
    name: 'floods the microtask queue from two sides',
    source: '(async () => { for (;;) await 0; })(); for (;;) await 0;',
    verdict: 'timeout',
  },
  {
    name: 'queues endless microtasks and loops',
    source: 'Promise.resolve().then(() => { for (;;); }); for (;;);',
    verdict: 'timeout',
  },
  {
    name: 'queues microtasks in a loop',
    source: 'for (;;) Promise.resolve().then(() => {});',
    verdict: 'memory',
  },
  {
    name: 'backtracks in a regular expression',
    source: "return /(a+)+$/.test('a'.repeat(40) + 'b')",
    verdict: 'timeout',
  },
  {
    name: 'backtracks in replace',
    source: "return 'x'.repeat(60).replace(/(x+x+)+y/, '')",
    verdict: 'timeout',
  },
  {
    name: 'backtracks in split',
    source: "return ('a'.repeat(40) + '!').split(/(?:a|a)*$/)",
    verdict: 'timeout',
  },
  {
    name: 'backtracks in matchAll',
    source: "return [...('a'.repeat(50) + 'c').matchAll(/(a|aa)+b/g)]",
    verdict: 'timeout',
  },
  {
    name: 'returns an object whose getter loops',
    source: 'return { get a() { for (;;); } }',
    verdict: 'timeout',
  },
  {
    name: 'returns an object whose toJSON loops',
    source: 'return { toJSON() { for (;;); } }',
    verdict: 'timeout',
  },
  {
    name: 'returns a proxy whose ownKeys loops',
    source: 'return new Proxy({}, { ownKeys() { for (;;); } })',
    verdict: 'timeout',
  },
  {
    name: 'returns a proxy whose get loops',
    source: 'return new Proxy({ a: 1 }, { get() { for (;;); } })',
    verdict: 'timeout',
  },
  { name: 'returns a thenable that loops', source: 'return { then() { for (;;); } }', verdict: 'timeout' },
  {
    name: 'returns a thenable that resolves to itself',
    source: 'const t = { then(r) { r(t); } }; return t;',
    verdict: 'timeout',
  },
  {
    name: 'throws an object whose message loops',
    source: 'throw { get message() { for (;;); } }',
    verdict: 'timeout',
  },
  {
    name: 'throws an object whose toString loops',
    source: 'throw { toString() { for (;;); }, toJSON() { for (;;); } }',
    verdict: 'timeout',
  },
  {
    name: 'logs an object whose getter loops',
    source: "sdk.log.info('x', { get a() { for (;;); } })",
    verdict: 'timeout',
  },
  {
    name: 'publishes an object whose getter loops',
    source: "events.publish('a.b', { get a() { for (;;); } })",
    verdict: 'timeout',
  },
  {
    name: 'passes a binding an object whose getter loops',
    source: 'await crm.find({ get a() { for (;;); } })',
    verdict: 'timeout',
    run: { bindings: ['crm.find'], answers: 'with one' },
  },
  {
    name: 'loops in a binding answer',
    source: 'await crm.find(); for (;;);',
    verdict: 'timeout',
    run: { bindings: ['crm.find'], answers: 'with one' },
  },
  {
    name: 'calls Array.from with a huge length',
    source: 'return Array.from({ length: 2 ** 32 - 1 })',
    verdict: 'memory',
  },
  {
    name: 'calls includes on a huge length',
    source: 'return Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)',
    verdict: 'timeout',
  },
  {
    name: 'calls indexOf on a huge length',
    source: 'return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)',
    verdict: 'timeout',
  },
  {
    name: 'joins a huge length',
    source: 'return Array.prototype.join.call({ length: 2 ** 32 - 1 })',
    verdict: 'timeout',
  },
  {
    name: 'reverses a huge length',
    source: 'return Array.prototype.reverse.call({ length: 2 ** 53 - 1 })',
    verdict: 'timeout',
  },
  {
    name: 'sorts with a comparator that loops',
    source: 'return [2, 1].sort(() => { for (;;); })',
    verdict: 'timeout',
  },
  {
    name: 'raises a BigInt to a huge power',
    source: 'for (;;) { let n = 7n; for (let i = 0; i < 7; i++) n = n ** 9n; }',
    verdict: 'timeout',
  },
  { name: 'multiplies huge BigInts', source: 'const n = 3n ** 400000n; for (;;) n * n;', verdict: 'timeout' },
  {
    name: 'prints a huge BigInt',
    source: 'return (7n ** 900000n).toString().length > 0 && (() => { for (;;); })()',
    verdict: 'timeout',
  },
  {
    name: 'searches quadratically',
    source: "const s = 'a'.repeat(4e6); for (;;) s.indexOf('b' + 'a'.repeat(2e6));",
    verdict: 'timeout',
  },
  {
    name: 'searches quadratically from the end',
    source: "const s = 'a'.repeat(4e6); return s.lastIndexOf('a'.repeat(2e6) + 'b')",
    verdict: 'timeout',
  },
  {
    name: 'compiles WebAssembly',
    source: 'return typeof WebAssembly',
    verdict: 'completed',
    proves: (o) => expect(o).toMatchObject({ result: 'undefined' }),
  },
  {
    name: 'waits with Atomics',
    source: 'return [typeof Atomics, typeof SharedArrayBuffer]',
    verdict: 'completed',
    proves: (o) => expect(o).toMatchObject({ result: ['undefined', 'undefined'] }),
  },
  {
    name: 'loops in a generator',
    source: 'function* g() { for (;;) yield 1; } for (const x of g());',
    verdict: 'timeout',
  },
  {
    name: 'loops in an async generator',
    source: 'async function* g() { for (;;) yield 1; } for await (const x of g());',
    verdict: 'timeout',
  },
  {
    name: 'loops in a finally that swallows the end',
    source: 'for (;;) { try { for (;;); } finally { continue; } }',
    verdict: 'timeout',
  },
  {
    name: 'loops in a catch that swallows the end',
    source: 'function f() { try { for (;;); } catch { f(); } } f();',
    verdict: 'timeout',
  },
  { name: 'loops in eval', source: "return eval('for (;;);')", verdict: 'timeout' },
  {
    name: 'loops in a Symbol.toPrimitive',
    source: 'return `${{ [Symbol.toPrimitive]() { for (;;); } }}`',
    verdict: 'timeout',
  },
  {
    name: 'waits for a promise that never settles',
    source: 'await new Promise(() => {})',
    verdict: 'timeout',
  },
  {
    name: 'waits for a binding that never answers',
    source: 'return await crm.find()',
    verdict: 'timeout',
    run: { bindings: ['crm.find'], answers: 'never' },
  },
  {
    name: 'goes on for ever after it has returned',
    source: '(async () => { for (;;) await null; })(); return 1;',
    verdict: 'timeout',
  },
  {
    name: 'parses JSON for ever',
    source: "const s = '[' + '1,'.repeat(1e5) + '1]'; for (;;) JSON.parse(s);",
    verdict: 'timeout',
  },
  {
    name: 'throws an error whose stack loops',
    source: "const e = new Error('m'); Object.defineProperty(e, 'stack', { get() { for (;;); } }); throw e",
    verdict: 'timeout',
  },
  {
    name: 'throws an error whose name loops',
    source: "const e = new Error('m'); Object.defineProperty(e, 'name', { get() { for (;;); } }); throw e",
    verdict: 'timeout',
  },
  {
    name: 'throws a proxy whose get loops',
    source: 'throw new Proxy({}, { get() { for (;;); } })',
    verdict: 'timeout',
  },
  {
    name: 'returns a proxy whose getPrototypeOf and descriptors loop',
    source:
      'return new Proxy({}, { getPrototypeOf() { for (;;); }, getOwnPropertyDescriptor() { for (;;); }, ownKeys: () => ["a"] })',
    verdict: 'timeout',
  },
  {
    name: 'publishes an object whose toJSON loops',
    source: "events.publish('a.b', { toJSON() { for (;;); } })",
    verdict: 'timeout',
  },
  {
    name: 'logs a proxy whose get loops',
    source: 'sdk.log.info(new Proxy({}, { get() { for (;;); } }))',
    verdict: 'timeout',
  },
  {
    name: 'returns promises inside promises for ever',
    source: 'const f = () => ({ then(r) { r(f()); } }); return f()',
    verdict: 'timeout',
  },
  {
    name: 'rejects with a thenable that loops',
    source: 'return Promise.reject({ then() { for (;;); }, get message() { for (;;); } })',
    verdict: 'timeout',
  },
  {
    name: 'fills an object with a huge length',
    source: 'return Array.prototype.every.call({ length: 2 ** 53 - 1 }, () => true)',
    verdict: 'timeout',
  },
  {
    name: 'copies within an object with a huge length',
    source: 'return Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 0, 1)',
    verdict: 'timeout',
  },
  {
    name: 'truncates a BigInt to a billion bits',
    source: 'for (;;) BigInt.asUintN(2 ** 30, -1n);',
    verdict: 'timeout',
  },
  {
    name: 'reads a huge BigInt from text',
    source: "for (;;) BigInt('9'.repeat(3e6));",
    verdict: 'timeout',
  },
  {
    name: 'sorts endlessly by the rules of a language',
    source:
      "const a = Array.from({ length: 1e4 }, (_, i) => `x${(i * 7919) % 10007}`); for (;;) a.sort((x, y) => x.localeCompare(y, 'zh'));",
    verdict: 'timeout',
  },
  {
    name: 'normalizes a text that grows',
    source: "const s = '\\uFDFA'.repeat(1e6); for (;;) s.normalize('NFKD');",
    verdict: 'timeout',
  },
  {
    name: 'compiles regular expressions for ever',
    source: "for (let i = 0; ; i++) new RegExp(`(a|b|c){1,500}${i}`).test('abc'.repeat(200));",
    verdict: 'timeout',
  },
  {
    name: 'backtracks in a look-behind',
    source: "return /(?<=^(?:a|a)+)b/.test('c' + 'a'.repeat(60) + 'b')",
    verdict: 'timeout',
  },
  {
    name: 'reads dates for ever',
    source: "for (;;) new Date('x'.repeat(1e5));",
    verdict: 'timeout',
  },
  {
    name: 'waits in a queue of bindings that never ends',
    source: 'for (;;) { try { await crm.find(1); } catch { await null; } }',
    verdict: 'timeout',
    run: { bindings: ['crm.find'], answers: 'with one' },
  },
  {
    name: 'goes on for ever after it has failed',
    source: "(async () => { for (;;) await null; })(); throw new Error('done')",
    verdict: 'timeout',
  },
  {
    name: 'shifts and splices an object with a huge length',
    source:
      'const length = 2 ** 53 - 2; try { Array.prototype.splice.call({ length }, 0, 1); } finally { Array.prototype.unshift.call({ length }, 1); }',
    verdict: 'timeout',
  },
  {
    name: 'concatenates a text of a huge length',
    source: 'return String.raw({ raw: { length: 2 ** 53 - 1 } })',
    verdict: 'timeout',
  },
  {
    name: 'splits a huge text into words',
    source:
      "const s = new Intl.Segmenter('th', { granularity: 'word' }).segment('ก'.repeat(5e5)); for (;;) for (const x of s);",
    verdict: 'timeout',
  },
  {
    name: 'looks for a word in the middle of a huge one',
    source:
      "const s = new Intl.Segmenter('en', { granularity: 'word' }).segment('a'.repeat(4e6)); for (;;) s.containing(2e6);",
    verdict: 'timeout',
  },
  {
    name: 'formats a long list by the rules of a language',
    source: "for (;;) new Array(1e6).fill(1).toLocaleString('de');",
    verdict: 'timeout',
  },
  {
    name: 'changes a Set endlessly during its own iteration',
    source: 'const s = new Set([1]); s.forEach((v) => { s.delete(v); s.add(v); });',
    verdict: 'timeout',
  },
  {
    name: 'normalizes many combining marks of one letter',
    source: "const s = 'a' + '\\u0301\\u0316'.repeat(1e6); for (;;) s.normalize('NFC');",
    verdict: 'timeout',
  },
  {
    name: 'compares huge texts and changes their case by the rules of a language',
    source:
      "const s = 'ß'.repeat(3e6); for (;;) { s.localeCompare(s + 'x', 'de'); s.toLocaleUpperCase('lt'); }",
    verdict: 'timeout',
  },
  {
    name: 'sorts and moves typed arrays for ever',
    source:
      'const t = Float64Array.from({ length: 1e5 }, (_, i) => (i * 7919) % 1000003); for (;;) { t.slice().sort(); t.copyWithin(1, 0); }',
    verdict: 'timeout',
  },
  {
    name: 'writes a huge BigInt in base 7',
    source: 'const n = 3n ** 600000n; for (;;) n.toString(7);',
    verdict: 'timeout',
  },
  {
    name: 'matches five thousand named groups',
    source:
      "let s = ''; for (let i = 0; i < 5000; i++) s += `(?<a${i}>x)?`; const r = new RegExp(s, 'd'); for (;;) r.exec('x');",
    verdict: 'timeout',
  },
  {
    name: 'asks which of ten thousand languages are supported',
    source: "for (;;) Intl.Collator.supportedLocalesOf(Array.from({ length: 1e4 }, (_, i) => 'de-x-a' + i));",
    verdict: 'timeout',
  },
  {
    name: 'resolves thenables with each other',
    source: 'const a = { then(r) { r(b); } }, b = { then(r) { r(a); } }; await a;',
    verdict: 'timeout',
  },
]);
