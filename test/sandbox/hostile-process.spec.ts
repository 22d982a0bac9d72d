import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Outcome, SandboxEvent } from '../../lib/sandbox/index.js';
import { inShortOneIn } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';

const PROTOCOL = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox', 'protocol.js');
const mockEntry = join(tmpdir(), `taken-over-${process.pid}.js`);
/** Exists once a process may go on. */
const go = `${mockEntry}.go`;

/**
 * A process that a script has taken over: it evaluates the source of a run with the functions that send to the parent.
 * Without such a source it answers with its own process id.
 */
const TAKEN_OVER = `
const { existsSync, readSync, writeSync } = require('node:fs');
Object.assign(globalThis, { readSync, writeSync });
// Says something once the test has told it that the parent has read what was said before.
globalThis.told = (say) => {
  while (!existsSync(${JSON.stringify(go)})) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  say();
};
const { encodeFrame, FrameReader } = require(${JSON.stringify(PROTOCOL)});
const reader = new FrameReader();
const sources = new Map();
const write = (bytes) => { for (let at = 0; at < bytes.length; ) at += writeSync(4, bytes, at); };
const send = (head, texts) => write(encodeFrame(head, texts));
const used = { durationMs: 1, cpuMs: 1, bindingCalls: 0, logsDropped: 0 };
const done = (id, ...texts) => send({ t: 'done', id, ...used }, texts);
send({ t: 'ready' });
const turn = () => {
  const chunk = Buffer.alloc(65536);
  const size = readSync(3, chunk);
  if (size === 0) process.exit();
  for (const { head, texts } of reader.push(chunk.subarray(0, size))) {
    if (head.t !== 'run') continue;
    if (texts.length > 2) sources.set(head.script, texts[2]);
    const source = sources.get(head.script);
    if (source === 'late' && globalThis.late) globalThis.late();
    else if (source === 'pid' || source === 'late') done(head.id, String(process.pid), '[]');
    else new Function('id', 'send', 'write', 'done', 'used', 'encodeFrame', source)(head.id, send, write, done, used, encodeFrame);
  }
  setImmediate(turn);
};
setImmediate(turn);
`;
jest.mock('../support/child-entry', () => ({
  get CHILD_ENTRY() {
    return mockEntry;
  },
}));

/** Messages that no honest process sends. */
const SAYINGS = [
  ['bytes that are not a message', "write(Buffer.from('HTTP/1.1 200 OK\\r\\n\\r\\n'))"],
  ['the length of an endless message', 'const b = Buffer.alloc(8); b.writeUInt32LE(2 ** 31); write(b)'],
  ['a message of an unknown type', "send({ t: 'pwned', id })"],
  ['a head that is not an object', 'send(null)'],
  ['calls that are not a list', "send({ t: 'waiting', id, calls: 7 })"],
  ['an invalid log line', 'send({ t: \'logs\', id }, [\'{"level":"root","message":1}\'])'],
  ['a result that is not JSON', "done(id, '{', '[]')"],
  ['invalid published events', "done(id, '1', '[null]')"],
  ['a failure of an unknown kind', "send({ t: 'done', id, ...used, error: { kind: 'fine', message: '' } })"],
  [
    'an error message that is not text',
    "send({ t: 'done', id, ...used, error: { kind: 'runtime', message: 7 } })",
  ],
  ['a negative time', "send({ t: 'done', id, ...used, cpuMs: -1 }, ['1', '[]'])"],
  ['a duration that is no number', "send({ t: 'done', id, ...used, durationMs: '1' }, ['1', '[]'])"],
  ['the end of another run', "send({ t: 'done', id: id + 5, ...used }, ['7', '[]'])"],
  [
    'a message after the end of the run',
    "write(Buffer.concat([encodeFrame({ t: 'done', id, ...used }, ['1', '[]']), encodeFrame({ t: 'logs', id }, [])]))",
  ],
  ['a second message that it is ready', "send({ t: 'ready' })"],
  ['the result of a check that nobody requested', "send({ t: 'checked', id, problem: null })"],
  [
    'the cancellation of a run that nobody cancelled',
    "send({ t: 'done', id, ...used, error: { kind: 'cancelled', message: '' } })",
  ],
  ['a request for a source that it has', "send({ t: 'need', id })"],
  ['an invalid share of used memory', "send({ t: 'done', id, ...used, used: 'all' }, ['1', '[]'])"],
  ['an invalid list of discarded homes', "send({ t: 'done', id, ...used, gone: 7 }, ['1', '[]'])"],
  [
    'a longer list of discarded homes than possible',
    "send({ t: 'done', id, ...used, gone: Array(1000).fill(1) }, ['1', '[]'])",
  ],
  ['a log message without lines', "send({ t: 'logs', id })"],
  [
    'more log lines than its limit',
    'for (let n = 0; n < 2000; n++) send({ t: \'logs\', id }, [\'{"level":"info","message":""}\'])',
  ],
  [
    'more calls than its limit',
    "for (let n = 0; n < 200; n++) send({ t: 'calls', id, calls: [{ call: n + 1, name: 'x' }] }, ['1'])",
  ],
  [
    'the same call twice',
    "send({ t: 'waiting', id, calls: [{ call: 1, name: 'x' }, { call: 1, name: 'x' }] }, ['1', '1'])",
  ],
  ['calls without their arguments', "send({ t: 'waiting', id, calls: [{ call: 1, name: 'x' }] })"],
  [
    'a log line after the message that it waits',
    'send({ t: \'waiting\', id, calls: [] }); send({ t: \'logs\', id }, [\'{"level":"info","message":""}\'])',
  ],
  [
    'a message larger than any honest one',
    "send({ t: 'done', id, ...used }, ['\"' + 'x'.repeat(8e6) + '\"', '[]'])",
  ],
  ['a head that is too large', "send({ t: 'logs', id, more: 'x'.repeat(1e6) }, ['{}'])"],
  [
    'a message with hundreds of thousands of parts',
    'const n = 4e5, b = Buffer.alloc(12 + 4 * n); b.writeUInt32LE(b.length, 0); b.writeUInt32LE(n, 4); write(b)',
  ],
  [
    'log lines that nobody asked for',
    'writeSync(5, encodeFrame({ t: \'unsent\', id, from: 0 }, [\'{"level":"info","message":""}\\n\'])); for (;;);',
  ],
  [
    'bytes that are not a message on the pipe for unsent lines',
    'writeSync(5, Buffer.alloc(64, 7)); for (;;);',
  ],
  [
    'an invalid log line when it is asked for unsent ones',
    "readSync(5, Buffer.alloc(1)); writeSync(5, encodeFrame({ t: 'unsent', id, from: 0 }, ['no line\\n'])); for (;;);",
  ],
  [
    'more log lines than its limit when it is asked for unsent ones',
    "readSync(5, Buffer.alloc(1)); writeSync(5, encodeFrame({ t: 'unsent', id, from: 1e6 }, [''])); for (;;);",
  ],
  [
    'another message when it is asked for unsent log lines',
    "readSync(5, Buffer.alloc(1)); writeSync(5, encodeFrame({ t: 'done', id, ...used }, ['1'])); for (;;);",
  ],
  [
    'more than it can have unsent when it is asked for it',
    "readSync(5, Buffer.alloc(1)); writeSync(5, encodeFrame({ t: 'unsent', id, from: 0 }, ['x'.repeat(1e5)])); for (;;);",
  ],
  ['more log lines than its limit with its result', "done(id, '1', '[]', ...Array(2000).fill('{}'))"],
  ['an invalid log line with its result', "done(id, '1', '[]', '{}')"],
  ['too much on its error output', "for (let n = 0; n < 20; n++) writeSync(2, 'x'.repeat(1e5)); for (;;);"],
] as const;

describe('a process that a script has taken over', () => {
  const events: SandboxEvent[] = [];
  let sandbox: ScriptSandbox;
  const run = (source: string, tenantId: string): Promise<Outcome> =>
    sandbox.run({ source, tenantId, scriptId: tenantId, version: 1, limits: { timeoutMs: 20_000 } });

  beforeAll(async () => {
    writeFileSync(mockEntry, TAKEN_OVER);
    sandbox = new ScriptSandbox({
      processes: { min: 1, max: 1 },
      permissions: false,
      onEvent: (event) => events.push(event),
    });
    await sandbox.start();
  });
  afterAll(async () => {
    await sandbox.stop();
    rmSync(mockEntry);
    rmSync(go, { force: true });
  });

  test.each(inShortOneIn(3, SAYINGS))(
    'is ended if it sends %s; the script is blamed, and the next run gets another process',
    async (_, source) => {
      const before = await run('pid', 'innocent');
      events.length = 0;
      const [taken, after] = await Promise.all([run(source, 'hostile'), run('pid', 'innocent')]);
      expect(taken).toMatchObject({ error: { kind: 'crashed', processLost: true } });
      expect(after).toMatchObject({ status: 'completed', result: expect.any(Number) });
      expect(after).not.toMatchObject({ result: before.status === 'completed' && before.result });
      const blames = events.flatMap((event) => (event.type === 'process-killed' ? [event.blame] : []));
      expect(blames).toMatchObject([{ tenantId: 'hostile', kind: 'crashed' }]);
    },
  );

  const blamed = (): unknown[] =>
    events.flatMap((event) => (event.type === 'process-killed' ? [event.blame.tenantId] : []));

  test.each([
    ['a result in advance', "done(id, '1', '[]'); told(() => done(id + 1, '\"forged\"', '[]'))"],
    ['a second result of its last run', "done(id, '1', '[]'); told(() => done(id, '\"forged\"', '[]'))"],
    ['random bytes', "done(id, '1', '[]'); told(() => write(Buffer.alloc(64, 7)))"],
    ['half a message', "done(id, '1', '[]'); told(() => write(Buffer.from([64])))"],
    ['a message that it is ready', "done(id, '1', '[]'); told(() => send({ t: 'ready' }))"],
    [
      'bytes on the pipe for unsent lines',
      "done(id, '1', '[]'); told(() => writeSync(5, Buffer.alloc(64, 7)))",
    ],
  ])('is ended if it sends %s while it is idle, and nobody is blamed', async (_, source) => {
    await run('pid', 'innocent');
    events.length = 0;
    rmSync(go, { force: true });
    await run(source, 'hostile');
    writeFileSync(go, '');
    await waitFor('it is ended', () => events.some((event) => event.type === 'process-ended'));
    expect(events).toContainEqual(expect.objectContaining({ type: 'process-ended', reason: 'distrusted' }));
    expect(await run('pid', 'innocent')).toMatchObject({ status: 'completed', result: expect.any(Number) });
    expect(blamed()).toEqual([]);
  });

  test('is ended if it sends a result for the next run in advance; that run takes place in another process and is not blamed', async () => {
    await run('pid', 'innocent');
    events.length = 0;
    // The message comes while the next run is in the process and has not sent anything.
    const speak = "done(id, '1', '[]'); globalThis.late = () => done(id + 1, '\"forged\"', '[]')";
    const [first, next] = await Promise.all([run(speak, 'hostile'), run('late', 'innocent')]);
    expect(first).toMatchObject({ status: 'completed' });
    expect(next).toMatchObject({ status: 'completed', result: expect.any(Number) });
    // The killed process may be gone only after another one has run it.
    await waitFor('it is ended', () => events.some((event) => event.type === 'process-ended'));
    expect(events).toContainEqual(expect.objectContaining({ type: 'process-ended', reason: 'distrusted' }));
    expect(blamed()).toEqual([]);
  });

  test('is killed at its time limit although it tells no log lines when it is asked for them', async () => {
    const limits = { timeoutMs: 50 };
    const outcome = await sandbox.run({
      source: 'for (;;);',
      tenantId: 't',
      scriptId: 's',
      version: 1,
      limits,
    });
    expect(outcome).toMatchObject({ error: { kind: 'timeout', processLost: true }, logs: [] });
  });

  test('cannot call a binding that its script may not call', async () => {
    const callBinding = jest.fn(() => Promise.resolve(1));
    const source =
      "send({ t: 'waiting', id, calls: [{ call: 1, name: 'crm.remove' }, { call: 2, name: 'crm.find' }] }, ['1', '2']); done(id, '1', '[]')";
    const bindings = ['crm.find'];
    await sandbox.run({ source, tenantId: 'hostile', scriptId: 'h', version: 1, bindings, callBinding });
    expect(callBinding.mock.calls).toEqual([['crm.find', 2, expect.any(AbortSignal)]]);
  });
});
