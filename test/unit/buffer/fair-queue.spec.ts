import { FairQueue } from '../../../lib/buffer/memory/fair-queue.js';
import { RunRates } from '../../../lib/buffer/memory/run-rates.js';
import type { Lane, SharedLimits } from '../../../lib/buffer/shared-limits.js';
import { FixedClock } from '../../support/capture.js';
import { queuedEvent } from '../../support/queued-events.js';

const push = (queue: FairQueue, tenantId: string, scriptId: string, eventId: string) =>
  queue.push(queuedEvent({ tenantId, scriptId, id: eventId }));

const takeAll = (queue: FairQueue) => {
  const taken: string[] = [];
  for (let event = queue.take(); event; event = queue.take()) taken.push(event.id);
  return taken;
};

describe('FairQueue', () => {
  it('takes turns over tenants, then over the scripts of each', () => {
    const queue = new FairQueue({ runsPerScript: () => 100 });
    for (const id of ['a1', 'a2', 'a3']) push(queue, 'a', 'a-x', id);
    push(queue, 'a', 'a-y', 'a4');
    for (const id of ['b1', 'b2']) push(queue, 'b', 'b-x', id);
    push(queue, 'c', 'c-x', 'c1');
    expect(takeAll(queue)).toEqual(['a1', 'b1', 'c1', 'a4', 'b2', 'a2', 'a3']);
  });

  it('gives heavy tenants one turn in four, or the turns that nobody else needs, and no turn that is not for all', () => {
    const queue = new FairQueue({
      runsPerScript: () => 100,
      isHeavy: (tenantId) => tenantId.startsWith('h'),
    });
    for (const id of ['h1', 'h2', 'h3']) push(queue, id, 'x', id);
    expect(queue.take(false)).toBeUndefined();
    for (const id of ['a', 'b', 'c', 'd', 'e']) push(queue, id, 'x', id);
    expect(queue.take(false)?.id).toBe('a');
    expect(takeAll(queue)).toEqual(['b', 'c', 'h1', 'd', 'e', 'h2', 'h3']);
  });

  it('lets heavy tenants take turns with each other, even if they have something running', () => {
    const queue = new FairQueue({ runsPerScript: () => 100, isHeavy: () => true });
    for (const id of ['a1', 'a2', 'a3']) push(queue, 'a', 'x', id);
    push(queue, 'b', 'x', 'b1');
    expect(takeAll(queue)).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('gives a tenant that is no longer heavy the turns of the others again', () => {
    const heavy = new Set(['a']);
    const queue = new FairQueue({ runsPerScript: () => 100, isHeavy: (tenantId) => heavy.has(tenantId) });
    push(queue, 'a', 'x', '1');
    const first = queue.take()!;
    heavy.clear();
    queue.release(first);
    push(queue, 'a', 'x', '2');
    expect(queue.take(false)?.id).toBe('2');
  });

  it('gives the turns of the others to events that waited while their tenant was heavy', () => {
    const heavy = new Set(['a', 'b']);
    const queue = new FairQueue({ runsPerScript: () => 100, isHeavy: (tenantId) => heavy.has(tenantId) });
    for (const id of ['a', 'b']) push(queue, id, 'x', id);
    heavy.delete('b');
    queue.relist('b');
    queue.relist('nobody');
    expect(queue.take(false)?.id).toBe('b');
    queue.relist('b');
    expect(queue.take(false)).toBeUndefined();
    expect(takeAll(queue)).toEqual(['a']);
  });

  it('keeps the order of arrival within a script', () => {
    const queue = new FairQueue({ runsPerScript: () => 1000 });
    const ids = Array.from({ length: 500 }, (_, i) => `e${i}`);
    for (const id of ids) push(queue, 'a', 'x', id);
    expect(takeAll(queue)).toEqual(ids);
  });

  it('hands out no more events of a script than its limit until one is released', () => {
    const queue = new FairQueue({ runsPerScript: () => 1 });
    push(queue, 'a', 'x', 'first');
    push(queue, 'a', 'x', 'second');
    push(queue, 'a', 'y', 'other');
    const first = queue.take()!;
    expect(first.id).toBe('first');
    expect(takeAll(queue)).toEqual(['other']);
    expect(queue.size).toBe(1);
    queue.release(first);
    expect(takeAll(queue)).toEqual(['second']);
  });

  it('counts the waiting events, and returns all of them when it is cleared', () => {
    const queue = new FairQueue({ runsPerScript: () => 1 });
    push(queue, 'a', 'x', '1');
    push(queue, 'b', 'y', '2');
    expect(queue.size).toBe(2);
    expect(queue.clear().map((event) => event.id)).toEqual(['1', '2']);
    expect(queue.size).toBe(0);
    expect(queue.take()).toBeUndefined();
  });

  it('forgets tenants and scripts that have no events left', () => {
    const queue = new FairQueue({ runsPerScript: () => 1 });
    for (let i = 0; i < 1000; i++) {
      push(queue, `tenant-${i}`, `script-${i}`, `${i}`);
      queue.release(queue.take()!);
    }
    expect((queue as unknown as { tenants: Map<string, unknown> }).tenants.size).toBe(0);
  });

  it('hands out no more events of a tenant than its limit until one is released, and those of others meanwhile', () => {
    const queue = new FairQueue({
      runsPerScript: () => 9,
      runsPerTenant: (tenantId) => (tenantId === 'a' ? 2 : undefined),
    });
    for (const [script, id] of [
      ['x', 'a1'],
      ['y', 'a2'],
      ['x', 'a3'],
    ] as const)
      push(queue, 'a', script, id);
    push(queue, 'b', 'z', 'b1');
    const first = queue.take()!;
    expect([first.id, ...takeAll(queue)].toSorted()).toEqual(['a1', 'a2', 'b1']);
    expect(queue.limited()).toEqual({ 'tenant-busy': 1 });
    queue.release(first);
    expect(takeAll(queue)).toEqual(['a3']);
    expect(queue.limited()).toEqual({});
  });

  it('hands out no more events in a minute than the rates of script and tenant allow, and goes on in the next', () => {
    const clock = new FixedClock();
    const limits = (lane: Lane): SharedLimits => ({
      scriptRunsPerMinute: lane.scriptId === 'often' ? 2 : undefined,
      tenantRunsPerMinute: lane.tenantId === 'b' ? 1 : undefined,
    });
    const rates = new RunRates(limits, clock);
    const queue = new FairQueue({ runsPerScript: () => 9, rates });
    for (const id of ['a1', 'a2', 'a3']) push(queue, 'a', 'often', id);
    push(queue, 'a', 'free', 'a4');
    for (const id of ['b1', 'b2']) push(queue, 'b', id, id);
    expect(takeAll(queue).toSorted()).toEqual(['a1', 'a2', 'a4', 'b1']);
    expect(queue.limited()).toEqual({ 'script-rate': 1, 'tenant-rate': 1 });
    expect(queue.isRated).toBe(true);
    clock.time += rates.untilNextMinute();
    queue.nextMinute();
    expect(takeAll(queue).toSorted()).toEqual(['a3', 'b2']);
    expect(queue.isRated).toBe(false);
  });
});

describe('a full FairQueue', () => {
  const offer = (queue: FairQueue, tenantId: string, scriptId: string, eventId: string, capacity: number) =>
    queue.offer(queuedEvent({ tenantId, scriptId, id: eventId }), capacity)?.id;
  const filled = (capacity: number) => {
    const queue = new FairQueue({ runsPerScript: () => 100 });
    for (let i = 0; i < capacity; i++) offer(queue, 'loud', `script-${i % 3}`, `loud-${i}`, capacity);
    return queue;
  };

  it('gives a quiet tenant the place of the newest event of the tenant with the most events', () => {
    const queue = filled(9);
    const gaveWay = offer(queue, 'quiet', 'q', 'quiet-1', 9);
    expect(gaveWay).toMatch(/^loud-[678]$/);
    expect(queue.size).toBe(9);
    expect(takeAll(queue)).toContain('quiet-1');
  });

  it('refuses an event of the tenant that already has the most events', () => {
    const queue = filled(9);
    expect(offer(queue, 'loud', 'script-0', 'one more', 9)).toBe('one more');
    expect(queue.size).toBe(9);
  });

  it('gives a script without events the place of an event of the same tenant’s script with the most events', () => {
    const queue = filled(9);
    expect(offer(queue, 'loud', 'quiet script', 'first', 9)).toMatch(/^loud-[678]$/);
    expect(takeAll(queue)).toContain('first');
  });

  it('divides its places evenly among tenants', () => {
    const queue = filled(900);
    for (let tenant = 0; tenant < 9; tenant++)
      for (let i = 0; i < 500; i++) offer(queue, `t${tenant}`, 's', `t${tenant}-${i}`, 900);
    const shares = new Map<string, number>();
    for (const { tenantId } of queue.clear()) shares.set(tenantId, (shares.get(tenantId) ?? 0) + 1);
    expect([...shares.values()].reduce((sum, count) => sum + count)).toBe(900);
    for (const share of shares.values()) {
      expect(share).toBeGreaterThanOrEqual(80);
      expect(share).toBeLessThanOrEqual(100);
    }
  });

  it('refuses the event of a new tenant if a thousand tenants have one event each', () => {
    const queue = new FairQueue({ runsPerScript: () => 1 });
    for (let i = 0; i < 1_000; i++) offer(queue, `t${i}`, `s${i}`, `e${i}`, 1_000);
    expect(offer(queue, 'quiet', 'q', 'late', 1_000)).toBe('late');
    expect(queue.size).toBe(1_000);
  });

  it('keeps the order of the events that stay', () => {
    const queue = new FairQueue({ runsPerScript: () => 100 });
    for (let i = 0; i < 10; i++) offer(queue, 'loud', 's', `e${i}`, 10);
    for (let i = 0; i < 4; i++) offer(queue, `quiet-${i}`, 's', `q${i}`, 10);
    expect(takeAll(queue).filter((id) => id.startsWith('e'))).toEqual(['e0', 'e1', 'e2', 'e3', 'e4', 'e5']);
  });

  it('forgets tenants and scripts whose events gave way', () => {
    const queue = new FairQueue({ runsPerScript: () => 1 });
    for (let i = 0; i < 10; i++) offer(queue, 'loud', 's', `e${i}`, 10);
    for (let i = 0; i < 1_000; i++) offer(queue, `t${i % 7}`, `s${i}`, `x${i}`, 10);
    for (let event = queue.take(); event; event = queue.take()) queue.release(event);
    const { tenants } = queue as unknown as { tenants: Map<string, unknown> };
    expect(queue.size).toBe(0);
    expect(tenants.size).toBe(0);
  });
});

describe('a FairQueue with long runs', () => {
  it('hands out the event of a tenant without runs first', () => {
    const queue = new FairQueue({ runsPerScript: () => 100 });
    for (let i = 0; i < 20; i++) push(queue, 'loud', `s${i}`, `l${i}`);
    for (let i = 0; i < 5; i++) queue.take();
    push(queue, 'quiet', 'q', 'quiet');
    expect(queue.take()!.id).toBe('quiet');
  });

  it('hands out only events of tenants without runs when it is asked to', () => {
    const queue = new FairQueue({ runsPerScript: () => 100 });
    for (let i = 0; i < 20; i++) push(queue, 'loud', `s${i}`, `l${i}`);
    const first = queue.take()!;
    expect(queue.take(false)).toBeUndefined();
    push(queue, 'quiet', 'q', 'quiet');
    expect(queue.take(false)!.id).toBe('quiet');
    queue.release(first);
    expect(queue.take(false)!.tenantId).toBe('loud');
  });

  it('still serves a waiting tenant while new tenants come with one event each', () => {
    const queue = new FairQueue({ runsPerScript: () => 100 });
    for (let i = 0; i < 10; i++) push(queue, 'waiting', 's', `w${i}`);
    const order: string[] = [];
    for (let i = 0; i < 40; i++) {
      push(queue, `new-${i}`, 's', `n${i}`);
      const event = queue.take()!;
      order.push(event.tenantId);
      queue.release(event);
    }
    expect(order.filter((tenantId) => tenantId === 'waiting').length).toBeGreaterThanOrEqual(9);
  });
});
