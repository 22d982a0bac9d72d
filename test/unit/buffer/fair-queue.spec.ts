import { FairQueue } from '../../../lib/buffer/fair-queue.js';
import { RunRates } from '../../../lib/buffer/run-rates.js';
import type { Lane, SharedLimits } from '../../../lib/buffer/shared-limits.js';
import { FixedClock } from '../../support/capture.js';
import { queuedEvent } from '../../support/queued-events.js';

const push = (queue: FairQueue, tenantId: string, scriptId: string, eventId: string) =>
  queue.push(queuedEvent({ tenantId, scriptId, eventId }));

const takeAll = (queue: FairQueue) => {
  const taken: string[] = [];
  for (let event = queue.take(); event; event = queue.take()) taken.push(event.eventId);
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

  it('keeps the order of arrival within a script', () => {
    const queue = new FairQueue({ runsPerScript: () => 1000 });
    const ids = Array.from({ length: 500 }, (_, i) => `e${i}`);
    for (const id of ids) push(queue, 'a', 'x', id);
    expect(takeAll(queue)).toEqual(ids);
  });

  it('hands out no more of a script than its limit until one is released', () => {
    const queue = new FairQueue({ runsPerScript: () => 1 });
    push(queue, 'a', 'x', 'first');
    push(queue, 'a', 'x', 'second');
    push(queue, 'a', 'y', 'other');
    const first = queue.take()!;
    expect(first.eventId).toBe('first');
    expect(takeAll(queue)).toEqual(['other']);
    expect(queue.size).toBe(1);
    queue.release(first);
    expect(takeAll(queue)).toEqual(['second']);
  });

  it('counts what waits, and gives it all back when cleared', () => {
    const queue = new FairQueue({ runsPerScript: () => 1 });
    push(queue, 'a', 'x', '1');
    push(queue, 'b', 'y', '2');
    expect(queue.size).toBe(2);
    expect(queue.clear().map((event) => event.eventId)).toEqual(['1', '2']);
    expect(queue.size).toBe(0);
    expect(queue.take()).toBeUndefined();
  });

  it('forgets tenants and scripts that have nothing left', () => {
    const queue = new FairQueue({ runsPerScript: () => 1 });
    for (let i = 0; i < 1000; i++) {
      push(queue, `tenant-${i}`, `script-${i}`, `${i}`);
      queue.release(queue.take()!);
    }
    expect((queue as unknown as { tenants: Map<string, unknown> }).tenants.size).toBe(0);
  });

  it('hands out no more of a tenant than its limit until one is released, and others pass by', () => {
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
    expect([first.eventId, ...takeAll(queue)].toSorted()).toEqual(['a1', 'a2', 'b1']);
    expect(queue.limited()).toEqual({ 'tenant-busy': 1 });
    queue.release(first);
    expect(takeAll(queue)).toEqual(['a3']);
    expect(queue.limited()).toEqual({});
  });

  it('hands out no more in one minute than script and tenant may, and goes on in the next one', () => {
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
