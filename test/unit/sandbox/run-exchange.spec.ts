import { SandboxLimits } from '../../../lib/sandbox/index.js';
import type { PreparedRun } from '../../../lib/sandbox/prepared-run.js';
import type { CallsMessage } from '../../../lib/sandbox/protocol.js';
import { RunExchange } from '../../../lib/sandbox/process/run-exchange.js';

const CALLS: CallsMessage = { t: 'calls', id: 1, calls: [{ call: 1, name: 'crm.find' }] };

const line = (message: string): string => `{"level":"info","message":"${message}"}`;
const unsent = (from: number) => ({ t: 'unsent', id: 1, from }) as const;
const told = (...messages: string[]): string => messages.map((message) => `${line(message)}\n`).join('');
const DONE = { t: 'done', id: 1, durationMs: 0, cpuMs: 0, bindingCalls: 0, logsDropped: 0 } as const;

/** One run in a process whose part the test plays. */
function exchange(isOwn = false) {
  const called: string[] = [];
  const run = {
    tenantId: 'acme',
    script: 'a script',
    source: 'await crm.find({})',
    ctxText: '{}',
    inputText: '{}',
    valuesText: undefined,
    bindings: ['crm.find'],
    reservedEventTypes: [],
    limits: Object.assign(new SandboxLimits(), { logLines: 4 }),
    signal: undefined,
    callBinding: async (name: string) => called.push(name),
  } as unknown as PreparedRun;
  const process = {
    send: jest.fn(),
    sendSoon: jest.fn(),
    kill: jest.fn(),
    distrust: jest.fn(),
    waitingChanged: jest.fn(),
  };
  const ends = {
    onEnd: jest.fn(),
    onGivenBack: jest.fn(),
    onTakenBack: jest.fn(),
    mayRunAnew: () => true,
  };
  return {
    called,
    ends,
    line: process,
    exchange: new RunExchange(1, run, { home: 1, script: 2, isKnown: true, isOwn }, process, ends),
  };
}

describe('a run in a process', () => {
  it('makes the binding calls of its script', async () => {
    const { called, exchange: run, ends } = exchange();
    run.begin('compartment');
    run.onCalls(CALLS, ['{}']);
    await new Promise(setImmediate);
    expect(called).toEqual(['crm.find']);
    run.onLost('crashed', 'the test is over');
    expect(ends.onEnd).toHaveBeenCalledTimes(1);
  });

  it('makes no call once it was taken back, even if the process had already begun it', async () => {
    const { called, exchange: run, ends } = exchange();
    run.giveAhead('compartment');
    run.takeBack();
    expect(ends.onTakenBack).toHaveBeenCalledTimes(1);
    run.itsTurn();
    run.onCalls(CALLS, ['{}']);
    await new Promise(setImmediate);
    expect(called).toEqual([]);
    run.onDone({ t: 'done', id: 1, durationMs: 0, cpuMs: 0, bindingCalls: 1, logsDropped: 0 } as never, [
      'null',
      '[]',
    ]);
    expect(ends.onEnd).not.toHaveBeenCalled();
  });

  it.each([
    ['as its process measured it, although this process reads late', 0.25, 0.25],
    ['at most as long as since it was sent, whatever its process says', 1e9, 400],
  ])('has a duration %s', (_, durationMs, recorded) => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    const { exchange: run, ends } = exchange();
    run.giveAhead('compartment');
    now.mockReturnValue(1_300);
    run.itsTurn();
    now.mockReturnValue(1_400);
    run.onDone({ t: 'done', id: 1, durationMs, cpuMs: 0, bindingCalls: 0, logsDropped: 0 }, ['null', '[]']);
    expect(ends.onEnd.mock.calls[0][0]).toMatchObject({ metrics: { durationMs: recorded } });
    now.mockRestore();
  });

  it('makes no call once it was cancelled, even if the script has already asked for it', async () => {
    const { called, exchange: run, ends } = exchange();
    run.begin('compartment');
    run.cancel();
    run.onCalls(CALLS, ['{}']);
    await new Promise(setImmediate);
    expect(called).toEqual([]);
    run.onLost('cancelled', 'the test is over');
    expect(ends.onEnd).toHaveBeenCalledTimes(1);
  });
});

describe('the log lines of a run in a process', () => {
  const linesOf = ({ onEnd }: { onEnd: jest.Mock }): string[] =>
    onEnd.mock.calls[0][0].logs.map(({ message }: { message: string }) => message);

  it.each<[string, (run: RunExchange) => void, string[]]>([
    ['sent none', (run) => run.onUnsent(unsent(0), told('a', 'b')), ['a', 'b']],
    [
      'sent some before',
      (run) => {
        run.onLogs([line('a')]);
        run.onUnsent(unsent(1), told('b'));
      },
      ['a', 'b'],
    ],
    [
      'sent some after',
      (run) => {
        run.onUnsent(unsent(0), told('a', 'b', 'c'));
        run.onCalls({ t: 'waiting', id: 1, calls: [] }, [line('a'), line('b')]);
      },
      ['a', 'b', 'c'],
    ],
    [
      'sent all after, and more',
      (run) => {
        run.onUnsent(unsent(0), told('a', 'b'));
        run.onLogs(['a', 'b', 'c'].map(line));
      },
      ['a', 'b', 'c'],
    ],
    [
      'was asked twice',
      (run) => {
        run.onUnsent(unsent(0), told('a'));
        run.onUnsent(unsent(0), told('a', 'b'));
      },
      ['a', 'b'],
    ],
    ['had none', (run) => run.onUnsent(unsent(0), ''), []],
    ['sent fewer than its process says', (run) => run.onUnsent(unsent(2), told('c')), []],
  ])(
    'are those that it sent and those that it had not sent, each once, if its process is lost and it %s',
    (_, play, lines) => {
      const { exchange: run, ends } = exchange();
      run.begin('compartment');
      play(run);
      run.onLost('crashed', 'the process is gone');
      expect(linesOf(ends)).toEqual(lines);
    },
  );

  it.each<[string, object, string[]]>([
    ['completes', {}, ['1', '[]']],
    ['fails', { error: { kind: 'runtime', message: '' } }, []],
  ])('come once with its end if it %s, although its process told them before', (_, how, texts) => {
    const { exchange: run, ends } = exchange();
    run.begin('compartment');
    run.onUnsent(unsent(0), told('a', 'b'));
    run.onDone({ ...DONE, ...how } as never, [...texts, line('a'), line('b')]);
    expect(linesOf(ends)).toEqual(['a', 'b']);
  });

  it('that it had not sent count for its limits', () => {
    const { exchange: run, ends } = exchange();
    run.begin('compartment');
    run.onLogs(['a', 'b', 'c'].map(line));
    run.onUnsent(unsent(3), told('d', 'e', 'f'));
    run.onLost('crashed', 'the process is gone');
    expect(linesOf(ends)).toEqual(['a', 'b', 'c', 'd']);
    expect(ends.onEnd.mock.calls[0][0].metrics.logsDropped).toBe(2);
  });

  const many = Array.from({ length: 5_000 }, () => line('a'));
  it.each<[string, (run: RunExchange) => void]>([
    ['unsent lines before the first one', (run) => run.onUnsent(unsent(-1), told('a'))],
    ['unsent lines between others', (run) => run.onUnsent(unsent(0.5), told('a'))],
    ['unsent lines at no number', (run) => run.onUnsent(unsent('0' as never), told('a'))],
    ['unsent lines behind the last possible one', (run) => run.onUnsent(unsent(1e6), told('a'))],
    ['more unsent lines than possible', (run) => run.onUnsent(unsent(0), `${many.join('\n')}\n`)],
    ['unsent text that is no line', (run) => run.onUnsent(unsent(0), 'no line\n')],
    ['more lines than possible with its end', (run) => run.onDone(DONE, ['1', '[]', ...many])],
    ['text that is no line with its end', (run) => run.onDone(DONE, ['1', '[]', 'no line'])],
    [
      'more lines than possible as it waits',
      (run) => run.onCalls({ ...CALLS, t: 'waiting' }, ['{}', ...many]),
    ],
    ['lines with calls for which it does not wait', (run) => run.onCalls(CALLS, ['{}', line('a')])],
  ])('show that no honest process sends them: %s', (_, play) => {
    const { exchange: run } = exchange();
    run.begin('compartment');
    expect(() => play(run)).toThrow(/no log line|JSON|more log lines|without their arguments/);
    expect(run.hasSpoken).toBe(true);
    run.onLost('crashed', 'the test is over');
  });

  it('are sent promptly if the script has a home of its own', () => {
    const { exchange: run, line: process } = exchange(true);
    run.begin('compartment');
    expect(process.sendSoon).toHaveBeenCalledWith(
      expect.objectContaining({ prompt: true }),
      expect.anything(),
    );
    run.onLost('crashed', 'the test is over');
  });
});
