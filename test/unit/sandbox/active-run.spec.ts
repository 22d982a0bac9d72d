import { ActiveRun } from '../../../lib/sandbox/child/active-run.js';
import * as channel from '../../../lib/sandbox/child/channel.js';
import { UnsentLines } from '../../../lib/sandbox/child/unsent-lines.js';
import { SandboxLimits } from '../../../lib/sandbox/index.js';
import { MOST_UNSENT_LINES } from '../../../lib/sandbox/protocol.js';

jest.mock('../../../lib/sandbox/child/channel.js');

const line = (message: string): string => `{"level":"info","message":"${message}"}`;
const sent = (): unknown[] =>
  jest.mocked(channel.send).mock.calls.map(([head, texts]) => [head.t, ...(texts ?? [])]);

function activeRun() {
  const unsent = new UnsentLines();
  const limits = Object.assign(new SandboxLimits(), { logBytes: 10 * MOST_UNSENT_LINES });
  const settings = { isolation: 'compartment', bindings: [], reservedEventTypes: [], limits } as const;
  const run = new ActiveRun(7, settings, unsent);
  return { run, copy: () => unsent.copy(), log: (message: string) => run.addLog('info', message, undefined) };
}

describe('the log lines of a run', () => {
  let now = 1_000;
  beforeEach(() => {
    jest.clearAllMocks();
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterAll(() => jest.restoreAllMocks());

  it('are sent with the message that it waits, and with its end, behind what that carries', () => {
    const { run, log } = activeRun();
    log('a');
    run.addCall(1, 'crm.find', '{}');
    log('b');
    run.sendWaiting();
    log('c');
    run.complete('1', '[]');
    run.sendDone({});
    expect(sent()).toEqual([
      ['waiting', '{}', line('a'), line('b')],
      ['done', '1', '[]', line('c')],
    ]);
  });

  it('are sent with its end if it fails', () => {
    const { run, log } = activeRun();
    log('a');
    run.fail({ kind: 'runtime', message: '' });
    run.sendDone({});
    expect(sent()).toEqual([['done', line('a')]]);
  });

  it('are sent one by one at first if the run is to send them promptly', () => {
    const { run, log } = activeRun();
    run.sendPromptly();
    for (let n = 1; n <= 9; n++) log(String(n));
    expect(sent()).toEqual(Array.from({ length: 8 }, (_, n) => ['logs', line(String(n + 1))]));
  });

  it('are sent at once if the script has computed for more than 5 ms since the last ones were sent', () => {
    const { run, log } = activeRun();
    log('a');
    now += 6;
    log('b');
    log('c');
    run.sendWaiting();
    // The script waits for this time and computes nothing.
    now += 1_000;
    run.answered(1);
    log('d');
    expect(sent()).toEqual([
      ['logs', line('a'), line('b')],
      ['waiting', line('c')],
    ]);
  });

  it('can be copied with the number of those that were sent before, and only once', () => {
    const { run, log, copy } = activeRun();
    expect(copy()).toEqual({ id: 0, from: 0, text: '' });
    log('a');
    log('größe 😀');
    expect(copy()).toEqual({ id: 7, from: 0, text: `${line('a')}\n${line('größe 😀')}\n` });
    expect(copy()).toEqual({ id: 0, from: 0, text: '' });
    run.sendWaiting();
    log('c');
    expect(copy()).toEqual({ id: 7, from: 2, text: `${line('c')}\n` });
  });

  it.each([1, 2, 3, 4])(
    'are sent before they exceed the memory, whose last %i bytes may be part of a character',
    (cut) => {
      const { log, copy } = activeRun();
      const around = Buffer.byteLength(`${line('')}\n`);
      log('x'.repeat(MOST_UNSENT_LINES - 2 * around - cut));
      expect(sent()).toEqual([]);
      log('😀');
      expect(sent()).toEqual([['logs', expect.any(String), line('😀')]]);
      log('next');
      expect(copy()).toEqual({ id: 7, from: 2, text: `${line('next')}\n` });
    },
  );

  it('are sent at once if one alone exceeds the memory', () => {
    const { log } = activeRun();
    log('x'.repeat(MOST_UNSENT_LINES));
    expect(sent()).toEqual([['logs', expect.stringMatching(/x"}$/)]]);
  });
});
