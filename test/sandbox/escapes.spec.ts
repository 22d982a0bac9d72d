/* oxlint-disable jest/no-standalone-expect -- `describeAttempts` calls these proofs inside its tests */
import type { Outcome } from '../../lib/sandbox/index.js';
import { describeAttempts } from './support/hostile-table.js';
import { ISOLATION } from './support/watched-sandbox.js';

const result =
  (expected: unknown) =>
  (outcome: Outcome): void =>
    expect(outcome).toMatchObject({ status: 'completed', result: expected });
const failsWith =
  (error: Record<string, unknown>) =>
  (outcome: Outcome): void =>
    expect(outcome).toMatchObject({ error });

/** Some attempts end differently in an isolation that freezes the built-in objects. */
const isFrozen = ISOLATION === 'compartment';

const ABSENT =
  "['process','require','module','exports','global','Buffer','setTimeout','setInterval','setImmediate','queueMicrotask','fetch','structuredClone','WebAssembly','SharedArrayBuffer','Atomics','gc','__dirname','XMLHttpRequest','ivm']";
const crm = {
  bindings: ['crm.find'],
  answers: 'with the arguments inside' as const,
};

describeAttempts('a script that tries to escape', [
  {
    name: 'looks for functions of a host',
    source: `return ${ABSENT}.filter((name) => { try { return eval('typeof ' + name) !== 'undefined'; } catch { return typeof globalThis[name] !== 'undefined'; } })`,
    verdict: 'completed',
    proves: result([]),
  },
  {
    name: 'requires a module',
    source: "return require('fs')",
    verdict: 'runtime',
    proves: failsWith({ name: 'ReferenceError' }),
  },
  {
    name: 'reads process',
    source: 'return process.env',
    verdict: 'runtime',
    proves: failsWith({ name: 'ReferenceError' }),
  },
  { name: 'imports a module', source: "return await import('fs')", verdict: 'runtime' },
  {
    name: 'imports a module by computed name',
    source: "const name = 'node:' + 'fs'; return await import(name)",
    verdict: 'runtime',
  },
  {
    name: 'climbs the constructor of a function',
    source: "return (function () {}).constructor('return process')()",
    verdict: 'runtime',
  },
  {
    name: 'climbs the constructor of this',
    source: "return this.constructor.constructor('return process')()",
    verdict: 'runtime',
  },
  {
    name: 'climbs the constructor of ctx',
    source: "return ctx.constructor.constructor('return process')()",
    verdict: 'runtime',
  },
  {
    name: 'climbs the constructor of a log function',
    source: "return sdk.log.info.constructor('return process')()",
    verdict: 'runtime',
  },
  {
    name: 'climbs the constructor of events.publish',
    source: "return events.publish.constructor('return process')()",
    verdict: 'runtime',
  },
  {
    name: 'climbs the constructor of a binding',
    source: "return crm.find.constructor('return process')()",
    verdict: 'runtime',
    run: crm,
  },
  {
    name: 'climbs the constructor of a binding answer',
    source: "const a = await crm.find({}); return a.constructor.constructor('return process')()",
    verdict: 'runtime',
    run: crm,
  },
  {
    name: 'climbs the constructor of a caught error',
    source: "try { null.x; } catch (e) { return e.constructor.constructor('return process')(); }",
    verdict: 'runtime',
  },
  {
    name: 'climbs the constructor of a stack overflow error',
    source:
      "const f = () => f(); try { f(); } catch (e) { return e.constructor.constructor('return process')(); }",
    verdict: 'runtime',
  },
  {
    name: 'climbs the async function constructor',
    source: "return await (async () => {}).constructor('return process')()",
    verdict: 'runtime',
  },
  {
    name: 'climbs the generator constructor',
    source: "return [...(function* () {}).constructor('yield process')()]",
    verdict: 'runtime',
  },
  {
    name: 'walks the callers',
    source: 'return arguments.callee.caller === null ? null : String(arguments.callee.caller)',
    verdict: ['completed', 'runtime'],
    proves: (o) => o.status === 'completed' && expect(o.result).toBeNull(),
  },
  {
    name: 'walks the call sites',
    source:
      "Error.prepareStackTrace = (_, sites) => sites.map((s) => [typeof s.getFunction(), typeof s.getThis(), String(s.getFileName())]); const found = new Error().stack; return Array.isArray(found) ? found.filter(([f, t, name]) => name !== 'script.js') : []",
    verdict: ['completed', 'runtime'],
    proves: (o) => o.status === 'completed' && expect(o.result).toEqual([]),
  },
  {
    name: 'walks the call sites under a log call',
    source:
      "Error.prepareStackTrace = (_, sites) => sites.map((s) => typeof s.getFunction()); let found; sdk.log.info({ toJSON() { found = new Error().stack; } }); return Array.isArray(found) ? found.filter((f, i) => i > 0 && f === 'function') : []",
    verdict: ['completed', 'runtime'],
    proves: (o) => o.status === 'completed' && expect(o.result).toEqual([]),
  },
  {
    name: 'reads frames below its own',
    source: 'return new Error().stack',
    verdict: 'completed',
    proves: (o) => expect(JSON.stringify(o)).not.toMatch(/prelude|isolated|node_modules/),
  },
  { name: 'forges a timeout', source: "throw new Error('Script execution timed out.')", verdict: 'runtime' },
  {
    name: 'forges a timeout through an unhandled rejection',
    source: "Promise.reject(new Error('Script execution timed out.')); return 1",
    verdict: 'completed',
  },
  {
    name: 'forges a memory limit',
    source: "throw new Error('Isolate was disposed during execution due to memory limit')",
    verdict: 'runtime',
  },
  {
    name: 'forges a memory limit through an unhandled rejection',
    source:
      "Promise.reject(new Error('Isolate was disposed during execution due to memory limit')); return 1",
    verdict: 'completed',
  },
  {
    name: 'forges an error kind',
    source: "throw { kind: 'timeout', message: 'x', status: 'completed', retryable: false, retryAfterMs: 1 }",
    verdict: 'runtime',
    proves: (o) => expect(o.status === 'failed' && o.error.retryable).toBeUndefined(),
  },
  {
    name: 'forges an error that is not retried',
    source: "const e = new Error('x'); e.name = 'NonRetryableError'; e.retryable = false; throw e",
    verdict: 'runtime',
    proves: (o) => expect(o.status === 'failed' && o.error.retryable).toBeUndefined(),
  },
  {
    name: 'breaks out of the wrapper',
    source: 'return 1; }; }); (function () { return async function () {',
    verdict: 'syntax',
  },
  {
    name: 'breaks out of the wrapper and calls itself',
    source: '}; })()(); globalThis.x = 1; (function () { return async function () {',
    verdict: 'syntax',
  },
  { name: 'breaks out with a comment', source: '}; }) /*', verdict: 'syntax' },
  {
    name: 'breaks out with a template',
    source: '`}; }) (function () { return async function () {',
    verdict: 'syntax',
  },
  {
    name: 'patches JSON.stringify',
    source: 'JSON.stringify = () => \'{"forged":true}\'; return { a: 1 }',
    verdict: ['completed', 'runtime'],
    proves: (o) => o.status === 'completed' && expect(o.result).toEqual({ a: 1 }),
  },
  {
    name: 'patches JSON.parse before a binding answers',
    source: "JSON.parse = () => 'forged'; return await crm.find(1)",
    verdict: ['completed', 'runtime'],
    run: crm,
    proves: (o) => o.status === 'completed' && expect(o.result).toEqual({ args: 1 }),
  },
  {
    name: 'patches Promise.prototype.then',
    source:
      'let seen = 0; const { then } = Promise.prototype; Promise.prototype.then = function (...a) { seen++; return then.apply(this, a); }; await crm.find(1); return typeof seen',
    verdict: ['completed', 'runtime'],
    run: crm,
  },
  {
    name: 'patches Promise.prototype.then to nothing',
    source: 'Promise.prototype.then = () => {}; return 1',
    verdict: isFrozen ? 'completed' : 'timeout',
  },
  {
    name: 'patches the constructor of promises',
    source:
      "Object.defineProperty(Promise.prototype, 'constructor', { get() { throw new Error('seen'); } }); return 1",
    verdict: ['completed', 'runtime'],
  },
  {
    name: 'patches Symbol.species',
    source:
      "Object.defineProperty(Promise, Symbol.species, { get() { throw new Error('seen'); } }); return 1",
    verdict: ['completed', 'runtime'],
  },
  {
    name: 'patches Object.prototype.toJSON',
    source: "Object.prototype.toJSON = function () { return { kind: 'forged' }; }; throw new Error('real')",
    verdict: 'runtime',
    proves: (o) => expect(JSON.stringify(o)).not.toContain('forged'),
  },
  {
    name: 'puts setters on Array.prototype',
    source:
      "for (let i = 0; i < 9; i++) Object.defineProperty(Array.prototype, i, { set() { throw new Error('seen'); }, get() { return 'seen'; } }); sdk.log.info('a', 1); events.publish('a.b', {}); return 1",
    verdict: ['completed', 'runtime'],
  },
  {
    name: 'puts get on Object.prototype',
    source:
      "Object.prototype.get = () => 'seen'; Object.prototype.value = 1; sdk.log.info('a', 1); throw new NonRetryableError('real')",
    verdict: 'runtime',
    proves: (o) => expect(o.status === 'failed' && o.error.message).toMatch(/real|get|extensible/),
  },
  {
    name: 'patches String.prototype',
    source:
      "for (const k of ['slice', 'startsWith', 'split', 'indexOf', 'charCodeAt']) String.prototype[k] = () => ''; events.publish('script.spoofed', {})",
    verdict: 'runtime',
    proves: (o) => expect(o.status === 'failed' && o.error.name).toMatch(/EventTypeError|TypeError/),
  },
  {
    name: 'patches Function.prototype',
    source:
      "Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => 'seen'; sdk.log.info('a'); return await crm.find(2)",
    verdict: ['completed', 'runtime'],
    run: crm,
  },
  {
    name: 'patches Reflect and Object',
    source:
      "Reflect.apply = Object.freeze = Object.keys = Object.defineProperty = () => { throw new Error('seen'); }; return await crm.find(2)",
    verdict: ['completed', 'runtime'],
    run: crm,
  },
  {
    name: 'deletes built-in functions',
    source:
      'for (const k of Reflect.ownKeys(globalThis)) { try { delete globalThis[k]; } catch {} } return await crm.find(2)',
    verdict: 'completed',
    run: crm,
  },
  {
    name: 'tampers with Error',
    source:
      "Error.captureStackTrace = Error.prepareStackTrace = () => { throw 1; }; Error.stackTraceLimit = Infinity; events.publish('', {})",
    verdict: 'runtime',
  },
  {
    name: 'writes to ctx',
    source: "'use strict'; ctx.tenant.id = 'other'",
    verdict: 'runtime',
    proves: failsWith({ name: 'TypeError' }),
  },
  {
    name: 'writes to the input',
    source: "'use strict'; ctx.input.items.push(1)",
    verdict: 'runtime',
    proves: failsWith({ name: 'TypeError' }),
  },
  {
    name: 'writes to the sdk',
    source: "'use strict'; sdk.log.info = 1",
    verdict: 'runtime',
    proves: failsWith({ name: 'TypeError' }),
  },
  {
    name: 'writes to a binding',
    source: "'use strict'; crm.find = 1",
    verdict: 'runtime',
    run: crm,
    proves: failsWith({ name: 'TypeError' }),
  },
  {
    name: 'declares its own names',
    source: 'const ctx = 1, sdk = 2, events = 3, console = 4; return [ctx, sdk, events, console]',
    verdict: 'completed',
    proves: result([1, 2, 3, 4]),
  },
  {
    name: 'publishes an event of the host',
    source: "events.publish('user.created', {})",
    verdict: 'runtime',
    run: { reservedEventTypes: ['user.created', 'order.*'] },
    proves: failsWith({ name: 'EventTypeError' }),
  },
  {
    name: 'publishes an event under a reserved prefix',
    source: "events.publish('order.shipped', {})",
    verdict: 'runtime',
    run: { reservedEventTypes: ['user.created', 'order.*'] },
    proves: failsWith({ name: 'EventTypeError' }),
  },
  {
    name: 'publishes an event of the scripts module',
    source: "events.publish('script.execution.completed', {})",
    verdict: 'runtime',
    proves: failsWith({ name: 'EventTypeError' }),
  },
  {
    name: 'publishes an event named as the scripts module',
    source: "\nevents.publish('script', {})",
    verdict: 'runtime',
    proves: failsWith({ name: 'EventTypeError', line: 2 }),
  },
  {
    name: 'publishes an event type that changes when read',
    source: "let n = 0; events.publish({ toString() { return n++ ? 'script.x' : 'a.b'; } }, {})",
    verdict: 'runtime',
    proves: failsWith({ name: 'EventTypeError' }),
  },
  {
    name: 'publishes for another tenant',
    source: "events.publish('a.b', { tenantId: 'other', __proto__: { x: 1 } }); return ctx.tenant.id",
    verdict: 'completed',
    proves: (o) => expect(o).toMatchObject({ result: 'hostile', published: [{ type: 'a.b' }] }),
  },
  {
    name: 'calls a binding that it was not given',
    source: 'return await billing.charge({})',
    verdict: 'runtime',
    run: crm,
    proves: failsWith({ name: 'ReferenceError' }),
  },
  {
    name: 'calls a sibling of its binding',
    source: 'return await crm.remove({})',
    verdict: 'runtime',
    run: crm,
    proves: failsWith({ name: 'TypeError' }),
  },
  {
    name: 'calls a binding a thousand times',
    source: 'for (let i = 0; i < 1000; i++) await crm.find(i)',
    verdict: 'runtime',
    run: crm,
    proves: (o) => expect(o).toMatchObject({ error: { name: 'LimitError' }, metrics: { bindingCalls: 100 } }),
  },
  {
    name: 'floods a binding at once',
    source:
      'return (await Promise.allSettled(Array.from({ length: 500 }, (_, i) => crm.find(i)))).filter((r) => r.status === "rejected").length',
    verdict: 'completed',
    run: crm,
    proves: result(400),
  },
  {
    name: 'keeps a binding call open and returns',
    source: 'crm.find(1); return 1',
    verdict: 'completed',
    run: { bindings: ['crm.find'], answers: 'never' },
  },
  {
    name: 'returns a binding call under a patched Promise.prototype.then',
    source:
      "Object.defineProperty(Object.prototype, 'then', { get() { return undefined; }, configurable: true }); return await crm.find(1)",
    verdict: ['completed', 'runtime'],
    run: crm,
  },
  {
    name: 'tampers with built-in objects after a binding call',
    source:
      "await crm.find(1); sdk.log.info('before'); for (const o of [JSON, Promise.prototype, Array.prototype, String.prototype, Reflect, Object]) for (const k of Reflect.ownKeys(o)) { try { o[k] = () => 'forged'; } catch {} } return await crm.find(2)",
    verdict: isFrozen ? 'completed' : 'runtime',
    run: crm,
    proves: (o) => expect(JSON.stringify(o)).not.toContain('"result":"forged"'),
  },
  {
    name: 'puts accessors on prototypes to see the values of a binding call',
    source:
      "const seen = []; for (const k of ['resolve', 'reject', 'site', 'then', 'message', 'result', 'log', 'call', 'completed']) { try { Object.defineProperty(Object.prototype, k, { configurable: true, set(v) { seen.push(typeof v); }, get() { return undefined; } }); } catch {} } await crm.find(1); sdk.log.info('x', { a: 1 }); events.publish('a.b', {}); return seen",
    verdict: ['completed', 'runtime'],
    run: crm,
    proves: (o) => o.status === 'completed' && expect(o.result).toEqual([]),
  },
  {
    name: 'looks for values in the functions of the package',
    source:
      "const held = []; for (const f of [sdk.log.info, events.publish, crm.find, console.log]) { for (const k of Reflect.ownKeys(f)) if (!['length', 'name', 'prototype'].includes(k)) held.push(String(k)); try { held.push(typeof f.caller, typeof f.arguments); } catch { } } return held.filter((h) => h !== 'object' && h !== 'undefined')",
    verdict: 'completed',
    run: crm,
    proves: result([]),
  },
  {
    name: 'reads the source of the functions of the package',
    source: 'return String(sdk.log.info) + String(crm.find)',
    verdict: 'completed',
    run: crm,
    proves: (o) => expect(JSON.stringify(o)).not.toMatch(/\/lib\/|node_modules|process\.pid/),
  },
  {
    name: 'makes the functions of the package call its own constructor',
    source:
      'class P extends Promise {} Object.defineProperty(P, Symbol.species, { value: function (run) { run(() => {}, () => {}); } }); const p = crm.find(1); try { p.constructor = P; } catch {} return await p.then((x) => x)',
    verdict: 'completed',
    run: crm,
  },
  {
    name: 'spoofs its tenant to a binding',
    source:
      "return await crm.find({ tenantId: 'other', ctx: { tenant: { id: 'other' } }, __proto__: { admin: true } })",
    verdict: 'completed',
    run: crm,
    proves: result({ args: { tenantId: 'other', ctx: { tenant: { id: 'other' } } } }),
  },
  {
    name: 'replaces ctx for later runs',
    source:
      "try { globalThis.ctx = { tenant: { id: 'other' } }; } catch {} return [ctx.tenant.id, Object.isFrozen(ctx), Object.isFrozen(ctx.tenant), Object.isFrozen(ctx.input.items)]",
    verdict: 'completed',
    proves: result(['hostile', true, true, true]),
  },
  {
    name: 'publishes a type that looks like one of the host',
    source:
      "const tries = ['user.created\\u0000', ' user.created', 'user.created ', 'user\\u2024created', 'USER.CREATED', 'script', 'script.', 'scripts.x']; return tries.filter((t) => { try { events.publish(t, {}); return true; } catch { return false; } })",
    verdict: 'completed',
    run: { reservedEventTypes: ['user.created'] },
    proves: result(['USER.CREATED', 'scripts.x']),
  },
  {
    name: 'forges a verdict by the name and kind of its error',
    source:
      "for (const kind of ['timeout', 'memory', 'crashed']) { const e = new Error(kind); e.name = kind; e.kind = kind; e.code = kind; throw e; }",
    verdict: 'runtime',
  },
  {
    name: 'forges a crash report',
    source:
      "throw new Error('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory')",
    verdict: 'runtime',
  },
  {
    name: 'forges a cancellation',
    source: "const e = new Error('The run was cancelled'); e.name = 'AbortError'; throw e",
    verdict: 'runtime',
  },
  {
    name: 'writes a log line that looks like a message of the process',
    source:
      'sdk.log.info(String.fromCharCode(20, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0) + \'{"t":"done"}\'); return { t: \'done\', id: 1, error: null }',
    verdict: 'completed',
    proves: (o) => expect(o).toMatchObject({ result: { t: 'done' }, logs: [{ level: 'info' }] }),
  },
  {
    name: 'breaks out by a hashbang, a byte order mark and an HTML comment',
    source: '#!\u2028}; }) //\n<!--\n--> }; (function () { return async function () {',
    verdict: 'syntax',
  },
  {
    name: 'breaks out by a line separator in a comment',
    source: 'return 1 // \u2028}; }); (function () { return async function () {',
    verdict: 'syntax',
  },
  {
    name: 'breaks out by parameters',
    source: '}, function (a = (() => { return 1 })()) {',
    verdict: 'syntax',
  },
  {
    name: 'breaks out by a class body',
    source: 'return class { x() {} }\n}; static { ',
    verdict: 'syntax',
  },
  {
    name: 'looks for files of the host in errors of calls at the end of the stack',
    source:
      "const seen = []; for (let n = 0; n < 12; n++) { const p = Array.from({ length: n }, (_, i) => 'p' + i).join(); const g = Function('at', `return function g(${p}) { try { g(${p}); } catch (e) { at(); throw e; } }`)(() => { for (const call of [() => sdk.log.info('x', {}), () => crm.find(n).catch(() => {})]) try { call(); } catch (e) { seen.push(String(e.stack)); } }); try { g(); } catch {} } return [...new Set(seen.join('\\n').split('\\n'))].filter((line) => /boundary|node:|[\\\\/]/.test(line))",
    verdict: 'completed',
    run: { ...crm, limits: { memoryMb: 128 } },
    proves: result([]),
  },
  {
    name: 'calls a binding at every depth of the stack and compares the answers',
    source:
      'const calls = []; const g = (n) => { try { g(n + 1); } catch (e) { if (calls.length < 100) try { calls.push(crm.find(n).then(({ args }) => args === n)); } catch {} throw e; } }; try { g(0); } catch {} return (await Promise.allSettled(calls)).filter(({ value }) => value === false)',
    verdict: 'completed',
    run: crm,
    proves: result([]),
  },
]);
