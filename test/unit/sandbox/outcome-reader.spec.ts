import { cut, runtimeError, syntaxProblem } from '../../../lib/sandbox/child/error-text.js';
import { LogCollector, readOutcome } from '../../../lib/sandbox/outcome-reader.js';
import type { PreparedRun } from '../../../lib/sandbox/prepared-run.js';
import type { DoneMessage } from '../../../lib/sandbox/protocol.js';
import { SandboxLimits } from '../../../lib/sandbox/sandbox.limits.js';

const limits = Object.assign(new SandboxLimits(), {
  publishes: 2,
  publishBytes: 64,
  depth: 5,
  resultBytes: 64,
});
const run = { limits, reservedEventTypes: ['user.created'] } as unknown as PreparedRun;
const done: DoneMessage = { t: 'done', id: 1, cpuMs: 0, bindingCalls: 0, logsDropped: 0 };
const metrics = { durationMs: 1, cpuMs: 0, bindingCalls: 0, logsDropped: 0 };
const read = (result: string, published = '[]') => readOutcome(run, done, [result, published], [], metrics);

describe('what a process reports is not believed', () => {
  test.each([
    ['a result over resultBytes', JSON.stringify('x'.repeat(100)), '[]'],
    ['a result over depth', '[[[[[[[[1]]]]]]]]', '[]'],
    [
      'more events than publishes',
      '1',
      '[{"type":"a","payload":{}},{"type":"b","payload":{}},{"type":"c","payload":{}}]',
    ],
    ['an event of the host', '1', '[{"type":"user.created","payload":{}}]'],
    ['an event of the scripts module', '1', '[{"type":"script.x","payload":{}}]'],
    ['a payload over publishBytes', '1', `[{"type":"a","payload":{"x":"${'x'.repeat(100)}"}}]`],
    ['a payload over depth', '1', '[{"type":"a","payload":[[[[[[[1]]]]]]]}]'],
  ])('%s is rejected', (_, result, published) => {
    expect(read(result, published)).toMatchObject({
      status: 'failed',
      error: { kind: 'rejected' },
      published: [],
    });
  });

  test('a result within the bounds is given as value and as text that jsonb takes', () => {
    expect(read('{"a":"\\u0000\\ud800"}')).toMatchObject({
      status: 'completed',
      result: { a: '\ufffd\ufffd' },
      resultText: '{"a":"\\ufffd\\ufffd"}',
    });
  });

  test('log lines over the limits are counted', () => {
    const logs = new LogCollector({ logLines: 2, logBytes: 1_000 });
    logs.add(Array(5).fill('{"level":"info","message":"x"}') as string[]);
    expect([logs.lines.length, logs.dropped]).toEqual([2, 3]);
  });
});

describe('the text of an error', () => {
  test('cut ends at a whole character with a mark', () => {
    expect(cut('short', 64)).toBe('short');
    for (const bytes of [64, 65, 66, 67]) {
      const text = cut('😀'.repeat(100), bytes);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes);
      expect(text).toMatch(/^(😀)+…$/u);
    }
  });

  test('runtimeError keeps the frames of the script and takes its line from the first', () => {
    const stack =
      'Error: m\n    at f (script.js:7:3)\n    at ours (sandbox:prelude:1:1)\n    at eval (eval at g (script.js:9:1), <anonymous>:1:1)';
    expect(runtimeError({ message: 'm', stack }, limits)).toMatchObject({
      kind: 'runtime',
      line: 7,
      stack: 'Error: m\n    at f (script.js:7:3)\n    at eval (script.js:9:1)',
    });
  });

  test('a line that only the message mentions is no line', () => {
    expect(
      runtimeError({ message: 'see script.js:9:9', stack: 'Error: see script.js:9:9' }, limits),
    ).not.toHaveProperty('line');
  });

  test('syntaxProblem takes the place the compiler writes behind its message', () => {
    expect(syntaxProblem(new SyntaxError("Unexpected token ';' [script.js:3:9]"), 2_048)).toEqual({
      message: "Unexpected token ';'",
      line: 3,
    });
  });
});
