import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Outcome, SandboxEvent, SandboxRun } from '../../lib/sandbox/index.js';
import { ChildLink } from '../../lib/sandbox/process/child-link.js';
import { RunExchange } from '../../lib/sandbox/process/run-exchange.js';
import { SandboxProcess } from '../../lib/sandbox/process/sandbox-process.js';
import { inShortOneIn } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

const PATIENT = { timeoutMs: 300_000, bindingTimeoutMs: 300_000 };
/** For a run that the test ends by its time limit: the machine may stand still before, and the script's time goes on. */
const SHORT = { timeoutMs: 1_000 };
const base: Omit<SandboxRun, 'source'> = {
  tenantId: 't',
  scriptId: 's',
  version: 1,
  bindings: ['crm.find'],
  callBinding: async () => 1,
};

/** Logs four lines, the last two after a binding call, and then does what the test is about, but not for the input 0. */
const logsAnd = (end: string): string =>
  `for (const n of [1, 2]) sdk.log.info(String(n), { n }); await crm.find({});
   for (const n of [3, 4]) sdk.log.info(String(n), { n }); if (ctx.input !== 0) { ${end} } return 'ended';`;
const FOUR = ['1', '2', '3', '4'];
const UNSTOPPABLE = '[].includes.call({ length: 2 ** 53 - 1 }, 1);';

const FILLS_MEMORY = 'const a = []; for (;;) a.push({ a });';

const messagesOf = ({ logs }: Outcome): string[] => logs.map(({ message }) => message);
const kindOf = (outcome: Outcome): string =>
  outcome.status === 'completed' ? 'completed' : outcome.error.kind;

describe('the log lines of a run', () => {
  const events: SandboxEvent[] = [];
  const onUnsent = jest.spyOn(RunExchange.prototype, 'onUnsent');
  const onLogs = jest.spyOn(RunExchange.prototype, 'onLogs');
  let sandbox: ScriptSandbox;
  let scripts = 0;

  beforeAll(async () => {
    sandbox = new ScriptSandbox({
      limits: PATIENT,
      processes: { min: 1, max: 1, memoryMb: 200 },
      onEvent: (event) => events.push(event),
    });
    await sandbox.start();
  });
  afterAll(() => sandbox.stop());
  afterEach(() => jest.clearAllMocks());

  const run = (source: string, over: Partial<SandboxRun> = {}): Promise<Outcome> =>
    sandbox.run({ ...base, source, ...over });
  /** Runs a script once in its home, so that the lines of its next runs are not sent promptly. Returns its id. */
  const runOnce = async (source: string, over: Partial<SandboxRun> = {}): Promise<string> => {
    const scriptId = `s${++scripts}`;
    const first = await run(source, { ...over, scriptId, input: 0 });
    expect(first).toMatchObject({ status: 'completed', result: 'ended' });
    jest.clearAllMocks();
    return scriptId;
  };
  const runAgain = async (source: string, over: Partial<SandboxRun> = {}): Promise<Outcome> =>
    run(source, { ...over, scriptId: await runOnce(source, over) });
  const killProcess = (): void => {
    const started = events.filter((event) => event.type === 'process-started');
    process.kill(started.at(-1)!.pid, 'SIGKILL');
  };
  /** Whether a line has arrived before the run ended: told when the parent asked for it, or sent on a slow machine. */
  const hasTold = (message: string): boolean =>
    [...onUnsent.mock.calls.map(([, text]) => text), ...onLogs.mock.calls.flat(2)].some((text) =>
      text.includes(`"message":"${message}"`),
    );
  const told = (message: string): Promise<boolean> => waitFor('the line has arrived', () => hasTold(message));

  test.each(
    inShortOneIn(2, [
      ['that is killed in a call that nothing interrupts', UNSTOPPABLE, 'timeout', SHORT],
      ['that its isolate stops', 'for (;;);', 'timeout', SHORT],
      ['that completes', '', 'completed', {}],
      ['that fails', 'throw new Error()', 'runtime', {}],
      ['whose process is killed for its memory', FILLS_MEMORY, 'memory', { memoryMb: 900 }],
      ['that runs out of memory', FILLS_MEMORY, 'memory', { memoryMb: 16 }],
    ] as const),
  )('arrive in order and once for a run %s', async (_, end, kind, limits) => {
    const outcome = await runAgain(logsAnd(end), { limits });
    expect([kindOf(outcome), messagesOf(outcome)]).toEqual([kind, FOUR]);
  });

  test('arrive in order and once for a run that is cancelled while it computes', async () => {
    const controller = new AbortController();
    const source = logsAnd('for (;;);');
    // The lines of the first run arrive as well, so the second one begins after it has ended.
    const scriptId = await runOnce(source);
    const outcome = run(source, { scriptId, signal: controller.signal });
    await told('4');
    const kill = jest.spyOn(SandboxProcess.prototype, 'kill');
    const ask = jest.spyOn(ChildLink.prototype, 'askForUnsent');
    controller.abort();
    expect([kindOf(await outcome), messagesOf(await outcome)]).toEqual(['cancelled', FOUR]);
    // The kill asks once more, because lines may have come since the parent asked for those of a long run.
    const [killed, asked] = [kill, ask].map(({ mock }) => mock.invocationCallOrder.at(-1)!);
    expect(asked).toBeGreaterThan(killed!);
  });

  test('arrive in order and once if the script computes for so long that the parent asks for them, and then ends', async () => {
    const source = logsAnd("const end = Date.now() + 300; while (Date.now() < end); sdk.log.info('5');");
    const outcome = await runAgain(source);
    expect([kindOf(outcome), messagesOf(outcome)]).toEqual(['completed', [...FOUR, '5']]);
  });

  test('arrive if the process crashes after the script has computed for some time', async () => {
    const source = logsAnd('for (;;);');
    const scriptId = await runOnce(source);
    const outcome = run(source, { scriptId });
    await told('4');
    killProcess();
    expect([kindOf(await outcome), messagesOf(await outcome)]).toEqual(['crashed', FOUR]);
  });

  test('are sent at once in the first run of a script, and in its runs after a crash, for a process may crash at any time', async () => {
    const source = "sdk.log.info('1'); sdk.log.info('2'); if (ctx.input !== 0) for (;;); return 'ended';";
    const crash = async (): Promise<unknown> => {
      jest.clearAllMocks();
      const outcome = run(source, { scriptId: 'crashes' });
      await waitFor('the lines have arrived', () => onLogs.mock.calls.flat(2).length === 2);
      killProcess();
      return [kindOf(await outcome), messagesOf(await outcome)];
    };
    expect(await crash()).toEqual(['crashed', ['1', '2']]);
    // The next process has the home and the script.
    await run(source, { scriptId: 'crashes', input: 0 });
    expect(await crash()).toEqual(['crashed', ['1', '2']]);
  });

  test('arrive in order if they have more bytes than are kept unsent, and count for the limits as ever', async () => {
    const source = `const text = 'ä'.repeat(1000); const logs = (n) => sdk.log.info(n + text); for (let n = 0; n < 200; n++) logs(n);
      if (ctx.input !== 0) ${UNSTOPPABLE} return 'ended';`;
    const logBytes = 300_000;
    const outcome = await runAgain(source, { limits: { ...SHORT, logBytes } });
    const numbers = messagesOf(outcome).map((message) => parseInt(message));
    expect(kindOf(outcome)).toBe('timeout');
    expect(numbers).toEqual(numbers.map((_, n) => n));
    expect(numbers.length).toBe(147);
  });

  test('stay apart from those of runs that are ahead, although the process of one run is killed', async () => {
    const source = `sdk.log.info('begins ' + ctx.input); if (ctx.input === 5) ${UNSTOPPABLE} sdk.log.info('ends ' + ctx.input);`;
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, input) => run(source, { scriptId: 'ahead', input, limits: SHORT })),
    );
    expect(outcomes.map(messagesOf)).toEqual(
      outcomes.map((_, n) => (n === 5 ? ['begins 5'] : [`begins ${n}`, `ends ${n}`])),
    );
  });
});
