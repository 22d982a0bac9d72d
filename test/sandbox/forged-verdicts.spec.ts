/* oxlint-disable jest/no-standalone-expect -- `describeAttempts` calls these proofs inside its tests */
import type { Outcome } from '../../lib/sandbox/index.js';
import { type Attempt, describeAttempts } from './support/hostile-table.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

/** What the engine, isolated-vm and this package say when a run ends otherwise than by an error of the script. */
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

/** What a script can throw, made of a text and of the kind it wants. */
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

/** Where a script can throw it. */
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

/** Every way to make it at every place; the texts take turns. */
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

describeAttempts('a script that wants another verdict', attempts);

describeAttempts('what a result without JSON form is called', [
  ...TEXTS.map((text): Attempt => ({
    name: `its own error with the text "${text}" is an error of the script`,
    source: `return { toJSON() { throw new RangeError(${JSON.stringify(text)}) } }`,
    verdict: 'runtime',
    proves: (outcome) =>
      expect(outcome).toMatchObject({ error: { message: `The result can't be converted to JSON: ${text}` } }),
  })),
  {
    name: 'a stack that its own toJSON overflows is an error of the script',
    source: 'const f = () => f(); return { toJSON: f }',
    verdict: 'runtime',
  },
  {
    name: 'a list that nests too deeply is, whatever else is wrong with it',
    source: 'let o = 1n; for (let i = 0; i < 101; i++) o = [o]; return o',
    verdict: 'rejected',
  },
  {
    name: 'as deep as is allowed, it is an error of the script',
    source: 'let o = 1n; for (let i = 0; i < 100; i++) o = [o]; return o',
    verdict: 'runtime',
  },
  {
    name: 'proxies without end nest too deeply',
    source:
      'const p = () => new Proxy({ a: 1 }, { get: (t, k) => (k === "a" ? p() : undefined) }); return p()',
    verdict: 'rejected',
  },
  {
    name: 'a value that is met on two to the sixtieth ways is looked at in time',
    source: 'let o = [1n]; for (let i = 0; i < 60; i++) o = [o, o]; return o',
    verdict: 'runtime',
  },
]);
