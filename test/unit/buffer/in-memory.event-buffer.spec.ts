import { SystemClock } from '../../../lib/common/clock.js';
import { InMemoryEventBuffer } from '../../../lib/buffer/memory/in-memory.event-buffer.js';
import { eventBufferContract } from '../../../lib/testing/index.js';
import type { EnqueueResult, ProcessQueuedEvent } from '../../../lib/buffer/event-buffer.js';
import type { QueuedEvent } from '../../../lib/buffer/queued-event.js';
import { queuedEvent } from '../../support/queued-events.js';
import { Gate, waitFor } from '../../support/wait-for.js';

const create = (size: number, workerCount = 2, runsPerScript = 5) =>
  new InMemoryEventBuffer({ size, workerCount, runsPerScript: () => runsPerScript }, new SystemClock());

describe('InMemoryEventBuffer keeps the contract of an event buffer', () => {
  const checks = eventBufferContract({
    putsBack: true,
    create: ({ workerCount, runsPerScript }) => create(1000, workerCount, runsPerScript),
  });
  it.each(checks.map(({ title, run }) => [title, run] as const))('%s', async (_, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe('the contract of an event buffer', () => {
  const failing = async (promise: string, make: () => InMemoryEventBuffer): Promise<unknown> => {
    const check = eventBufferContract({ create: make, putsBack: true }).find(({ title }) =>
      title.startsWith(promise),
    );
    return check?.run().then(
      () => 'it held',
      (error: unknown) => error,
    );
  };

  it('is broken by a buffer that accepts events after it closes, or has more workers than it says', async () => {
    class StaysOpen extends InMemoryEventBuffer {
      override enqueue(events: readonly QueuedEvent[]): EnqueueResult {
        super.enqueue(events);
        return { accepted: events.length, overflowed: [] };
      }
    }
    const settings = { size: 99, workerCount: 1, runsPerScript: () => 1 };
    const open = () => new StaysOpen(settings, new SystemClock());
    expect(await failing('overflows everything after close', open)).toMatchObject({ name: 'AssertionError' });
    const crowded = () => create(99, 9, 9);
    expect(await failing('never runs more at one time', crowded)).toMatchObject({ name: 'AssertionError' });
  });

  it('is broken by a buffer that puts an event back behind the next ones, or loses it when it stops', async () => {
    class AtTheEnd extends InMemoryEventBuffer {
      override start(process: ProcessQueuedEvent): Promise<void> {
        return super.start(async (event, ...rest) => {
          const verdict = await process(event, ...rest);
          if (verdict !== 'later') return verdict;
          setImmediate(() => this.enqueue([event]));
          return 'completed';
        });
      }

      override async stop(graceMs: number): Promise<readonly QueuedEvent[]> {
        await super.stop(graceMs);
        return [];
      }
    }
    const settings = { size: 99, workerCount: 1, runsPerScript: () => 1 };
    const open = () => new AtTheEnd(settings, new SystemClock());
    for (const promise of ['delivers an event answered with "later" again', 'returns an event answered'])
      expect(await failing(promise, open)).toMatchObject({ name: 'AssertionError' });
  });

  it('is broken by a buffer whose abilities differ from those that its fixture names', async () => {
    const checks = eventBufferContract({ create: () => create(99), keepsOrder: true });
    const check = checks.find(({ title }) => title.startsWith('has the abilities'));
    await expect(check?.run()).rejects.toThrow('must be the same in the fixture as in the buffer');
  });
});

describe('InMemoryEventBuffer', () => {
  it('accepts up to its size and returns the rest in order', async () => {
    const buffer = create(3);
    const events = Array.from({ length: 5 }, () => queuedEvent());
    expect(buffer.enqueue(events)).toEqual({ accepted: 3, overflowed: [events[3], events[4]] });
    expect(buffer.stats()).toMatchObject({ depth: 3, capacity: 3, busy: 0 });
    expect(await buffer.stop(0)).toEqual(events.slice(0, 3));
  });

  it('names the events of other tenants that gave way', async () => {
    const buffer = create(3);
    const loud = Array.from({ length: 3 }, () => queuedEvent({ tenantId: 'loud' }));
    const quiet = queuedEvent({ tenantId: 'quiet' });
    buffer.enqueue(loud);
    expect(buffer.enqueue([quiet])).toEqual({ accepted: 1, overflowed: [], displaced: [loud[2]] });
    expect(await buffer.stop(0)).toEqual([loud[0], loud[1], quiet]);
  });

  it('has room again as soon as a worker takes an event', async () => {
    const buffer = create(1, 1);
    const gate = new Gate();
    await buffer.start(() => gate.opened);
    expect(buffer.enqueue([queuedEvent()]).accepted).toBe(1);
    await waitFor('the worker took it', () => buffer.stats().busy === 1);
    expect(buffer.enqueue([queuedEvent()]).accepted).toBe(1);
    expect(buffer.enqueue([queuedEvent()]).accepted).toBe(0);
    gate.open();
    expect(await buffer.drain(60_000)).toBe(true);
  });

  it('reports the age of the queued event that has waited longest', () => {
    const clock = { now: () => 5_000 };
    const buffer = new InMemoryEventBuffer({ size: 9, workerCount: 1, runsPerScript: () => 1 }, clock);
    expect(buffer.stats().oldestMs).toBe(0);
    buffer.enqueue([
      queuedEvent({ enqueuedAt: 4_000 }),
      queuedEvent({ enqueuedAt: 1_000, scriptId: 'other' }),
    ]);
    expect(buffer.stats().oldestMs).toBe(4_000);
  });

  it('applies a raised limit of a script to events that already wait', async () => {
    let limit = 1;
    const buffer = new InMemoryEventBuffer(
      { size: 9, workerCount: 4, runsPerScript: () => limit },
      new SystemClock(),
    );
    const gates = [new Gate(), new Gate(), new Gate()];
    let started = 0;
    await buffer.start(() => gates[started++]!.opened);
    buffer.enqueue([queuedEvent(), queuedEvent(), queuedEvent()]);
    await waitFor('one runs', () => started === 1);
    limit = 3;
    gates[0]!.open();
    await waitFor('the other two run together', () => started === 3);
    gates.forEach((gate) => gate.open());
    expect(await buffer.drain(60_000)).toBe(true);
  });
});

describe('InMemoryEventBuffer that several tenants share', () => {
  const shared = (workerCount: number, several = true) =>
    new InMemoryEventBuffer(
      { size: 100, workerCount, runsPerScript: () => 100, severalTenants: () => several },
      new SystemClock(),
    );
  const loud = () =>
    Array.from({ length: 20 }, (_, i) => queuedEvent({ tenantId: 'loud', scriptId: `s${i}` }));

  it('keeps a worker free for a tenant without runs while another tenant has endless runs', async () => {
    const buffer = shared(4);
    const gate = new Gate();
    const ran: string[] = [];
    await buffer.start(async ({ tenantId }) => {
      if (tenantId === 'loud') await gate.opened;
      else ran.push(tenantId);
    });
    buffer.enqueue(loud());
    await waitFor('one tenant has all it may', () => buffer.stats().busy === 3);
    buffer.enqueue([queuedEvent({ tenantId: 'quiet' })]);
    await waitFor('the other one runs', () => ran.length === 1);
    expect(buffer.stats().busy).toBe(3);
    gate.open();
    expect(await buffer.drain(60_000)).toBe(true);
  });

  it.each([
    ['one worker', shared(1), 1],
    ['one tenant', shared(4, false), 4],
  ])('keeps no worker free with %s', async (_what, buffer, busy) => {
    const gate = new Gate();
    await buffer.start(() => gate.opened);
    buffer.enqueue(loud());
    await waitFor('all workers are busy', () => buffer.stats().busy === busy);
    gate.open();
    expect(await buffer.drain(60_000)).toBe(true);
  });

  it('gives a kept worker to an event that waits, as soon as its tenant is no longer heavy', async () => {
    const heavy = new Set(['loop 1', 'loop 2', 'loop 3', 'was heavy']);
    let tell: ((tenantId: string) => void) | undefined;
    const buffer = new InMemoryEventBuffer(
      {
        size: 9,
        workerCount: 4,
        runsPerScript: () => 1,
        severalTenants: () => true,
        isHeavy: (tenantId) => heavy.has(tenantId),
        onTenantLight: (listener) => (tell = listener),
      },
      new SystemClock(),
    );
    const gate = new Gate();
    const begun: string[] = [];
    await buffer.start(async ({ tenantId }) => {
      begun.push(tenantId);
      if (tenantId !== 'was heavy') await gate.opened;
    });
    buffer.enqueue([...heavy].map((tenantId) => queuedEvent({ tenantId, scriptId: tenantId })));
    await waitFor('the loops have all workers but one', () => begun.length === 3);
    heavy.delete('was heavy');
    tell!('was heavy');
    await waitFor('the waiting event runs', () => begun.includes('was heavy'));
    expect(buffer.stats().busy).toBe(3);
    gate.open();
    expect(await buffer.drain(60_000)).toBe(true);
  });
});

describe('InMemoryEventBuffer with a rate', () => {
  afterEach(() => jest.useRealTimers());

  it('holds back events over the rate until the next minute begins', async () => {
    jest.useFakeTimers({
      now: Date.parse('2026-03-04T05:06:50Z'),
      doNotFake: ['setImmediate', 'performance'],
    });
    const seen: string[] = [];
    const limits = () => ({ scriptRunsPerMinute: 2 });
    const buffer = new InMemoryEventBuffer(
      { size: 9, workerCount: 4, runsPerScript: () => 4, limits },
      new SystemClock(),
    );
    await buffer.start(async ({ id }) => void seen.push(id));
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    buffer.enqueue(['1', '2', '3'].map((id) => queuedEvent({ id })));
    await turn();
    await turn();
    expect(seen).toEqual(['1', '2']);
    expect(buffer.stats()).toMatchObject({ depth: 1, limited: { 'script-rate': 1 } });
    await jest.advanceTimersByTimeAsync(9_999);
    expect(seen).toHaveLength(2);
    await jest.advanceTimersByTimeAsync(1);
    expect(seen).toEqual(['1', '2', '3']);
    await buffer.stop(0);
  });

  it('runs events over the rate in the next minute, and not before, even if other scripts leave no worker idle', async () => {
    jest.useFakeTimers({
      now: Date.parse('2026-03-04T05:06:50Z'),
      doNotFake: ['setImmediate', 'performance'],
    });
    const seen: string[] = [];
    const buffer = new InMemoryEventBuffer(
      {
        size: 9,
        workerCount: 1,
        runsPerScript: () => 4,
        limits: ({ scriptId }) => (scriptId === 'rated' ? { scriptRunsPerMinute: 1 } : {}),
      },
      new SystemClock(),
    );
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    await buffer.start(async ({ tenantId, scriptId }) => {
      seen.push(scriptId);
      if (scriptId === 'busy' && seen.length < 1_000) buffer.enqueue([queuedEvent({ tenantId, scriptId })]);
      await turn();
    });
    const [one, other] = [
      { tenantId: 'acme', scriptId: 'rated' },
      { tenantId: 'globex', scriptId: 'busy' },
    ];
    buffer.enqueue([one, one, other, other].map((event) => queuedEvent(event)));
    for (let i = 0; i < 20; i++) await turn();
    expect(seen.filter((scriptId) => scriptId === 'rated')).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(10_000);
    for (let i = 0; i < 20; i++) await turn();
    expect(seen.filter((scriptId) => scriptId === 'rated')).toHaveLength(2);
    await buffer.stop(0);
  });
});
