/* oxlint-disable jest/no-standalone-expect -- `describeAttempts` calls these proofs inside its tests */
import { describeAttempts } from './support/hostile-table.js';

const limits = { timeoutMs: 8_000 };

describeAttempts('a script that eats memory', [
  {
    name: 'pushes arrays',
    source: 'const a = []; for (;;) a.push(new Array(1e4).fill(1));',
    verdict: 'memory',
    run: { limits },
  },
  {
    name: 'pushes objects',
    source: 'const a = []; for (;;) a.push({ a: 1, b: {} });',
    verdict: 'memory',
    run: { limits },
  },
  {
    name: 'fills one huge array',
    source: 'return new Array(1e8).fill(0.5)',
    verdict: 'memory',
    run: { limits },
  },
  {
    name: 'spreads a huge array',
    source: 'let a = [1]; for (;;) a = [...a, ...a];',
    verdict: ['memory', 'runtime'],
    run: { limits },
  },
  {
    name: 'doubles a string',
    source: "let s = 'x'; for (;;) s += s;",
    verdict: ['memory', 'runtime'],
    run: { limits },
  },
  {
    name: 'flattens doubled strings',
    source: "let s = 'x'.repeat(1e6); const a = []; for (;;) { s += 'y'; s.charCodeAt(5); a.push(s); }",
    verdict: 'memory',
    run: { limits },
  },
  {
    name: 'pads a string to the limit',
    source: "const a = []; for (;;) a.push('x'.padEnd(5e6, Math.random().toString()));",
    verdict: ['memory', 'timeout'],
    run: { limits },
  },
  {
    name: 'replaces into a bomb',
    source: "let s = 'a'.repeat(1e4); for (;;) s = s.replace(/a/g, 'aaaaaaaaaa');",
    verdict: ['memory', 'runtime', 'timeout'],
    run: { limits },
  },
  {
    name: 'joins into a bomb',
    source: "const a = new Array(1e6).fill('x'.repeat(1e3)); const b = []; for (;;) b.push(a.join('y'));",
    verdict: ['memory', 'runtime'],
    run: { limits },
  },
  {
    name: 'allocates array buffers',
    source: 'const a = []; for (;;) a.push(new ArrayBuffer(1e6));',
    verdict: ['memory', 'runtime'],
    run: { limits },
  },
  {
    name: 'allocates one huge array buffer',
    source: 'return new ArrayBuffer(2 ** 32).byteLength',
    verdict: ['memory', 'runtime'],
    run: { limits },
  },
  {
    name: 'fills typed arrays',
    source: 'const a = []; for (;;) a.push(new Float64Array(1e5).fill(1));',
    verdict: ['memory', 'runtime'],
    run: { limits },
  },
  {
    name: 'grows a resizable buffer',
    source:
      'const b = new ArrayBuffer(8, { maxByteLength: 2 ** 30 }); for (let n = 1; ; n++) { b.resize(n * 1e6); new Uint8Array(b).fill(1); }',
    verdict: ['memory', 'runtime', 'timeout', 'crashed'],
    run: { limits },
  },
  {
    name: 'reserves resizable buffers',
    source: 'const a = []; for (;;) a.push(new ArrayBuffer(8, { maxByteLength: 2 ** 30 }));',
    verdict: ['memory', 'runtime', 'timeout', 'crashed'],
    run: { limits },
  },
  {
    name: 'grows a Map',
    source: 'const m = new Map(); for (let i = 0; ; i++) m.set(i, { i });',
    verdict: ['memory', 'runtime'],
    run: { limits },
  },
  {
    name: 'grows a Set',
    source: 'const m = new Set(); for (let i = 0; ; i++) m.add(`k${i}`);',
    verdict: ['memory', 'runtime'],
    run: { limits },
  },
  {
    name: 'grows one object',
    source: 'const o = {}; for (let i = 0; ; i++) o[`k${i}`] = i;',
    verdict: ['memory', 'timeout'],
    run: { limits },
  },
  {
    name: 'parses a JSON bomb',
    source: "return JSON.parse('[' + '[],'.repeat(5e6) + '[]]')",
    verdict: ['memory', 'runtime', 'timeout'],
    run: { limits },
  },
  {
    name: 'stringifies a JSON bomb',
    source:
      "let o = ['x'.repeat(100)]; for (let i = 0; i < 30; i++) o = [o, o]; return JSON.stringify(o).length",
    verdict: ['memory', 'runtime', 'timeout'],
    run: { limits },
  },
  {
    name: 'returns a JSON bomb',
    source: "let o = ['x'.repeat(100)]; for (let i = 0; i < 30; i++) o = [o, o]; return o",
    verdict: ['memory', 'runtime', 'timeout'],
    run: { limits },
  },
  {
    name: 'keeps closures',
    source: 'const a = []; for (;;) { const b = new Array(100).fill(0); a.push(() => b); }',
    verdict: 'memory',
    run: { limits },
  },
  {
    name: 'registers symbols',
    source: "for (let i = 0; ; i++) Symbol.for('s'.repeat(1e3) + i);",
    verdict: ['memory', 'timeout'],
    run: { limits },
  },
  {
    name: 'keeps symbols',
    source: 'const a = []; for (;;) a.push(Symbol());',
    verdict: 'memory',
    run: { limits },
  },
  {
    name: 'compiles endless functions',
    source: 'const a = []; for (let i = 0; ; i++) a.push(new Function(`return ${i}`));',
    verdict: ['memory', 'timeout', 'runtime'],
    run: { limits },
  },
  {
    name: 'makes endless pending promises',
    source: 'const a = []; for (;;) a.push(new Promise(() => {}));',
    verdict: 'memory',
    run: { limits },
  },
  {
    name: 'rejects endless promises',
    source: 'const a = []; for (;;) a.push(Promise.reject(1));',
    verdict: ['memory', 'timeout'],
    run: { limits },
  },
  {
    name: 'holds a giant sparse array',
    source: 'const a = []; for (let i = 0; ; i += 1000) a[i] = {};',
    verdict: ['memory', 'runtime'],
    run: { limits },
  },
  {
    name: 'matches into endless groups',
    source: "const a = []; for (;;) a.push('ab'.repeat(1e5).match(/a/g));",
    verdict: ['memory', 'timeout'],
    run: { limits },
  },
  {
    name: 'grows a BigInt',
    source: 'let n = 1n; for (;;) n <<= 8000000n;',
    verdict: ['memory', 'runtime', 'timeout'],
    run: { limits },
  },
  {
    name: 'passes a binding endless arguments',
    source: "return await crm.find('x'.repeat(3e6))",
    verdict: 'runtime',
    run: { limits, bindings: ['crm.find'], callBinding: () => Promise.resolve(1) },
    proves: (o) => expect(o).toMatchObject({ error: { name: 'LimitError' } }),
  },
]);
