import { FairTurns, type TurnLimits } from '../../../../lib/bindings/http/fair-turns.js';
import { Gate } from '../../../support/wait-for.js';

const LIMITS: TurnLimits = { perHost: 2, perTenant: 4, perTenantWhenBusy: 1, total: 8 };

/** Calls that end when the test says so. */
class Calls {
  readonly begun: string[] = [];
  private readonly gates = new Map<string, Gate>();

  constructor(readonly turns: FairTurns) {}

  make(name: string, { waitMs = Infinity, signal = new AbortController().signal } = {}): Promise<string> {
    const [tenantId = '', host = ''] = name.split('@');
    const gate = new Gate();
    this.gates.set(name, gate);
    return this.turns.take({ tenantId, host: host.replace(/#.*/, ''), waitMs, signal }, async () => {
      this.begun.push(name);
      await gate.opened;
      return name;
    });
  }

  async end(name: string): Promise<void> {
    this.gates.get(name)?.open();
    await new Promise(setImmediate);
  }
}

const callsOf = (limits: Partial<TurnLimits> = {}): Calls =>
  new Calls(new FairTurns({ ...LIMITS, ...limits }));
const ALL = { perTenantWhenBusy: 4 };

describe('the turns of calls', () => {
  it('are counted for each tenant at each host: a call waits for those of its own tenant only', async () => {
    const calls = callsOf(ALL);
    for (const name of ['a@x#1', 'a@x#2', 'a@x#3', 'b@x#1', 'a@y#1']) void calls.make(name);
    expect(calls.begun).toEqual(['a@x#1', 'a@x#2', 'b@x#1', 'a@y#1']);
    await calls.end('b@x#1');
    expect(calls.begun).toHaveLength(4);
    await calls.end('a@x#2');
    expect(calls.begun.at(-1)).toBe('a@x#3');
  });

  it('are limited over all hosts of a tenant; a call to a free host goes before calls that wait for a busy host', async () => {
    const calls = callsOf(ALL);
    for (const name of ['a@w#1', 'a@w#2', 'a@x#1', 'a@y#1', 'a@w#3', 'a@z#1']) void calls.make(name);
    expect(calls.begun).toEqual(['a@w#1', 'a@w#2', 'a@x#1', 'a@y#1']);
    await calls.end('a@y#1');
    expect(calls.begun.at(-1)).toBe('a@z#1');
    await calls.end('a@w#1');
    expect(calls.begun.at(-1)).toBe('a@w#3');
  });

  it('are limited to perTenantWhenBusy for each tenant once half of all turns are taken', async () => {
    const calls = callsOf();
    for (const name of ['a@v#1', 'a@w#1', 'a@x#1', 'a@y#1']) void calls.make(name);
    for (const name of ['b@x#1', 'b@x#2', 'c@x#1', 'd@x#1', 'e@x#1']) void calls.make(name);
    expect(calls.begun.slice(4)).toEqual(['b@x#1', 'c@x#1', 'd@x#1', 'e@x#1']);
    expect(calls.turns.size).toBe(8);
    for (const name of ['a@v#1', 'a@w#1', 'a@x#1', 'a@y#1']) await calls.end(name);
    expect(calls.begun).not.toContain('b@x#2');
    await calls.end('c@x#1');
    expect(calls.begun.at(-1)).toBe('b@x#2');
  });

  it('go to the waiting tenants one after another when all turns are taken', async () => {
    const calls = callsOf({ ...ALL, perHost: 4, total: 4 });
    for (const call of [1, 2, 3, 4, 5, 6]) void calls.make(`a@x#${call}`);
    for (const call of [1, 2]) void calls.make(`b@x#${call}`);
    void calls.make('c@x#1');
    for (const call of [1, 2, 3, 4]) await calls.end(`a@x#${call}`);
    await calls.end('b@x#1');
    expect(calls.begun.slice(4)).toEqual(['a@x#5', 'b@x#1', 'c@x#1', 'a@x#6', 'b@x#2']);
  });

  it('are refused after waitMs, with an error that says how many calls are running', async () => {
    const calls = callsOf(ALL);
    for (const name of ['a@x#1', 'a@x#2']) void calls.make(name);
    await expect(calls.make('a@x#3', { waitMs: 1 })).rejects.toMatchObject({
      code: 'busy',
      retryable: true,
      message:
        'timed out after waiting 1\u00a0ms to call x: 2 calls to it and 2 in all are already running for this tenant; make fewer calls at a time',
    });
    await calls.end('a@x#1');
    expect(calls.begun).toEqual(['a@x#1', 'a@x#2']);
  });

  it('are refused to a run that has ended, and go to the next call', async () => {
    const calls = callsOf(ALL);
    const run = new AbortController();
    for (const name of ['a@x#1', 'a@x#2']) void calls.make(name);
    const third = calls.make('a@x#3', { signal: run.signal });
    void calls.make('a@x#4');
    run.abort(new Error('the run is over'));
    await expect(third).rejects.toThrow('the run is over');
    await expect(calls.make('a@x#5', { signal: run.signal })).rejects.toThrow('the run is over');
    await calls.end('a@x#1');
    expect(calls.begun).toEqual(['a@x#1', 'a@x#2', 'a@x#4']);
  });

  it('are free again after calls that fail, and nothing of the tenant stays in memory', async () => {
    const calls = callsOf(ALL);
    const turn = { tenantId: 'a', host: 'x', waitMs: Infinity, signal: new AbortController().signal };
    for (let failed = 0; failed < 5; failed++) {
      const failing = calls.turns.take(turn, () => Promise.reject(new Error('no')));
      await expect(failing).rejects.toThrow('no');
    }
    expect(calls.turns.size).toBe(0);
    expect(Reflect.get(calls.turns, 'tenants')).toEqual(new Map());
  });
});
