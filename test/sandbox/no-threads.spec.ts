import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptSandbox, SandboxStartError } from '../../lib/sandbox/index.js';
import type { SandboxEvent } from '../../lib/sandbox/index.js';

const PROTOCOL = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox', 'protocol.js');
const mockEntry = join(tmpdir(), `no-threads-${process.pid}.js`);
const lacking = `${mockEntry}.lacking`;

/** A process that ends, as isolated-vm does without a thread for a run, as long as a file exists. */
const PROGRAM = `
const { existsSync, readSync, writeSync } = require('node:fs');
const { encodeFrame, FrameReader } = require(${JSON.stringify(PROTOCOL)});
const reader = new FrameReader();
const send = (head, texts) => writeSync(4, encodeFrame(head, texts));
send({ t: 'ready' });
const turn = () => {
  const chunk = Buffer.alloc(65536);
  const size = readSync(3, chunk);
  if (size === 0) process.exit();
  for (const { head } of reader.push(chunk.subarray(0, size))) {
    if (existsSync(${JSON.stringify(lacking)})) {
      writeSync(2, "terminate called after throwing an instance of 'std::system_error'\\n  what():  Resource temporarily unavailable\\n");
      process.abort();
    }
    if (head.t === 'check') send({ t: 'checked', id: head.id, problem: null });
    else send({ t: 'done', id: head.id, durationMs: 1, cpuMs: 1, bindingCalls: 0, logsDropped: 0 }, ['42', '[]']);
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

describe('a process that ends because the system refuses it a thread', () => {
  const events: SandboxEvent[] = [];
  const sandbox = new ScriptSandbox({
    processes: { min: 1, max: 1 },
    permissions: false,
    onEvent: (event) => {
      events.push(event);
      if (event.type === 'process-ended' && event.reason === 'no-threads') rmSync(lacking);
    },
  });
  beforeAll(() => writeFileSync(mockEntry, PROGRAM));
  beforeEach(() => writeFileSync(lacking, ''));
  afterAll(async () => {
    await sandbox.stop();
    rmSync(mockEntry);
    rmSync(lacking, { force: true });
  });

  test('is no fault of the script in it, which runs again', async () => {
    const outcome = await sandbox.run({ source: 'return 42', tenantId: 't', scriptId: 's', version: 1 });
    expect(outcome).toMatchObject({ status: 'completed', result: 42 });
    expect(events.filter(({ type }) => type === 'process-killed')).toEqual([]);
    expect(sandbox.blame()).toEqual([]);
    expect(sandbox.stats().restarts).toEqual({ 'no-threads': 1 });
  });

  test('is no problem of the source that it checks', async () => {
    const checked = sandbox.check('return 42');
    await expect(checked).rejects.toThrow(SandboxStartError);
    await expect(checked).rejects.toThrow('Raise the limit of processes and threads');
    expect(await sandbox.check('return 42')).toBeNull();
  });
});
