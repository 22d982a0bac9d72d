/* oxlint-disable jest/no-standalone-expect -- `describeAttempts` calls these proofs inside its tests */
import type { Outcome } from '../../lib/sandbox/index.js';
import { type Attempt, describeAttempts } from './support/hostile-table.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

/** Messages of V8, isolated-vm and this package for runs that don't end by an error of the script. */
const TEXTS = [
  'Script execution timed out.',
  'The script ran longer than timeoutMs = 300',
  'Isolate was disposed during execution due to memory limit',
  'The script used more than memoryMb = 24',
  'JavaScript heap out of memory',
  'Maximum call stack size exceeded',
  'call stack',
  'The result is nested too deeply',
  'The source is larger than sourceBytes = 1',
  'The run was cancelled',
  'Unexpected token',
];
const KINDS = ['timeout', 'memory', 'syntax', 'rejected', 'crashed', 'cancelled'];

/** Values that a script can throw, made of a text and of the error kind that it forges. */
const MADE = {
  'an error': 'new Error(text)',
  'an error of ranges': 'new RangeError(text)',
  'an error of syntax': 'new SyntaxError(text)',
  'an internal error by name': "Object.assign(new Error(text), { name: 'InternalError', code: kind, kind })",
  'an object like ours': '({ kind, name: kind, code: kind, message: text, error: { kind, message: text } })',
  'an error with such a cause': "new Error('m', { cause: Object.assign(new RangeError(text), { kind }) })",
  'an aggregate of such errors': 'new AggregateError([new RangeError(text)], text)',
  'an error behind a proxy':
    'new Proxy(new RangeError(text), { get: (t, k) => (k === "kind" ? kind : t[k]) })',
  'an error with getters':
    'Object.defineProperties(new RangeError(), { message: { get: () => text }, kind: { get: () => kind } })',
  'an error of the engine':
    '(() => { const f = () => f(); try { f() } catch (e) { return Object.assign(e, { kind, message: text }) } })()',
  'a text': 'text',
};

/** Places where a script can throw them. */
const PLACES = {
  'from its body': (thrown: string) => `throw ${thrown}`,
  'from a promise': (thrown: string) => `return Promise.reject(${thrown})`,
  'after a binding': (thrown: string) => `await crm.find(1); throw ${thrown}`,
  'from toJSON': (thrown: string) => `return { toJSON() { throw ${thrown} } }`,
  'from a getter of its result': (thrown: string) => `return { a: [{ get b() { throw ${thrown} } }] }`,
  'from a proxy of its result': (thrown: string) =>
    `return new Proxy({}, { ownKeys() { throw ${thrown} }, get() { throw ${thrown} } })`,
  'from the payload of an event': (thrown: string) =>
    `events.publish('a.b', { toJSON() { throw ${thrown} } })`,
  'from the argument of a binding': (thrown: string) => `await crm.find({ get a() { throw ${thrown} } })`,
};

/** Every value at every place, with the texts in turn. */
const attempts: Attempt[] = Object.entries(PLACES).flatMap(([place, throwing], at) =>
  Object.entries(MADE).map(([what, made], index) => {
    const text = TEXTS[(at * 3 + index) % TEXTS.length];
    const kind = KINDS[(at + index) % KINDS.length];
    return {
      name: `throws ${what} ${place}, as if it were ${kind}: ${text}`,
      source: `const text = ${JSON.stringify(text)}, kind = ${JSON.stringify(kind)};\n${throwing(`(${made})`)}`,
      verdict: 'runtime',
      run: { bindings: ['crm.find'], answers: 'with one' },
      proves: (outcome: Outcome) => expect(outcome).not.toMatchObject({ error: { retryable: false } }),
    } satisfies Attempt;
  }),
);

describeAttempts('a script that forges another verdict', attempts);

describeAttempts('a script whose result cannot be converted to JSON', [
  ...TEXTS.map((text): Attempt => ({
    name: `throws its own error with the text "${text}" in toJSON`,
    source: `return { toJSON() { throw new RangeError(${JSON.stringify(text)}) } }`,
    verdict: 'runtime',
    proves: (outcome) =>
      expect(outcome).toMatchObject({ error: { message: `The result can't be converted to JSON: ${text}` } }),
  })),
  {
    name: 'overflows the stack in toJSON',
    source: 'const f = () => f(); return { toJSON: f }',
    verdict: 'runtime',
  },
  {
    name: 'returns a list that nests too deeply and contains a BigInt',
    source: 'let o = 1n; for (let i = 0; i < 101; i++) o = [o]; return o',
    verdict: 'rejected',
  },
  {
    name: 'returns a list that nests as deep as the limit and contains a BigInt',
    source: 'let o = 1n; for (let i = 0; i < 100; i++) o = [o]; return o',
    verdict: 'runtime',
  },
  {
    name: 'returns endlessly nested proxies',
    source:
      'const p = () => new Proxy({ a: 1 }, { get: (t, k) => (k === "a" ? p() : undefined) }); return p()',
    verdict: 'rejected',
  },
  {
    name: 'returns a BigInt to which two to the power of sixty paths lead',
    source: 'let o = [1n]; for (let i = 0; i < 60; i++) o = [o, o]; return o',
    verdict: 'runtime',
  },
]);
