/* oxlint-disable jest/no-standalone-expect -- `describeAttempts` calls these proofs inside its tests */
import type { Outcome } from '../../lib/sandbox/index.js';
import { describeAttempts } from './support/hostile-table.js';
import type { HostRun } from './support/host.protocol.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

const crm: Partial<HostRun> = {
  bindings: ['crm.find'],
  answers: 'with one',
  limits: { memoryMb: 128 },
};
/** Makes a hundred calls at once and counts those that fail, by the name of their error. */
const flood = (argument: string): string =>
  `const arg = ${argument}; const failed = {}; await Promise.all(Array.from({ length: 100 }, () => crm.find(arg).catch(({ name }) => { failed[name] = (failed[name] ?? 0) + 1; }))); return failed`;
const fails =
  (expected: Record<string, number>, bindingCalls = 100) =>
  (outcome: Outcome): void =>
    expect(outcome).toMatchObject({ result: expected, metrics: { bindingCalls } });

describeAttempts('a script that floods its bindings', [
  {
    name: 'sends lists of as many values as the limit allows',
    source: flood('new Array(131_000).fill(0)'),
    verdict: 'completed',
    run: crm,
    proves: fails({}),
  },
  {
    name: 'sends texts of three-byte characters',
    source: flood("'€'.repeat(87_000)"),
    verdict: 'completed',
    run: crm,
    proves: fails({}),
  },
  {
    name: 'sends texts that are too large only in bytes',
    source: flood("'€'.repeat(262_000)"),
    verdict: 'completed',
    run: crm,
    proves: fails({ LimitError: 100 }, 0),
  },
  {
    name: 'sends texts that are too large only in bytes, for ever',
    source:
      "const arg = '€'.repeat(262_000); for (;;) { crm.find(arg).catch(() => {}); try { events.publish('a.b', { x: arg.slice(0, 65_000) }); } catch {} }",
    verdict: 'timeout',
    run: { ...crm, limits: { memoryMb: 128, timeoutMs: 1_000 } },
    slow: true,
  },
  {
    name: 'sends many short rows of digits',
    source: flood("('1'.repeat(299) + 'a').repeat(870)"),
    verdict: 'completed',
    run: crm,
    proves: fails({}),
  },
  {
    name: 'sends objects with many keys',
    source: flood("Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => ['k' + i, 0]))"),
    verdict: 'completed',
    run: crm,
    proves: fails({}),
  },
  {
    name: 'sends characters that no database stores',
    source: flood("'\\ud800'.repeat(43_000)"),
    verdict: 'completed',
    run: crm,
    proves: fails({}),
  },
  {
    name: 'returns without waiting for an answer',
    source: "for (let i = 0; i < 100; i++) crm.find('x'.repeat(2e5)); return 1",
    verdict: 'completed',
    run: { ...crm, answers: 'never' },
    proves: (o) => expect(o.logs[0]).toMatchObject({ level: 'warn', message: /100 binding calls were not/ }),
  },
  {
    name: 'loops while the calls are answered',
    source: "for (let i = 0; i < 100; i++) crm.find('x'.repeat(2e5)); for (;;);",
    verdict: 'timeout',
    run: { ...crm, limits: { memoryMb: 128, timeoutMs: 1_000 } },
  },
  {
    name: 'fails while the calls are answered',
    source: "for (let i = 0; i < 100; i++) crm.find('x'.repeat(2e5)); throw new Error('done')",
    verdict: 'runtime',
    run: crm,
  },
  {
    name: 'makes calls from within the arguments of a call',
    source:
      'let n = 0; const calls = []; const o = { toJSON() { if (n++ < 50) for (let i = 0; i < 4; i++) calls.push(crm.find(o)); return {}; } }; calls.push(crm.find(o)); return (await Promise.allSettled(calls)).filter((r) => r.reason?.name === "LimitError").length',
    verdict: 'completed',
    run: crm,
    proves: (o) => expect(o).toMatchObject({ result: 101, metrics: { bindingCalls: 100 } }),
  },
  {
    name: 'sends arguments that change each time they are read',
    source:
      'let n = 0; const o = new Proxy({ a: 1 }, { get: (t, k) => (k === "toJSON" ? undefined : ++n) }); return [await crm.find(o), await crm.find(o), n]',
    verdict: 'completed',
    run: { ...crm, answers: 'with the arguments' },
    proves: (o) => expect(o).toMatchObject({ result: [{ a: 1 }, { a: 2 }, 2] }),
  },
]);
