/* oxlint-disable jest/no-standalone-expect -- `describeAttempts` calls these proofs inside its tests */
import type { Outcome } from '../../lib/sandbox/index.js';
import { describeAttempts } from './support/hostile-table.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

const hasNoResizable = (outcome: Outcome): void =>
  expect(outcome).toMatchObject({
    error: { name: 'TypeError', message: "Scripts can't use resizable buffers; remove maxByteLength" },
  });

describeAttempts('a script that uses much memory', [
  {
    name: 'pushes arrays',
    source: 'const a = []; for (;;) a.push(new Array(1e4).fill(1));',
    verdict: 'memory',
  },
  {
    name: 'pushes objects',
    source: 'const a = []; for (;;) a.push({ a: 1, b: {} });',
    verdict: 'memory',
  },
  {
    name: 'fills one huge array',
    source: 'return new Array(1e8).fill(0.5)',
    verdict: 'memory',
  },
  {
    name: 'spreads a huge array',
    source: 'let a = [1]; for (;;) a = [...a, ...a];',
    verdict: 'memory',
  },
  {
    name: 'doubles a string',
    source: "let s = 'x'; for (;;) s += s;",
    verdict: 'runtime',
  },
  {
    name: 'flattens doubled strings',
    source: "let s = 'x'.repeat(1e6); const a = []; for (;;) { s += 'y'; s.charCodeAt(5); a.push(s); }",
    verdict: 'memory',
  },
  {
    name: 'pads a string to the limit',
    source: "const a = []; for (;;) a.push('x'.padEnd(5e6, Math.random().toString()));",
    verdict: 'memory',
  },
  {
    name: 'replaces into a bomb',
    source: "let s = 'a'.repeat(1e4); for (;;) s = s.replace(/a/g, 'aaaaaaaaaa');",
    verdict: 'memory',
  },
  {
    name: 'joins into a bomb',
    source: "const a = new Array(1e6).fill('x'.repeat(1e3)); const b = []; for (;;) b.push(a.join('y'));",
    verdict: 'runtime',
  },
  {
    name: 'allocates array buffers',
    source: 'const a = []; for (;;) a.push(new ArrayBuffer(1e6));',
    verdict: 'runtime',
  },
  {
    name: 'allocates one huge array buffer',
    source: 'return new ArrayBuffer(2 ** 32).byteLength',
    verdict: 'runtime',
  },
  {
    name: 'fills typed arrays',
    source: 'const a = []; for (;;) a.push(new Float64Array(1e5).fill(1));',
    verdict: 'runtime',
  },
  {
    name: 'grows a resizable buffer',
    source:
      'const b = new ArrayBuffer(8, { maxByteLength: 2 ** 30 }); for (let n = 1; ; n++) { b.resize(n * 1e6); new Uint8Array(b).fill(1); }',
    verdict: 'runtime',
    proves: hasNoResizable,
  },
  {
    name: 'reserves the addresses of the process with resizable buffers',
    source: 'const a = [];\nfor (;;) a.push(new ArrayBuffer(8, { maxByteLength: 2 ** 16 }));',
    verdict: 'runtime',
    proves: (o) => {
      hasNoResizable(o);
      expect(o).toMatchObject({
        error: { line: 2, stack: expect.stringMatching(/^[^\n]+\n +at script\.js:2:\d+$/) },
      });
    },
  },
  {
    name: 'makes a resizable buffer in any other way',
    source: `
      const has = { maxByteLength: 16 };
      const hidden = { reads: 0, get maxByteLength() { return this.reads++ === 0 ? undefined : 16; } };
      const { constructor } = new Uint8Array(1).buffer;
      class Own extends ArrayBuffer {}
      const ways = [
        () => new constructor(8, has),
        () => new Own(8, has),
        () => Reflect.construct(ArrayBuffer, [8, has]),
        () => Reflect.construct(ArrayBuffer, [8, has], Object),
        () => new ArrayBuffer(8, Object.assign(() => 1, has)),
        () => new ArrayBuffer[Symbol.species](8, has),
        () => new ArrayBuffer(8, { __proto__: has }),
        () => new ArrayBuffer(8, hidden),
        () => new (ArrayBuffer.bind())(8, has),
        () => new Uint8Array(1).buffer.slice(0).constructor(8, has),
      ];
      return ways.map((make) => { try { return make().resizable; } catch ({ name }) { return name; } })`,
    verdict: 'completed',
    proves: (o) =>
      expect(o).toMatchObject({
        result: [...Array(7).fill('TypeError'), false, 'TypeError', 'TypeError'],
      }),
  },
  {
    name: 'uses all other buffers',
    source: `
      class Own extends ArrayBuffer { twice() { return this.byteLength * 2; } }
      const buffer = new Own(8, undefined);
      const sizes = [new ArrayBuffer(3, {}), new ArrayBuffer('4', { maxByteLength: undefined }), new ArrayBuffer(5, 7), new ArrayBuffer()];
      let refused;
      try { new ArrayBuffer(-1); } catch ({ name }) { refused = name; }
      return [
        buffer.twice(), buffer instanceof ArrayBuffer, buffer.slice(2) instanceof Own, ArrayBuffer.isView(new DataView(buffer)),
        sizes.map(({ byteLength }) => byteLength), ArrayBuffer.name, ArrayBuffer.length, new Uint16Array([1, 2]).buffer.byteLength,
        new Int8Array(new ArrayBuffer(2)).constructor === Int8Array, refused,
      ]`,
    verdict: 'completed',
    proves: (o) =>
      expect(o).toMatchObject({
        result: [16, true, true, true, [3, 4, 5, 0], 'ArrayBuffer', 1, 4, true, 'RangeError'],
      }),
  },
  {
    name: 'grows a Map',
    source: 'const m = new Map(); for (let i = 0; ; i++) m.set(i, { i });',
    verdict: 'memory',
  },
  {
    name: 'grows a Set',
    source: 'const m = new Set(); for (let i = 0; ; i++) m.add(`k${i}`);',
    verdict: 'memory',
  },
  {
    name: 'grows one object',
    source: 'const o = {}; for (let i = 0; ; i++) o[`k${i}`] = i;',
    verdict: 'memory',
    slow: true,
  },
  {
    name: 'parses a JSON bomb',
    source: "return JSON.parse('[' + '[],'.repeat(5e6) + '[]]')",
    verdict: 'memory',
  },
  {
    name: 'stringifies a JSON bomb',
    source:
      "let o = ['x'.repeat(100)]; for (let i = 0; i < 30; i++) o = [o, o]; return JSON.stringify(o).length",
    verdict: 'memory',
  },
  {
    name: 'returns a JSON bomb',
    source: "let o = ['x'.repeat(100)]; for (let i = 0; i < 30; i++) o = [o, o]; return o",
    verdict: 'memory',
  },
  {
    name: 'keeps closures',
    source: 'const a = []; for (;;) { const b = new Array(100).fill(0); a.push(() => b); }',
    verdict: 'memory',
  },
  {
    name: 'registers symbols',
    source: "for (let i = 0; ; i++) Symbol.for('s'.repeat(1e3) + i);",
    verdict: 'memory',
  },
  {
    name: 'keeps symbols',
    source: 'const a = []; for (;;) a.push(Symbol());',
    verdict: 'memory',
  },
  {
    name: 'compiles endless functions',
    source:
      "const a = []; for (let i = 0; ; i++) a.push(new Function(`return ${i} /* ${'x'.repeat(1e4)} */`));",
    verdict: 'memory',
  },
  {
    name: 'makes endless pending promises',
    source: 'const a = []; for (;;) a.push(new Promise(() => {}));',
    verdict: 'memory',
  },
  {
    name: 'rejects endless promises',
    source: 'const a = []; for (;;) a.push(Promise.reject(1));',
    verdict: 'memory',
  },
  {
    name: 'holds a giant sparse array',
    source: 'const a = []; for (let i = 0; ; i += 1000) a[i] = {};',
    verdict: 'memory',
  },
  {
    name: 'matches into endless groups',
    source: "const a = []; for (;;) a.push('ab'.repeat(1e5).match(/a/g));",
    verdict: 'memory',
  },
  {
    name: 'grows a BigInt',
    source: 'let n = 1n; for (;;) n <<= 8000000n;',
    verdict: 'memory',
    slow: true,
  },
  {
    name: 'passes a binding endless arguments',
    source: "return await crm.find('x'.repeat(3e6))",
    verdict: 'runtime',
    run: { bindings: ['crm.find'], answers: 'with one' },
    proves: (o) => expect(o).toMatchObject({ error: { name: 'LimitError' } }),
  },
  {
    name: 'splits a text of the greatest length',
    source: "return 'a'.repeat(2 ** 28).split('')",
    verdict: 'memory',
  },
  {
    name: 'lists the entries of a huge text',
    source: "const a = []; for (;;) a.push(Object.entries('a'.repeat(1e6)));",
    verdict: 'memory',
  },
  {
    name: 'makes date formats, which do not count as heap',
    source:
      "const a = []; for (;;) a.push(new Intl.DateTimeFormat('de', { dateStyle: 'full', timeZone: 'Europe/Berlin' }));",
    verdict: 'memory',
  },
  {
    name: 'makes collators, which do not count as heap',
    source: "const a = []; for (;;) a.push(new Intl.Collator('zh'));",
    verdict: 'memory',
  },
  {
    name: 'grows a WeakMap under a key that lives',
    source:
      'const m = new WeakMap(), keys = []; for (;;) { const k = {}; keys.push(k); m.set(k, new Array(100).fill(k)); }',
    verdict: 'memory',
  },
  {
    name: 'chains classes without end',
    source: 'let C = class {}; for (;;) C = class extends C {};',
    verdict: 'memory',
  },
  {
    name: 'keeps generators that wait',
    source:
      'const a = []; for (;;) { const g = (function* () { yield new Array(100); })(); g.next(); a.push(g); }',
    verdict: 'memory',
  },
  {
    name: 'keeps async functions that wait',
    source:
      'const a = []; for (;;) a.push((async () => { const b = new Array(100).fill(0); await new Promise(() => {}); return b; })());',
    verdict: 'memory',
  },
  {
    name: 'encodes into a bomb',
    source: "const a = []; for (;;) a.push(encodeURIComponent('€'.repeat(1e5)));",
    verdict: 'memory',
  },
  {
    name: 'fills the globals',
    source: 'for (let i = 0; ; i++) globalThis[`g${i}`] = {};',
    verdict: 'memory',
  },
  {
    name: 'keeps the call sites of endless errors',
    source: 'const a = []; for (;;) a.push(new Error("x"));',
    verdict: 'memory',
  },
  {
    name: 'has a source that its memory cannot hold',
    source: `return [${'()=>{},'.repeat(140_000)}].length`,
    verdict: 'memory',
    run: { limits: { memoryMb: 8, sourceBytes: 1_048_576 } },
  },
  {
    name: 'rejects with a text of half a gigabyte that nobody handles',
    source: "Promise.reject(new Error('x'.repeat(2 ** 29 - 24))); return 1",
    verdict: 'memory',
  },
  {
    name: 'throws a text of half a gigabyte',
    source: "throw 'x'.repeat(2 ** 29 - 24)",
    verdict: 'memory',
  },
  {
    name: 'logs a text of half a gigabyte',
    source: "sdk.log.info('x'.repeat(2 ** 29 - 24))",
    verdict: 'memory',
  },
  {
    // V8 aborts if it has no stack left to compile a pattern.
    name: 'compiles a regular expression at the end of the stack',
    source:
      "const g = () => { try { g(); } catch (e) { new RegExp('a(b|c)+[d-z]' + Math.random()).test('abc'); throw e; } }; try { g(); } catch {} return 1",
    verdict: ['memory', 'crashed', 'completed'],
  },
]);
