/* oxlint-disable jest/no-standalone-expect -- `describeAttempts` calls these proofs inside its tests */
import type { Outcome } from '../../lib/sandbox/index.js';
import { describeAttempts } from './support/hostile-table.js';

const error =
  (expected: Record<string, unknown>) =>
  (outcome: Outcome): void =>
    expect(outcome).toMatchObject({ error: expected });

describeAttempts('a script that fails in an unusual way', [
  {
    name: 'throws an error',
    source: "\n\nthrow new TypeError('wrong')",
    verdict: 'runtime',
    proves: error({ name: 'TypeError', message: 'wrong', line: 3 }),
  },
  {
    name: 'throws an error after an await',
    source: "await null;\nawait null;\nthrow new Error('late')",
    verdict: 'runtime',
    proves: error({ line: 3 }),
  },
  {
    name: 'throws an error in a nested function',
    source: 'const f = () => {\n  null.x;\n};\nawait null;\nf();',
    verdict: 'runtime',
    proves: error({ line: 2 }),
  },
  { name: 'throws a text', source: "throw 'text'", verdict: 'runtime', proves: error({ message: 'text' }) },
  { name: 'throws null', source: 'throw null', verdict: 'runtime', proves: error({ message: 'null' }) },
  {
    name: 'throws undefined',
    source: 'throw undefined',
    verdict: 'runtime',
    proves: error({ message: 'undefined' }),
  },
  { name: 'throws a number', source: 'throw 42', verdict: 'runtime', proves: error({ message: '42' }) },
  {
    name: 'throws a symbol',
    source: "throw Symbol('s')",
    verdict: 'runtime',
    proves: error({ message: 'Symbol(s)' }),
  },
  { name: 'throws a BigInt', source: 'throw 1n', verdict: 'runtime', proves: error({ message: '1' }) },
  { name: 'throws a function', source: 'throw () => 1', verdict: 'runtime' },
  {
    name: 'throws a plain object',
    source: 'throw { code: 7 }',
    verdict: 'runtime',
    proves: error({ message: '{"code":7}' }),
  },
  {
    name: 'throws a frozen error',
    source: "throw Object.freeze(new Error('cold'))",
    verdict: 'runtime',
    proves: error({ message: 'cold' }),
  },
  {
    name: 'throws a revoked proxy',
    source: 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy',
    verdict: 'runtime',
  },
  {
    name: 'throws a proxy that throws',
    source:
      'throw new Proxy({}, { get() { throw new Error(1); }, getPrototypeOf() { throw 1; }, has() { throw 1; } })',
    verdict: 'runtime',
  },
  {
    name: 'throws an error whose message throws',
    source: "const e = new Error(); Object.defineProperty(e, 'message', { get() { throw 1; } }); throw e",
    verdict: 'runtime',
  },
  {
    name: 'throws an error whose stack throws',
    source: "const e = new Error('m'); Object.defineProperty(e, 'stack', { get() { throw 1; } }); throw e",
    verdict: 'runtime',
    proves: error({ message: 'm' }),
  },
  {
    name: 'throws an error whose message is an object',
    source: "const e = new Error(); e.message = { toString() { return 'odd'; } }; throw e",
    verdict: 'runtime',
  },
  {
    name: 'throws an error whose name is huge',
    source: "const e = new Error('m'); e.name = 'n'.repeat(1e5); throw e",
    verdict: 'runtime',
    proves: error({ message: 'm' }),
  },
  {
    name: 'throws an error with a huge message',
    source: "throw new Error('m'.repeat(1e6))",
    verdict: 'runtime',
    proves: (o) => expect(o.status === 'failed' && o.error.message).toMatch(/^m+…$/),
  },
  {
    name: 'throws an error with a huge stack',
    source: "const e = new Error('m'); e.stack = '    at script.js:1:1\\n'.repeat(1e5); throw e",
    verdict: 'runtime',
  },
  {
    name: 'throws an error with a cyclic cause',
    source: "const e = new Error('m'); e.cause = e; throw e",
    verdict: 'runtime',
    proves: error({ message: 'm' }),
  },
  {
    name: 'throws an AggregateError',
    source: "await Promise.any([Promise.reject(new Error('a'))])",
    verdict: 'runtime',
    proves: error({ name: 'AggregateError' }),
  },
  {
    name: 'throws U+0000 and lone surrogates',
    source: "throw new Error('a\\u0000b\\ud800c')",
    verdict: 'runtime',
    proves: error({ message: 'a\ufffdb\ufffdc' }),
  },
  {
    name: 'forges a stack with other files',
    source:
      "const e = new Error('m'); e.stack = 'Error: m\\n    at evil (/etc/passwd:1:1)\\n    at script.js:9:1'; throw e",
    verdict: 'runtime',
    proves: (o) => expect(JSON.stringify(o)).not.toContain('passwd'),
  },
  {
    name: 'forges a stack that is no text',
    source: "const e = new Error('m'); e.stack = { a: 1 }; throw e",
    verdict: 'runtime',
    proves: error({ message: 'm' }),
  },
  {
    name: 'overflows the stack',
    source: 'const f = () => f();\nf();',
    verdict: 'runtime',
    proves: error({ name: 'RangeError', line: 1 }),
  },
  {
    name: 'overflows the stack in a getter',
    source: 'const o = { get a() { return this.a; } }; return o.a',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in toString',
    source: 'const o = { toString() { return `${this}`; } }; return `${o}`',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in a proxy chain',
    source: 'let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); return p.x',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in toJSON',
    source: 'const o = { toJSON() { return JSON.stringify(o); } }; return o',
    verdict: 'runtime',
  },
  {
    name: 'overflows the stack in a regular expression',
    source: "return new RegExp('('.repeat(1e5) + ')'.repeat(1e5)).test('x')",
    verdict: 'runtime',
  },
  {
    name: 'overflows the stack in the compiler',
    source: "return eval('('.repeat(1e5) + ')'.repeat(1e5))",
    verdict: 'runtime',
  },
  {
    name: 'overflows the stack in sort',
    source: 'const f = () => [2, 1].sort(f); f()',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack and catches it for ever',
    source: 'const f = () => { try { f(); } catch { f(); } }; f()',
    verdict: 'timeout',
  },
  {
    name: 'overflows the stack while it logs',
    source: 'const f = () => { sdk.log.info("x"); f(); }; f()',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack while it publishes',
    source:
      "const f = () => { try { events.publish('a.b', {}); } catch (e) { if (e.name !== 'LimitError') throw e; } f(); }; f()",
    verdict: 'runtime',
  },
  {
    name: 'overflows the stack while it publishes texts whose bytes are counted',
    source:
      "const x = '€'.repeat(30_000); const f = () => { try { events.publish('a.b', { x }); } catch (e) { if (e.name !== 'LimitError') throw e; } f(); }; f()",
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in bind chains',
    source: 'let f = () => 1; for (let i = 0; i < 2e5; i++) f = f.bind(null); return f()',
    verdict: 'completed',
  },
  {
    name: 'rejects a promise that nobody handles',
    source: "Promise.reject(new Error('lost')); return 1",
    verdict: 'completed',
    proves: (o) =>
      expect(o.logs).toEqual([{ level: 'warn', message: 'A rejected promise was not handled: lost' }]),
  },
  {
    name: 'rejects a hundred promises that nobody handles',
    source: 'for (let i = 0; i < 100; i++) Promise.reject(i); return 1',
    verdict: 'completed',
  },
  {
    name: 'rejects a promise with a looping message',
    source:
      "const e = new Error(); Object.defineProperty(e, 'message', { get() { for (;;); } }); Promise.reject(e); return 1",
    verdict: 'timeout',
  },
  {
    name: 'rejects with a revoked proxy that nobody handles',
    source: 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); Promise.reject(proxy); return 1',
    verdict: 'completed',
  },
  {
    name: 'goes on for a short time after it has returned',
    source: "Promise.resolve().then(() => sdk.log.info('after')); return 1",
    verdict: 'completed',
    proves: (o) => expect(o).toMatchObject({ result: 1 }),
  },
  {
    name: 'fails after it has returned',
    source: "Promise.resolve().then(() => { throw new Error('after'); }); return 1",
    verdict: 'completed',
  },
  {
    name: 'throws NonRetryableError',
    source: "class Mine extends NonRetryableError {} throw new Mine('no')",
    verdict: 'runtime',
    proves: error({ retryable: false }),
  },
  {
    name: 'throws RetryAfterError',
    source: "throw new RetryAfterError(60000, 'soon')",
    verdict: 'runtime',
    proves: error({ retryAfterMs: 60_000, message: 'soon' }),
  },
  {
    name: 'throws RetryAfterError without a message',
    source: 'throw new RetryAfterError(125_000)',
    verdict: 'runtime',
    proves: error({ message: 'The script asked for a retry after 2\u00a0min\u00a05\u00a0s' }),
  },
  {
    name: 'throws RetryAfterError with an invalid time',
    source: "throw new RetryAfterError('soon')",
    verdict: 'runtime',
    proves: error({ name: 'TypeError' }),
  },
  {
    name: 'forges a line number that no table can store',
    source: "const e = new Error('m'); e.stack = 'Error: m\\n    at script.js:99999999999:1'; throw e",
    verdict: 'runtime',
    proves: error({ message: 'm', line: 1 }),
  },
  {
    name: 'forges line 0 of a source with the name of ours',
    source:
      "eval('//# sourceURL=script.js\\n'); const e = new Error('m'); e.stack = 'Error: m\\n    at script.js:0:0'; throw e",
    verdict: 'runtime',
    proves: error({ line: 1 }),
  },
  {
    name: 'throws an error that is a proxy of an error',
    source: "throw new Proxy(new Error('inside'), {})",
    verdict: 'runtime',
    proves: error({ message: 'inside' }),
  },
  {
    name: 'throws an error of another prototype',
    source: "throw Object.setPrototypeOf(new Error('m'), null)",
    verdict: 'runtime',
    proves: error({ message: 'm' }),
  },
  {
    name: 'throws a promise',
    source: "throw Promise.reject(new Error('inside'))",
    verdict: 'runtime',
  },
  {
    name: 'throws an object that deletes its properties while they are read',
    source:
      'throw { get message() { delete this.message; throw 1; }, get stack() { throw 2; }, get name() { throw 3; } }',
    verdict: 'runtime',
  },
  {
    name: 'throws a text as long as the heap',
    source: "throw 'x'.repeat(5e6)",
    verdict: 'runtime',
    proves: (o) => expect(o.status === 'failed' && o.error.message).toMatch(/^x+…$/),
  },
  {
    name: 'overflows the stack in a spread',
    source: 'Math.max(...new Array(1e6).fill(1))',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in JSON.parse',
    source: "JSON.parse('['.repeat(1e5) + ']'.repeat(1e5), (k, v) => v)",
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in flat',
    source: 'const a = []; a[0] = a; a.flat(Infinity)',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in generators',
    source: 'function* g() { yield* g(); } return [...g()]',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in async functions',
    source: 'async function f() { await f(); } await f()',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in instanceof',
    source: 'const C = { [Symbol.hasInstance]: (x) => x instanceof C }; return {} instanceof C',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in a constructor',
    source: 'class C { x = new C(); } new C()',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in a thenable',
    source: 'const t = { then(r) { t.then(r); } }; await t',
    verdict: 'runtime',
    proves: error({ name: 'RangeError' }),
  },
  {
    name: 'overflows the stack in a binding call',
    source: 'const f = () => { crm.find({ toJSON: f }); }; f()',
    verdict: 'completed',
    run: { bindings: ['crm.find'], answers: 'with one' },
  },
  {
    name: 'fails in a reaction that nobody waits for, after a binding',
    source: "crm.find(1).then(() => { throw new Error('lost'); }); return await crm.find(2)",
    verdict: 'completed',
    run: { bindings: ['crm.find'], answers: 'with one' },
  },
]);
