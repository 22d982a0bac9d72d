import { SandboxLimits } from '../../../lib/sandbox/index.js';
import type { PreparedRun } from '../../../lib/sandbox/prepared-run.js';
import type { CallsMessage } from '../../../lib/sandbox/protocol.js';
import { RunExchange } from '../../../lib/sandbox/process/run-exchange.js';

const CALLS: CallsMessage = { t: 'calls', id: 1, calls: [{ call: 1, name: 'crm.find' }] };

/** One run in a process whose part the test plays. */
function exchange() {
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
    limits: new SandboxLimits(),
    signal: undefined,
    callBinding: async (name: string) => called.push(name),
  } as unknown as PreparedRun;
  const line = {
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
    exchange: new RunExchange(1, run, { home: 1, script: 2, isKnown: true }, line, ends),
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
