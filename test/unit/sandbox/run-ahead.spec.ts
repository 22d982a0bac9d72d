import { SandboxLimits } from '../../../lib/sandbox/sandbox.limits.js';
import type { Outcome } from '../../../lib/sandbox/outcome.js';
import { prepareRun } from '../../../lib/sandbox/prepared-run.js';
import { CallingScripts } from '../../../lib/sandbox/process/calling-scripts.js';
import { ChildLink } from '../../../lib/sandbox/process/child-link.js';
import { RunExchange } from '../../../lib/sandbox/process/run-exchange.js';
import { SandboxProcess } from '../../../lib/sandbox/process/sandbox-process.js';
import type { ToChild } from '../../../lib/sandbox/protocol.js';
import { RunQueue } from '../../../lib/sandbox/process/run-queue.js';

const limits = Object.assign(new SandboxLimits(), { timeoutMs: 200 });
const runOf = (tenantId: string, scriptId = 's') =>
  prepareRun({ source: 'return 1', tenantId, scriptId, version: 1 }, limits);

/** An exchange, with the messages that it sent and everything that happened to it. */
function exchangeOf() {
  const met: string[] = [];
  const sent: ToChild['t'][] = [];
  const exchange = new RunExchange(
    7,
    runOf('acme'),
    { home: 1, script: 2, isKnown: true, isOwn: false },
    {
      send: (message) => void sent.push(message.t),
      sendSoon: (message) => void sent.push(message.t),
      kill: (reason) => void met.push(`killed: ${reason}`),
      distrust: () => void met.push('distrusted'),
      waitingChanged: () => undefined,
    },
    {
      onEnd: ({ status }: Outcome) => void met.push(status),
      onGivenBack: () => void met.push('given back'),
      onTakenBack: () => void met.push('taken back'),
      mayRunAnew: () => true,
    },
  );
  return { exchange, met, sent };
}

const DONE = { t: 'done', id: 7, durationMs: 1, cpuMs: 1, bindingCalls: 0, logsDropped: 0 } as const;

describe('a run that was given ahead', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('has its deadline from its turn on, however long it waited', () => {
    const { exchange, met } = exchangeOf();
    exchange.giveAhead('compartment');
    jest.advanceTimersByTime(60_000);
    expect(met).toEqual([]);
    exchange.itsTurn();
    jest.advanceTimersByTime(1_100);
    expect(met).toEqual([]);
    jest.advanceTimersByTime(200);
    expect(met).toEqual(['killed: timeout']);
  });

  it('can be taken back before its turn, and the process is killed if it does not end the run soon after', () => {
    const { exchange, met, sent } = exchangeOf();
    exchange.giveAhead('compartment');
    exchange.takeBack();
    expect(met).toEqual(['taken back']);
    expect(sent).toEqual(['run', 'end']);
    exchange.takeBack();
    exchange.cancel();
    exchange.giveBack();
    jest.advanceTimersByTime(60_000);
    expect(met).toEqual(['taken back']);
    exchange.itsTurn();
    jest.advanceTimersByTime(1_100);
    expect(met).toEqual(['taken back', 'killed: cancelled']);
  });

  it('is taken back with all others, at once and in order, when its process is replaced between two runs', () => {
    const process = new SandboxProcess(
      {
        program: { command: '/nowhere', args: [], cwd: '/' },
        isolation: 'compartment',
        keptMemoryMb: 64,
        startTimeoutMs: 1_000,
        memoryMb: 512,
      },
      {
        onGoesOn: (one) => one.replace('bloated'),
        onReady: () => undefined,
        onIdle: () => undefined,
        onWaitingChanged: () => undefined,
        onRunLost: () => undefined,
        onExit: () => undefined,
      },
    );
    const met: string[] = [];
    const ids = jest.spyOn(ChildLink.prototype, 'send');
    const endsOf = (name: string) => ({
      onEnd: () => void met.push(`${name} ended`),
      onGivenBack: () => void met.push(`${name} given back`),
      onTakenBack: () => void met.push(`${name} taken back`),
      mayRunAnew: () => true,
    });
    process.run(runOf('acme'), 'acme', endsOf('1'));
    for (const name of ['2', '3', '4']) process.runAhead(runOf('acme'), 'acme', endsOf(name));
    const work = process['work'];
    work.hear({ ...DONE, id: work.exchange!.id }, ['1', '[]'], true, undefined);
    expect(met).toEqual(['1 ended', '2 taken back', '3 taken back', '4 taken back']);
    expect(ids.mock.calls.map(([{ t }]) => t)).toEqual(['run', 'run', 'run', 'run', 'end', 'end']);
    ids.mockRestore();
  });

  it('that was taken back reports nothing any more', () => {
    const { exchange, met } = exchangeOf();
    exchange.giveAhead('compartment');
    exchange.takeBack();
    exchange.itsTurn();
    exchange.onLogs(['{"level":"info","message":"late"}']);
    exchange.onDone(DONE, ['1', '[]']);
    jest.advanceTimersByTime(60_000);
    expect(met).toEqual(['taken back']);
  });

  it('can no longer be taken back from its turn on', () => {
    const { exchange, met } = exchangeOf();
    exchange.giveAhead('compartment');
    exchange.itsTurn();
    exchange.takeBack();
    expect(met).toEqual([]);
    exchange.onDone(DONE, ['1', '[]']);
    jest.advanceTimersByTime(60_000);
    expect(met).toEqual(['completed']);
  });
});

describe('a run that was put back into the queue', () => {
  it('is the first of its tenant again, and is not given ahead again', () => {
    const queue = new RunQueue();
    for (const scriptId of ['1', '2', '3']) void queue.add(runOf('acme', scriptId));
    const first = queue.first(1)[0]!;
    const begun = first.begin();
    const second = queue.first(1)[0]!;
    second.begin().putBack();
    expect(queue.size).toBe(2);
    expect(queue.first(1)).toEqual([second]);
    expect(second).toMatchObject({ mayGoAhead: false, run: { scriptId: '2' } });
    begun.ended();
    expect(queue.first(2, { restingOnly: true })).toEqual([second]);
  });

  it('is cancelled by the signal of its caller, whether that aborts before or after', async () => {
    const queue = new RunQueue();
    const signals = [new AbortController(), new AbortController()];
    const outcomes = signals.map(({ signal }) => queue.add({ ...runOf('acme'), signal }));
    const [one] = queue.first(1);
    const first = one!.begin();
    signals[0]!.abort();
    expect(queue.size).toBe(1);
    first.putBack();
    expect(await outcomes[0]).toMatchObject({ error: { kind: 'cancelled' } });
    queue.first(1)[0]!.begin().putBack();
    signals[1]!.abort();
    expect(await outcomes[1]).toMatchObject({ error: { kind: 'cancelled' } });
    expect(queue.size).toBe(0);
    expect(queue.first(1)).toEqual([]);
  });
});

describe('a script that calls bindings', () => {
  it('is remembered with the number of calls of its last run', () => {
    const calling = new CallingScripts();
    const [run, other] = [runOf('acme'), runOf('acme', 'other')];
    calling.ended(other, 0);
    calling.ended(run, 2);
    expect([run, other, runOf('rival')].map((one) => calling.callsOf(one))).toEqual([2, 0, 0]);
    calling.ended(run, 1);
    expect(calling.callsOf(run)).toBe(1);
    calling.ended(run, 0);
    expect(calling.callsOf(run)).toBe(0);
  });
});
