/* oxlint-disable jest/no-standalone-expect -- `describeAttempts` calls these proofs inside its tests */
import type { Outcome } from '../../lib/sandbox/index.js';
import { describeAttempts } from './support/hostile-table.js';

const result =
  (expected: unknown) =>
  (outcome: Outcome): void =>
    expect(outcome).toMatchObject({ status: 'completed', result: expected });
const refused =
  (name: string) =>
  (outcome: Outcome): void =>
    expect(outcome).toMatchObject({ error: { name } });

describeAttempts('a script with unusual output', [
  { name: 'returns a huge text', source: "return 'x'.repeat(300 * 1024)", verdict: 'rejected' },
  {
    name: 'returns a huge text of three-byte characters',
    source: "return '€'.repeat(100 * 1024)",
    verdict: 'rejected',
  },
  {
    name: 'returns a text of exactly the limit',
    source: "return 'x'.repeat(256 * 1024 - 2)",
    verdict: 'completed',
  },
  { name: 'returns a long list', source: 'return new Array(200000).fill(1)', verdict: 'rejected' },
  {
    name: 'returns a deep object',
    source: 'let o = {}; for (let i = 0; i < 150; i++) o = { o }; return o',
    verdict: 'rejected',
  },
  {
    name: 'returns an endlessly deep object',
    source: 'let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return o',
    verdict: 'rejected',
  },
  {
    name: 'returns a deep list',
    source: 'let o = []; for (let i = 0; i < 5000; i++) o = [o]; return o',
    verdict: 'rejected',
  },
  {
    name: 'returns an object of depth 100',
    source: 'let o = 1; for (let i = 0; i < 100; i++) o = [o]; return o',
    verdict: 'completed',
  },
  { name: 'returns brackets in a text', source: "return '['.repeat(500)", verdict: 'completed' },
  { name: 'returns a cycle', source: 'const o = {}; o.o = o; return o', verdict: 'runtime' },
  { name: 'returns a BigInt', source: 'return 1n', verdict: 'runtime' },
  {
    name: 'returns a sparse list',
    source: 'const a = []; a[3] = 1; return a',
    verdict: 'completed',
    proves: result([null, null, null, 1]),
  },
  {
    name: 'returns a huge sparse list',
    source: 'const a = []; a[4294967290] = 1; return a',
    verdict: 'runtime',
  },
  { name: 'returns nothing', source: '', verdict: 'completed', proves: result(null) },
  { name: 'returns undefined', source: 'return undefined', verdict: 'completed', proves: result(null) },
  { name: 'returns a function', source: 'return () => 1', verdict: 'completed', proves: result(null) },
  { name: 'returns a symbol', source: "return Symbol('s')", verdict: 'completed', proves: result(null) },
  {
    name: 'returns NaN and infinities',
    source: 'return [NaN, Infinity, -0]',
    verdict: 'completed',
    proves: result([null, null, 0]),
  },
  {
    name: 'returns a Date',
    source: 'return new Date(0)',
    verdict: 'completed',
    proves: result('1970-01-01T00:00:00.000Z'),
  },
  {
    name: 'returns an invalid Date',
    source: 'return new Date(NaN)',
    verdict: 'completed',
    proves: result(null),
  },
  {
    name: 'returns a Map and a Set',
    source: 'return [new Map([[1, 2]]), new Set([1])]',
    verdict: 'completed',
    proves: result([{}, {}]),
  },
  {
    name: 'returns a typed array',
    source: 'return new Uint8Array(3)',
    verdict: 'completed',
    proves: result({ 0: 0, 1: 0, 2: 0 }),
  },
  { name: 'returns an error', source: "return new Error('x')", verdict: 'completed', proves: result({}) },
  {
    name: 'returns a proxy',
    source: 'return new Proxy({ a: 1 }, {})',
    verdict: 'completed',
    proves: result({ a: 1 }),
  },
  {
    name: 'returns a revoked proxy',
    source: 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy',
    verdict: 'runtime',
  },
  {
    name: 'returns a thenable',
    source: 'return { then(r) { r(7); } }',
    verdict: 'completed',
    proves: result(7),
  },
  {
    name: 'returns a rejected promise',
    source: "return Promise.reject(new Error('no'))",
    verdict: 'runtime',
  },
  {
    name: 'returns a key named __proto__',
    source: 'return JSON.parse(\'{"__proto__": {"admin": true}, "a": 1}\')',
    verdict: 'completed',
    proves: (o) =>
      expect(o.status === 'completed' && Object.keys(o.result as object)).toEqual(['__proto__', 'a']),
  },
  {
    name: 'returns U+0000',
    source: "return ['a\\u0000b', { 'k\\u0000': 1 }]",
    verdict: 'completed',
    proves: result(['a\ufffdb', { 'k\ufffd': 1 }]),
  },
  {
    name: 'returns lone surrogates',
    source: "return ['\\ud800', 'a\\udc00b', '😀']",
    verdict: 'completed',
    proves: result(['\ufffd', 'a\ufffdb', '😀']),
  },
  {
    name: 'returns an escaped backslash before u0000',
    source: "return '\\\\u0000'",
    verdict: 'completed',
    proves: result('\\u0000'),
  },
  {
    name: 'returns an object whose toJSON throws',
    source: "return { toJSON() { throw new Error('no form'); } }",
    verdict: 'runtime',
  },
  {
    name: 'returns an object whose toJSON returns itself',
    source: 'const o = { toJSON() { return o; } }; return o',
    verdict: 'completed',
    proves: result({}),
  },
  {
    name: 'logs a million lines',
    source: "for (let i = 0; i < 1e6; i++) sdk.log.info('line ' + i); return 1",
    verdict: 'completed',
    proves: (o) => {
      expect(o.logs.length).toBeLessThanOrEqual(1_000);
      expect(o.metrics.logsDropped).toBeGreaterThan(1_000);
    },
  },
  {
    name: 'logs a huge line',
    source: "sdk.log.info('x'.repeat(1e6)); return 1",
    verdict: 'completed',
    proves: (o) => expect(o.logs[0]!.message).toMatch(/^x+… \(991808 more characters\)$/),
  },
  {
    name: 'logs a huge line of pairs',
    source: "sdk.log.info('x' + '😀'.repeat(5_000)); return 1",
    verdict: 'completed',
    proves: (o) => expect(o.logs[0]!.message).toBe(`x${'😀'.repeat(4_095)}… (1810 more characters)`),
  },
  {
    name: 'logs huge data',
    source: "sdk.log.info('m', 'x'.repeat(1e6)); return 1",
    verdict: 'completed',
    proves: (o) =>
      expect(o.logs).toEqual([{ level: 'info', message: 'm', data: '[1000002 characters left out]' }]),
  },
  {
    name: 'logs unusual arguments',
    source:
      "sdk.log.info(); sdk.log.info(null, undefined); sdk.log.info(Symbol('s'), 1n); sdk.log.info({}, () => 1); console.log(1, 2, 3); console.error(new TypeError('t'), new Error('e')); return 1",
    verdict: 'completed',
    proves: (o) =>
      expect(o.logs).toEqual([
        { level: 'info', message: '' },
        { level: 'info', message: 'null' },
        { level: 'info', message: 'Symbol(s)', data: '1' },
        { level: 'info', message: '{}' },
        { level: 'info', message: '1', data: [2, 3] },
        { level: 'error', message: 'TypeError: t', data: 'Error: e' },
      ]),
  },
  {
    name: 'logs values that cannot be converted to JSON',
    source:
      "const o = {}; o.o = o; sdk.log.warn('m', o); sdk.log.warn(o); const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); sdk.log.warn(proxy, proxy); return 1",
    verdict: 'completed',
    proves: (o) => expect(o.logs).toHaveLength(3),
  },
  {
    name: 'logs U+0000 and lone surrogates',
    source: "sdk.log.info('a\\u0000\\ud800', '\\udfff'); return 1",
    verdict: 'completed',
    proves: (o) => expect(o.logs).toEqual([{ level: 'info', message: 'a\ufffd\ufffd', data: '\ufffd' }]),
  },
  {
    name: 'logs a line break that looks like a record',
    source: 'sdk.log.info(\'a"}\\n{"level":"error"\'); return 1',
    verdict: 'completed',
    proves: (o) => expect(o.logs).toHaveLength(1),
  },
  {
    name: 'publishes a thousand events',
    source: "for (let i = 0; i < 1000; i++) events.publish('a.b', { i })",
    verdict: 'runtime',
    proves: refused('LimitError'),
  },
  {
    name: 'publishes thirty events',
    source: "for (let i = 0; i < 30; i++) events.publish('a.b', { i })",
    verdict: 'completed',
    proves: (o) => expect(o.published).toHaveLength(30),
  },
  {
    name: 'publishes a huge payload',
    source: "events.publish('a.b', { x: 'x'.repeat(1e5) })",
    verdict: 'runtime',
    proves: refused('LimitError'),
  },
  {
    name: 'publishes a payload that is too large only in bytes',
    source:
      "try { events.publish('a.b', { x: '€'.repeat(25_000) }); } catch (e) { events.publish('a.b', { x: e.code }); } return 1",
    verdict: 'completed',
    proves: (o) => expect(o.published).toEqual([{ type: 'a.b', payload: { x: 'publishBytes' } }]),
  },
  {
    name: 'publishes a deep payload',
    source: "let o = {}; for (let i = 0; i < 150; i++) o = { o }; events.publish('a.b', o)",
    verdict: 'rejected',
  },
  {
    name: 'publishes a cycle',
    source: "const o = {}; o.o = o; events.publish('a.b', o)",
    verdict: 'runtime',
  },
  {
    name: 'publishes a payload that is not an object',
    source: "events.publish('a.b', 'text')",
    verdict: 'runtime',
    proves: refused('EventPayloadError'),
  },
  {
    name: 'publishes without a payload',
    source: "events.publish('a.b')",
    verdict: 'completed',
    proves: (o) => expect(o.published).toEqual([{ type: 'a.b', payload: {} }]),
  },
  {
    name: 'publishes U+0000',
    source: "events.publish('a.b', { k: '\\u0000\\ud800' })",
    verdict: 'completed',
    proves: (o) => expect(o.published).toEqual([{ type: 'a.b', payload: { k: '\ufffd\ufffd' } }]),
  },
  {
    name: 'publishes and then fails',
    source: "events.publish('a.b', {}); throw new Error('x')",
    verdict: 'runtime',
    proves: (o) => expect(o.published).toEqual([]),
  },
  {
    name: 'logs data that nests as deep as V8 allows',
    source:
      'for (let n = 50; n < 7000; n += 50) { let o = []; for (let i = 0; i < n; i++) o = [o]; sdk.log.info(String(n), o); } return 1',
    verdict: 'completed',
    proves: (o) => {
      expect(o.logs.slice(0, 1)).toEqual([{ level: 'info', message: '50', data: expect.any(Array) }]);
      expect(o.logs.slice(2, 4).map(({ data }) => data)).toEqual(Array(2).fill('[nests deeper than 100]'));
    },
  },
  {
    name: 'logs brackets in a text',
    source: "sdk.log.info('x', '['.repeat(500)); return 1",
    verdict: 'completed',
    proves: (o) => expect(o.logs).toEqual([{ level: 'info', message: 'x', data: '['.repeat(500) }]),
  },
  {
    name: 'logs escapes up to the limit',
    source:
      "for (let i = 0; i < 100; i++) sdk.log.info('\\u0000'.repeat(8192), '\\u0001'.repeat(2000)); return 1",
    verdict: 'completed',
    proves: (o) => expect(o.metrics.logsDropped).toBeGreaterThan(80),
  },
  {
    name: 'logs a key named __proto__',
    source: 'sdk.log.info("x", JSON.parse(\'{"__proto__": {"level": "error"}}\')); return 1',
    verdict: 'completed',
    proves: (o) => expect(o.logs[0]!.level).toBe('info'),
  },
  {
    name: 'logs through every level and console method',
    source:
      "for (const k of ['debug', 'info', 'warn', 'error']) sdk.log[k](k); for (const k of ['log', 'info', 'debug', 'trace', 'warn', 'error', 'dir', 'table']) console[k](k); return 1",
    verdict: 'completed',
    proves: (o) => expect(o.logs).toHaveLength(12),
  },
  {
    name: 'publishes events of unusual types',
    source:
      "const odd = [undefined, null, 1, {}, [], Symbol('s'), '', '.', 'a.', '.a', 'a..b', '1a', 'a b', 'a\\u0000', 'ä', 'a'.repeat(129), 'a\\n', new String('a.b'), ['a.b']]; return odd.filter((t) => { try { events.publish(t, {}); return true; } catch (e) { return e.name !== 'EventTypeError'; } }).length",
    verdict: 'completed',
    proves: (o) => expect(o).toMatchObject({ result: 0, published: [] }),
  },
  {
    name: 'publishes unusual payloads',
    source:
      "const odd = [null, 1, 'x', [], () => 1, Symbol('s'), 1n, new Date(0), { toJSON() { return 1; } }, { toJSON() { throw 1; } }]; return odd.filter((p) => { try { events.publish('a.b', p); return true; } catch { return false; } }).length",
    verdict: 'completed',
    proves: (o) => expect(o).toMatchObject({ result: 0, published: [] }),
  },
  {
    name: 'returns a huge list of holes by a proxy',
    source: "return new Proxy([], { get: (t, k) => (k === 'length' ? 2 ** 32 - 1 : t[k]) })",
    verdict: 'runtime',
  },
  {
    name: 'returns boxed values',
    source: "return [new Number(1), new String('a'), new Boolean(false), Object(1), [undefined, () => 1]]",
    verdict: 'completed',
    proves: result([1, 'a', false, 1, [null, null]]),
  },
  {
    name: 'returns a boxed BigInt',
    source: 'return Object(1n)',
    verdict: 'runtime',
  },
  {
    name: 'returns an object without a prototype and with unusual keys',
    source: "return { __proto__: null, '': 1, constructor: 2, hasOwnProperty: 3, toString: 4, '\\ud800': 5 }",
    verdict: 'completed',
    proves: result({ '': 1, constructor: 2, hasOwnProperty: 3, toString: 4, '\ufffd': 5 }),
  },
  {
    name: 'returns ten thousand keys',
    source: 'return Object.fromEntries(Array.from({ length: 10000 }, (_, i) => [`k${i}`, i]))',
    verdict: 'completed',
  },
  {
    name: 'returns the largest and smallest numbers',
    source: 'return [Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, -(2 ** 53), 1e21, 0.1 + 0.2]',
    verdict: 'completed',
    proves: result([Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, -(2 ** 53), 1e21, 0.1 + 0.2]),
  },
  {
    name: 'returns many short rows of digits',
    source: "return ('1'.repeat(299) + 'a').repeat(870)",
    verdict: 'completed',
  },
  {
    name: 'returns rows of backslashes before characters that are not escapes',
    source: "return ['\\\\'.repeat(6e4) + 'u0000', '\\\\'.repeat(6e4) + '\\u0000'].map((s) => s.slice(-7))",
    verdict: 'completed',
    proves: result(['\\\\u0000'.slice(0, 7), '\\\\\\\\\\\\\ufffd']),
  },
  {
    name: 'publishes many short rows of digits',
    source:
      "for (let i = 0; i < 4; i++) events.publish('a.b', { a: ('1'.repeat(299) + 'a').repeat(215) }); return 1",
    verdict: 'completed',
    proves: (o) => expect(o.published).toHaveLength(4),
  },
  {
    name: 'publishes thirty payloads of many keys',
    source:
      "const o = {}; for (let i = 0; i < 6000; i++) o['k' + i] = 0; for (let i = 0; i < 30; i++) events.publish('a.b', o)",
    verdict: 'runtime',
    proves: refused('LimitError'),
  },
  {
    name: 'publishes while a payload is converted to JSON',
    source:
      "let n = 0; const o = { toJSON() { if (n++ < 100) events.publish('a.b', o); return {}; } }; events.publish('a.b', o)",
    verdict: 'runtime',
    proves: refused('LimitError'),
  },
  {
    name: 'logs while an argument is converted to JSON',
    source:
      'let n = 0; const o = { toJSON() { if (n++ < 100) sdk.log.info(o); return {}; } }; sdk.log.info(o)',
    verdict: 'completed',
    run: { limits: { logLines: 10 } },
    proves: (o) => expect([o.logs.length, o.metrics.logsDropped]).toEqual([10, 91]),
  },
]);
