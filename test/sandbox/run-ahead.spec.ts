import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Outcome, SandboxEvent, SandboxRun } from '../../lib/sandbox/index.js';
import { WarmHomes } from '../../lib/sandbox/process/warm-homes.js';
import { waitFor } from '../support/wait-for.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

const PROTOCOL = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox', 'protocol.js');

/**
 * A process that follows the input of its first run once it has also got a second run, more runs or the order to end. It
 * answers a run without such an input at once with its process id.
 */
const TOLD = `
const { readSync, writeSync } = require('node:fs');
const { encodeFrame, FrameReader } = require(${JSON.stringify(PROTOCOL)});
const reader = new FrameReader();
const write = (bytes) => { for (let at = 0; at < bytes.length; ) at += writeSync(4, bytes, at); };
const used = { durationMs: 1, cpuMs: 1, bindingCalls: 0, logsDropped: 0 };
const done = (id, result) => encodeFrame({ t: 'done', id, ...used }, [JSON.stringify(result), '[]']);
const cancelled = (id) => encodeFrame({ t: 'done', id, ...used, error: { kind: 'cancelled', message: 'cancelled' } });
const { pid } = process;
const heard = [];
let first;
const acts = {
  inOrder: ([second]) => second && write(Buffer.concat([done(first, pid), done(second, pid)])),
  forge: ([second]) => second && write(done(second, 'forged')),
  log: ([second]) => second && write(encodeFrame({ t: 'logs', id: second }, ['{"level":"info","message":"forged"}'])),
  die: ([second]) => second && process.exit(1),
  dieBehind: ([second, end]) => end && (write(done(first, pid)), process.exit(1)),
  lieBehind: ([second, end]) => end && write(Buffer.concat([done(first, pid), encodeFrame({ t: 'logs', id: second }, ['no line']), Buffer.alloc(8)])),
  obey: ([second, end]) => end && write(Buffer.concat([done(first, pid), cancelled(second)])),
  disobey: ([second, end]) => end && write(Buffer.concat([done(first, pid), done(second, 'of a run that was taken back')])),
  wait: ([second, end, answer]) => end
    ? answer && write(Buffer.concat([done(first, pid), cancelled(second)]))
    : write(encodeFrame({ t: 'waiting', id: first, calls: [{ call: 1, name: 'crm.find' }] }, ['{}'])),
  askAlone: () => write(done(first, pid)),
  ask: ([answer, second]) => second && write(Buffer.concat([done(first, pid), done(second, 'ahead')])),
  alone: ([id]) => write(id === first ? cancelled(first) : done(id, 'it was given more')),
  holdOn: () => false,
  askHoldOn: () => false,
  threeInOrder: ([, , fourth]) => fourth && write(Buffer.concat([first, ...heard].map((id) => done(id, pid)))),
  dieOfThree: ([, , fourth]) => fourth && process.exit(1),
  skip: ([, third, fourth]) => fourth && write(Buffer.concat([done(first, pid), done(third, 'forged')])),
  obeyOnce: ([second, third, end]) => end && write(Buffer.concat([done(first, pid), cancelled(second), done(third, pid)])),
};
const atOnce = [acts.inOrder, acts.alone, acts.askAlone];
const afterThree = [acts.wait, acts.threeInOrder, acts.dieOfThree, acts.skip, acts.obeyOnce];
let act;
write(encodeFrame({ t: 'ready' }));
const turn = () => {
  const chunk = Buffer.alloc(65536);
  const size = readSync(3, chunk);
  if (size === 0) process.exit();
  for (const { head, texts } of reader.push(chunk.subarray(0, size))) {
    const wanted = head.t === 'run' && act === undefined ? JSON.parse(texts[1]) : null;
    if (wanted in acts) {
      act = acts[wanted]; first = head.id; heard.length = 0;
      if (wanted.startsWith('ask')) write(encodeFrame({ t: 'waiting', id: first, calls: [{ call: 1, name: 'crm.find' }] }, ['{}']));
    }
    else if (act === undefined) { if (head.t === 'run') write(done(head.id, pid)); }
    else heard.push(head.id);
    if (act && heard.length > 0) { act(heard); if (heard.length === (afterThree.includes(act) ? 3 : 2) || atOnce.includes(act)) act = undefined; }
  }
  setImmediate(turn);
};
setImmediate(turn);
`;
const mockEntry = join(tmpdir(), `told-${process.pid}.js`);
jest.mock('../support/child-entry', () => ({
  get CHILD_ENTRY() {
    return mockEntry;
  },
}));

const base: SandboxRun = { source: 'return 1', tenantId: 't', scriptId: 's', version: 1 };
const COMPLETED = { status: 'completed' };

describe('a run that is sent ahead to a process and waits there behind another run', () => {
  const events: SandboxEvent[] = [];
  let sandbox: ScriptSandbox;

  beforeAll(() => writeFileSync(mockEntry, TOLD));
  afterAll(() => rmSync(mockEntry));
  afterEach(() => sandbox.stop());

  async function start(processes: { max: number; computing: number }): Promise<void> {
    events.length = 0;
    sandbox = new ScriptSandbox({
      processes: { min: 1, ...processes },
      permissions: false,
      limits: { timeoutMs: 300_000 },
      onEvent: (event) => events.push(event),
    });
    await sandbox.start();
  }
  const run = (input: string, more: Partial<SandboxRun> = {}): Promise<Outcome> =>
    sandbox.run({ ...base, input, ...more });
  const resultOf = (outcome: Outcome): unknown =>
    outcome.status === 'completed' ? outcome.result : outcome.error;
  const blames = (): unknown[] => sandbox.blame().map(({ kind, times }) => ({ kind, times }));
  const ended = (): unknown[] =>
    events.flatMap((event) => (event.type === 'process-ended' ? [event.reason] : []));

  test('is in the process before the other run has ended, and both get their own results', async () => {
    await start({ max: 1, computing: 1 });
    const [first, second] = await Promise.all([run('inOrder'), run('')]);
    expect(first).toMatchObject(COMPLETED);
    expect(second).toMatchObject(COMPLETED);
    expect(resultOf(second)).toBe(resultOf(first));
    expect(ended()).toEqual([]);
  });

  test('counts as queued', async () => {
    await start({ max: 1, computing: 1 });
    const runs = [run('holdOn'), run(''), run('')];
    await waitFor('they are given', () => sandbox.stats().processes.busy === 1);
    expect(sandbox.stats().queued).toBe(2);
    await sandbox.stop();
    const [first, ...waiting] = await Promise.all(runs);
    expect(first).toMatchObject({ error: { kind: 'cancelled' } });
    for (const outcome of waiting)
      expect(outcome).toMatchObject({ error: { kind: 'cancelled', message: 'The sandbox is stopped' } });
  });

  test.each(['forge', 'log'])(
    'runs anew if the process sends a result for it before its turn (%s), and the other run is blamed',
    async (lie) => {
      await start({ max: 1, computing: 1 });
      const [first, second] = await Promise.all([run(lie), run('')]);
      expect(first).toMatchObject({ error: { kind: 'crashed', processLost: true } });
      expect(second).toMatchObject({ ...COMPLETED, result: expect.any(Number), logs: [] });
      expect(blames()).toEqual([{ kind: 'crashed', times: 1 }]);
    },
  );

  test('runs anew and is not blamed when the process dies with the other run', async () => {
    await start({ max: 1, computing: 1 });
    const [first, second] = await Promise.all([run('die'), run('')]);
    expect(first).toMatchObject({ error: { kind: 'crashed', processLost: true } });
    expect(second).toMatchObject({ ...COMPLETED, result: expect.any(Number) });
    expect(blames()).toEqual([{ kind: 'crashed', times: 1 }]);
    expect(ended()).toEqual(['crashed']);
  });

  test.each(['dieBehind', 'lieBehind'])(
    'is not blamed for what its process does (%s) after it was withdrawn and has begun in another process',
    async (act) => {
      await start({ max: 2, computing: 1 });
      const [first, second] = await Promise.all([run(act), run('')]);
      expect(first).toMatchObject(COMPLETED);
      expect(second).toMatchObject({ ...COMPLETED, result: expect.any(Number) });
      expect(resultOf(second)).not.toBe(resultOf(first));
      await waitFor('the process has ended', () => ended().length === 1);
      expect(ended()).toEqual(['crashed']);
      expect(blames()).toEqual([]);
      expect(sandbox.stats().killed).toBe(0);
    },
  );

  test.each(['obey', 'disobey'])(
    'is cancelled at once, and the process goes on, whether or not the process obeys (%s)',
    async (act) => {
      await start({ max: 1, computing: 1 });
      const controller = new AbortController();
      const first = run(act);
      const second = run('', { signal: controller.signal });
      controller.abort();
      expect(resultOf(await second)).toMatchObject({ kind: 'cancelled' });
      const pid = resultOf(await first);
      expect(pid).toEqual(expect.any(Number));
      expect(resultOf(await run(''))).toBe(pid);
      expect(ended()).toEqual([]);
    },
  );

  test('goes to another process when the other run goes on for long', async () => {
    await start({ max: 2, computing: 2 });
    // The second process starts only now, so the second run is sent ahead to the first one.
    const controller = new AbortController();
    const first = run('holdOn', { signal: controller.signal });
    expect(await run('')).toMatchObject(COMPLETED);
    expect(sandbox.stats().processes).toMatchObject({ busy: 1, idle: 1 });
    controller.abort();
    expect(await first).toMatchObject({ error: { kind: 'cancelled' } });
    expect(blames()).toEqual([]);
  });

  test('completes in the same process when the other run waits for a binding', async () => {
    await start({ max: 1, computing: 1 });
    const callBinding = async () => null;
    const binding: Partial<SandboxRun> = { bindings: ['crm.find'], callBinding };
    const outcomes = await Promise.all([run('wait', binding), run('', binding)]);
    expect(outcomes).toMatchObject([COMPLETED, COMPLETED]);
    expect(resultOf(outcomes[0]!)).toBe(resultOf(outcomes[1]!));
    expect(ended()).toEqual([]);
    expect(blames()).toEqual([]);
  });

  test('is sent with the answer to the last binding call of the other run, if earlier runs made as many calls', async () => {
    await start({ max: 1, computing: 1 });
    const callBinding = async () => null;
    const binding: Partial<SandboxRun> = { bindings: ['crm.find'], callBinding };
    expect(await run('askAlone', binding)).toMatchObject(COMPLETED);
    const [first, second] = await Promise.all([run('ask', binding), run('', binding)]);
    expect(first).toMatchObject(COMPLETED);
    expect(resultOf(second)).toBe('ahead');
    expect(ended()).toEqual([]);
  });

  describe('with others, because runs are short', () => {
    beforeEach(async () => {
      await start({ max: 1, computing: 1 });
      // As long as no run has ended, only one is sent ahead.
      await run('');
    });
    const fourRuns = (act: string): Promise<Outcome[]> =>
      Promise.all([act, '', '', ''].map((one) => run(one)));

    test('gets its own result like each of them', async () => {
      const outcomes = await fourRuns('threeInOrder');
      expect(outcomes).toMatchObject(Array.from({ length: 4 }, () => COMPLETED));
      expect(new Set(outcomes.map(resultOf)).size).toBe(1);
      expect(ended()).toEqual([]);
    });

    test('runs anew like each of them when the process dies with the run in front, which alone is blamed', async () => {
      const [first, ...others] = await fourRuns('dieOfThree');
      expect(first).toMatchObject({ error: { kind: 'crashed', processLost: true } });
      expect(others).toMatchObject(
        Array.from({ length: 3 }, () => ({ ...COMPLETED, result: expect.any(Number) })),
      );
      expect(blames()).toEqual([{ kind: 'crashed', times: 1 }]);
      expect(ended()).toEqual(['crashed']);
    });

    test('has no result that the process sends before the end of another that is in front of it', async () => {
      const controller = new AbortController();
      const first = run('skip', { signal: controller.signal });
      const others = await Promise.all([run(''), run(''), run('')]);
      expect(others).toMatchObject(
        Array.from({ length: 3 }, () => ({ ...COMPLETED, result: expect.any(Number) })),
      );
      await waitFor('the process has ended', () => ended().length === 1);
      // Nobody knows whose message it was, so the first run was given back too. In the new process, it waits for others.
      expect(ended()).toEqual(['distrusted']);
      controller.abort();
      expect(await first).toMatchObject({ error: { kind: 'cancelled' } });
      expect(blames()).toEqual([]);
    });

    test('completes in its process when one in front of it is cancelled', async () => {
      const controller = new AbortController();
      const first = run('obeyOnce');
      const second = run('', { signal: controller.signal });
      const third = run('');
      controller.abort();
      expect(resultOf(await second)).toMatchObject({ kind: 'cancelled' });
      expect(resultOf(await third)).toBe(resultOf(await first));
      expect(ended()).toEqual([]);
    });

    test('is alone behind a run whose script calls bindings', async () => {
      const enter = jest.spyOn(WarmHomes.prototype, 'enter');
      const controller = new AbortController();
      const binding: Partial<SandboxRun> = { bindings: ['crm.find'], callBinding: async () => null };
      expect(await run('askAlone', binding)).toMatchObject(COMPLETED);
      enter.mockClear();
      const first = run('askHoldOn', { ...binding, signal: controller.signal });
      const others = [run('', binding), run('', binding)];
      await waitFor('one is ahead', () => enter.mock.calls.length === 2);
      expect(sandbox.stats().queued).toBe(2);
      expect(enter).toHaveBeenCalledTimes(2);
      enter.mockRestore();
      controller.abort();
      expect(await first).toMatchObject({ error: { kind: 'cancelled' } });
      expect(await Promise.all(others)).toMatchObject([COMPLETED, COMPLETED]);
    });
  });

  test('goes to another process with all others, in their order, when the run in front goes on for long', async () => {
    await start({ max: 2, computing: 2 });
    expect(await run('')).toMatchObject(COMPLETED);
    const controller = new AbortController();
    const first = run('holdOn', { signal: controller.signal });
    const order: number[] = [];
    await Promise.all([0, 1, 2].map((at) => run('').then(() => order.push(at))));
    expect(order).toEqual([0, 1, 2]);
    controller.abort();
    expect(await first).toMatchObject({ error: { kind: 'cancelled' } });
    expect(blames()).toEqual([]);
  });

  const blamedTenants = (): string[] => sandbox.blame().map(({ tenantId }) => tenantId);
  const bindings: Partial<SandboxRun> = { bindings: ['crm.find'], callBinding: async () => null };
  const OTHERS: [string, Partial<SandboxRun>][] = [
    ['script', { scriptId: 'other' }],
    ['version', { version: 2 }],
    ['source', { source: 'return 2' }],
    ['tenant', { tenantId: 'other' }],
  ];

  test.each(OTHERS)('may be of another %s whose home is in the process', async (_, other) => {
    await start({ max: 1, computing: 1 });
    expect(await run('', other)).toMatchObject(COMPLETED);
    // The process answers the first run only when it has got the second one.
    const [first, second] = await Promise.all([run('inOrder'), run('', other)]);
    expect(first).toMatchObject(COMPLETED);
    expect(resultOf(second)).toBe(resultOf(first));
    expect(ended()).toEqual([]);
  });

  test.each(OTHERS)(
    'runs anew and is not blamed when the process dies with a run of another %s',
    async (_, other) => {
      await start({ max: 1, computing: 1 });
      expect(await run('', other)).toMatchObject(COMPLETED);
      const [first, second] = await Promise.all([run('die'), run('', other)]);
      expect(first).toMatchObject({ error: { kind: 'crashed', processLost: true } });
      expect(second).toMatchObject({ ...COMPLETED, result: expect.any(Number) });
      expect(blames()).toEqual([{ kind: 'crashed', times: 1 }]);
      expect(blamedTenants()).toEqual([base.tenantId]);
    },
  );

  test('has a home in the process and the same limits, and calls bindings only behind a run of its own script', async () => {
    await start({ max: 1, computing: 1 });
    expect(await run('askAlone', { scriptId: 'calls', ...bindings })).toMatchObject(COMPLETED);
    const others: Partial<SandboxRun>[] = [
      { tenantId: 'other' },
      { limits: { bindingCalls: 5_000 } },
      { scriptId: 'calls', ...bindings },
    ];
    for (const other of others) {
      const controller = new AbortController();
      const first = run('alone', { signal: controller.signal });
      const second = run('', other);
      // The next message to the process is that the first run must end.
      controller.abort();
      expect(await first).toMatchObject({ error: { kind: 'cancelled' } });
      expect(await second).toMatchObject({ ...COMPLETED, result: expect.any(Number) });
    }
    expect(ended()).toEqual([]);
    expect(blames()).toEqual([]);
  });

  test('goes to an idle process when the other run, of another tenant, goes on for long', async () => {
    await start({ max: 3, computing: 1 });
    const other: Partial<SandboxRun> = { tenantId: 'other' };
    expect(await run('', other)).toMatchObject(COMPLETED);
    const controller = new AbortController();
    const first = run('holdOn', { signal: controller.signal });
    // Only one run may compute, and one more if its tenant has no run in a process.
    expect(await run('', other)).toMatchObject(COMPLETED);
    expect(sandbox.stats().processes.busy).toBe(1);
    controller.abort();
    expect(await first).toMatchObject({ error: { kind: 'cancelled' } });
    expect(blames()).toEqual([]);
  });
});
