import { cut } from '../../../lib/common/byte-limits.js';
import { runtimeError, syntaxProblem } from '../../../lib/sandbox/child/error-text.js';
import { LogCollector, lineWithin, readOutcome } from '../../../lib/sandbox/outcome-reader.js';
import type { FailedOutcome } from '../../../lib/sandbox/outcome.js';
import type { PreparedRun } from '../../../lib/sandbox/prepared-run.js';
import type { ChildError, DoneMessage } from '../../../lib/sandbox/protocol.js';
import { SandboxLimits } from '../../../lib/sandbox/sandbox.limits.js';

const limits = Object.assign(new SandboxLimits(), {
  publishes: 2,
  publishBytes: 64,
  depth: 5,
  resultBytes: 64,
});
const run = { source: 'one\ntwo', limits, reservedEventTypes: ['user.created'] } as unknown as PreparedRun;
const done: DoneMessage = { t: 'done', id: 1, durationMs: 0, cpuMs: 0, bindingCalls: 0, logsDropped: 0 };
const metrics = { durationMs: 1, cpuMs: 0, bindingCalls: 0, logsDropped: 0 };
const read = (result: string, published = '[]') => readOutcome(run, done, [result, published], [], metrics);

describe('in what a sandbox process reports', () => {
  test.each([
    ['a result over resultBytes', JSON.stringify('x'.repeat(100)), '[]'],
    ['a result over depth', '[[[[[[[[1]]]]]]]]', '[]'],
    [
      'more events than publishes',
      '1',
      '[{"type":"a","payload":{}},{"type":"b","payload":{}},{"type":"c","payload":{}}]',
    ],
    ['an event of the host', '1', '[{"type":"user.created","payload":{}}]'],
    ['an event of the package', '1', '[{"type":"script.x","payload":{}}]'],
    ['a payload over publishBytes', '1', `[{"type":"a","payload":{"x":"${'x'.repeat(100)}"}}]`],
    [
      'a payload that is over publishBytes once its numbers are written in full',
      '1',
      '[{"type":"a","payload":{"x":[9e20,9e20,9e20]}}]',
    ],
    ['an event with an invalid type', '1', `[{"type":"a b","payload":{}}]`],
    ['an event with a long type', '1', `[{"type":"${'a'.repeat(129)}","payload":{}}]`],
    ['an event without an object', '1', '[{"type":"a","payload":7}]'],
    ['a payload over depth', '1', '[{"type":"a","payload":[[[[[[[1]]]]]]]}]'],
  ])('%s is rejected', (_, result, published) => {
    expect(read(result, published)).toMatchObject({
      status: 'failed',
      error: { kind: 'rejected' },
      published: [],
    });
  });

  test('a result within the limits is returned as a value and as text that jsonb accepts', () => {
    expect(read('{"a":"\\u0000\\ud800"}')).toMatchObject({
      status: 'completed',
      result: { a: '\ufffd\ufffd' },
      resultText: '{"a":"\\ufffd\\ufffd"}',
    });
  });

  const collector = (over: Partial<SandboxLimits> = {}) =>
    new LogCollector({ logLines: 9, logBytes: 1_000, depth: 5, bindingCalls: 3, messageBytes: 100, ...over });

  test('log lines over the limits are left out and counted', () => {
    const logs = collector({ logLines: 2, logBytes: 1_000 });
    logs.add(Array(5).fill('{"level":"info","message":"x"}') as string[]);
    expect([logs.lines.length, logs.dropped]).toEqual([2, 3]);
  });

  test('log lines are counted in bytes, up to exactly logBytes', () => {
    const line = JSON.stringify({ level: 'info', message: '€'.repeat(100) });
    for (const [logBytes, kept] of [
      [2 * Buffer.byteLength(line), 2],
      [2 * Buffer.byteLength(line) - 1, 1],
    ] as const) {
      const logs = collector({ logBytes });
      logs.add([line, line, line]);
      expect([logs.lines.length, logs.dropped]).toEqual([kept, 3 - kept]);
    }
  });

  test('a log line that is too long is left out and counted, and a malformed one is an error', () => {
    const logs = collector();
    logs.add([`{"level":"info","message":"${'x'.repeat(100_000)}"}`]);
    expect([logs.lines.length, logs.dropped]).toEqual([0, 1]);
    for (const text of ['7', '{"level":"loud","message":"x"}', '{"level":"info","message":7}', '{']) {
      expect(() => logs.add([text])).toThrow(/no log line|JSON|undefined/);
    }
  });

  test('lines of the sandbox come in addition, as many and as long as an honest one writes', () => {
    const logs = collector({ logLines: 1, logBytes: 40 });
    const own = `{"own":true,"level":"warn","message":${JSON.stringify('\u0000'.repeat(100))}}`;
    logs.add(['{"level":"info","message":"1"}', own, '{"level":"info","message":"2"}', own]);
    expect(logs.lines.map(({ message }) => message.length)).toEqual([1, 100, 100]);
    expect(logs.lines[1]).toEqual({ level: 'warn', message: '\ufffd'.repeat(100) });
    expect(logs.dropped).toBe(1);
    logs.add([own, own, own]);
    expect(() => logs.add([own])).toThrow('no line of the sandbox');
    const long = own.replace('\\u0000', 'x'.repeat(250));
    expect(() => collector().add([long])).toThrow('no line of the sandbox');
  });

  test('data of a log line that nests too deeply is left out', () => {
    const logs = collector();
    logs.add(['{"level":"info","message":"x","data":[[[[[1]]]]]}']);
    logs.add(['{"level":"info","message":"x","data":[[[[[[1]]]]]]}']);
    expect(logs.lines.map(({ data }) => data)).toEqual([[[[[[1]]]]], '[nests deeper than 5]']);
  });

  const readError = (error: object) =>
    readOutcome(run, { ...done, error: error as ChildError }, [], [], metrics);

  test('an error is cut to its limits, and its line is moved into the source', () => {
    const long = 'x'.repeat(100_000);
    const error = { kind: 'runtime', message: long, name: long, stack: long, line: 99_999_999_999, more: 1 };
    expect(readError(error)).toMatchObject({
      error: {
        message: cut(long, limits.messageBytes),
        name: cut(long, 128),
        stack: cut(long, limits.stackBytes),
        line: 2,
      },
    });
    expect(readError(error)).not.toHaveProperty('error.more');
  });

  test.each(['\u0000', 'é', '€', '😀', '\ud800'])(
    'an error of many %j is cut to bytes as it is stored',
    (text) => {
      const long = text.repeat(10_000);
      const { error } = readError({ kind: 'runtime', message: long, stack: long }) as FailedOutcome;
      for (const [part, bytes] of [
        [error.message, limits.messageBytes],
        [error.stack!, limits.stackBytes],
      ] as const) {
        expect(Buffer.byteLength(part)).toBeLessThanOrEqual(bytes);
        expect(Buffer.byteLength(part)).toBeGreaterThan(bytes - 8);
        expect(part.endsWith('…')).toBe(true);
      }
    },
  );

  test.each([
    { kind: 'exhausted', message: 'x' },
    { kind: 'runtime', message: 7 },
    { kind: 'runtime', message: 'x', line: 'many' },
    { kind: 'runtime', message: 'x', retryAfterMs: -1 },
  ])('%j is refused as an error', (error) => {
    expect(() => readError(error)).toThrow(TypeError);
  });

  test.each([
    [3, 'a\nb\r\nc', 3],
    [4, 'a\rb\u2028c\u2029d', 4],
    [5, 'a\nb', 2],
    [0, 'a', 1],
  ])('line %i of the source %j becomes line %i', (line, source, within) => {
    expect(lineWithin(source, line)).toBe(within);
  });
});

describe('the text of an error', () => {
  test('keeps the stack frames of the script, the first of which gives the line', () => {
    const stack =
      'Error: m\n    at f (script.js:7:3)\n    at ours (sandbox:prelude:1:1)\n    at eval (eval at g (script.js:9:1), <anonymous>:1:1)';
    expect(runtimeError({ message: 'm', stack }, limits)).toMatchObject({
      kind: 'runtime',
      line: 7,
      stack: 'Error: m\n    at f (script.js:7:3)\n    at eval (script.js:9:1)',
    });
  });

  test('has no line if only the message mentions one', () => {
    expect(
      runtimeError({ message: 'see script.js:9:9', stack: 'Error: see script.js:9:9' }, limits),
    ).not.toHaveProperty('line');
  });

  test('has the line that the compiler writes after the message of a syntax error', () => {
    expect(syntaxProblem(new SyntaxError("Unexpected token ';' [script.js:3:9]"), 2_048)).toEqual({
      message: "Unexpected token ';'",
      line: 3,
    });
  });
});
