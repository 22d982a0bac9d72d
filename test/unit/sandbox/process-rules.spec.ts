import { bindingNamesProblem } from '../../../lib/common/binding-names.js';
import { isReservedEventType } from '../../../lib/common/event-type-name.js';
import { BlameRecord } from '../../../lib/sandbox/process/blame-record.js';
import { lackedThread, verdictOf } from '../../../lib/sandbox/process/exit-reason.js';
import type { ProcessExit } from '../../../lib/sandbox/process/exit-reason.js';
import { RestartPolicy } from '../../../lib/sandbox/process/restart-policy.js';
import type { PreparedRun } from '../../../lib/sandbox/prepared-run.js';

describe('RestartPolicy', () => {
  test('waits longer after each failure in a row, up to 30 s, and reports a crash loop from the fifth on', () => {
    const policy = new RestartPolicy();
    const reports = Array.from({ length: 12 }, () => policy.failed(0));
    expect(reports.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
    expect(reports[4]).toEqual({ failures: 5, retryInMs: 1_600 });
    expect(reports[11]).toEqual({ failures: 12, retryInMs: 30_000 });
    expect(policy.delayMs(10_000)).toBe(20_000);
    expect(policy.delayMs(60_000)).toBe(0);
  });

  test('forgets the failures after a success', () => {
    const policy = new RestartPolicy();
    for (let n = 0; n < 6; n++) policy.failed(0);
    policy.succeeded();
    expect(policy.isCrashLoop).toBe(false);
    expect(policy.delayMs(0)).toBe(0);
  });
});

describe('verdictOf', () => {
  const exit: ProcessExit = {
    killedFor: undefined,
    code: null,
    signal: null,
    stderr: '',
    wasNearMemoryLimit: false,
  };
  test.each<[string, Partial<ProcessExit>, string]>([
    ['killed at the deadline', { killedFor: 'timeout', signal: 'SIGKILL' }, 'timeout'],
    ['killed for its memory', { killedFor: 'memory', signal: 'SIGKILL' }, 'memory'],
    [
      'aborted by V8 without memory',
      { signal: 'SIGABRT', stderr: 'Array buffer allocation failed' },
      'memory',
    ],
    [
      'trapped by V8 without memory',
      { signal: 'SIGTRAP', stderr: 'FATAL ERROR: invalid array length Allocation failed' },
      'memory',
    ],
    [
      'trapped by V8 at a list that no memory holds',
      { signal: 'SIGTRAP', stderr: 'Fatal JavaScript invalid size error 268435456 (see crbug.com/1201626)' },
      'memory',
    ],
    [
      'aborted while V8 told that it is without memory',
      {
        signal: 'SIGABRT',
        stderr: '<--- Last few GCs --->\n\nGetCurrent(): Assertion `environment != nullptr` failed.',
      },
      'memory',
    ],
    ['aborted for another reason', { signal: 'SIGABRT', stderr: 'Check failed: x' }, 'crashed'],
    ['killed by the system near its memory limit', { signal: 'SIGKILL', wasNearMemoryLimit: true }, 'memory'],
    ['killed by somebody', { signal: 'SIGKILL' }, 'crashed'],
    ['ended by itself', { code: 1 }, 'crashed'],
    ['ended by itself with words about memory', { code: 1, stderr: 'out of memory' }, 'crashed'],
  ])('finds the cause for a process that was %s', (_, over, kind) => {
    expect(verdictOf({ ...exit, ...over }).kind).toBe(kind);
  });
});

describe('lackedThread', () => {
  test.each([
    "terminate called after throwing an instance of 'std::system_error'\n  what():  Resource temporarily unavailable",
    'libc++abi: terminating due to uncaught exception of type std::__1::system_error: thread constructor failed: Resource temporarily unavailable',
    '#  Assertion failed: (0) == (uv_thread_create(t.get(), start_thread, this))',
  ])('is true for a process that has aborted and wrote: %s', (stderr) => {
    expect(lackedThread({ signal: 'SIGABRT', stderr })).toBe(true);
    expect(lackedThread({ signal: 'SIGKILL', stderr })).toBe(false);
    expect(lackedThread({ signal: null, stderr })).toBe(false);
  });

  test.each(['', 'Check failed: x', 'what():  std::bad_alloc', 'Resource temporarily unavailable'])(
    'is false for a process that has aborted for another reason, and wrote: %s',
    (stderr) => expect(lackedThread({ signal: 'SIGABRT', stderr })).toBe(false),
  );
});

describe('BlameRecord', () => {
  test('counts for each script over all its versions, and lists the worst first', () => {
    const record = new BlameRecord();
    const run = (scriptId: string, version: number): PreparedRun =>
      ({ tenantId: 't', scriptId, version }) as PreparedRun;
    record.add(run('a', 1), 'timeout', 'timeout');
    record.add(run('b', 1), 'memory', 'memory');
    expect(record.add(run('b', 2), 'crashed', 'crashed').times).toBe(2);
    expect(record.list().map(({ scriptId, times, version }) => [scriptId, times, version])).toEqual([
      ['b', 2, 2],
      ['a', 1, 1],
    ]);
  });
});

describe('bindingNamesProblem', () => {
  test.each([[['crm.findClient', 'crm.notes.add', 'ping']], [[]]])('finds no problem in %j', (names) => {
    expect(bindingNamesProblem(names)).toBeNull();
  });
  test.each([
    [['1crm.x'], 'is not a dotted name'],
    [['crm..x'], 'is not a dotted name'],
    [['crm.x();'], 'is not a dotted name'],
    [['events.publish'], 'reserved name events'],
    [['await'], 'reserved name await'],
    [['crm.__proto__.x'], 'contains __proto__'],
    [['crm.then'], 'contains then'],
    [['crm.x', 'crm.x'], 'declared twice'],
    [['crm.x', 'crm.x.y'], 'first part of binding "crm.x.y"'],
  ])('finds a problem in %j', (names, problem) => {
    expect(bindingNamesProblem(names)).toContain(problem);
  });
});

describe('isReservedEventType', () => {
  test.each<[string, readonly string[], boolean]>([
    ['script.completed', [], true],
    ['script', [], true],
    ['scripted', [], false],
    ['scripts.x', [], false],
    ['user.created', ['user.created'], true],
    ['user.created2', ['user.created'], false],
    ['order.shipped', ['order.*'], true],
    ['orders.shipped', ['order.*'], false],
  ])('answers for %s, with the reserved types %j: %s', (type, reserved, expected) => {
    expect(isReservedEventType(type, reserved)).toBe(expected);
  });
});
