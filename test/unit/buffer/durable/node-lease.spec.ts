import { NodeLease } from '../../../../lib/buffer/durable/node-lease.js';
import type { Heartbeat, NodeRegistry } from '../../../../lib/buffer/durable/node-registry.js';

/** A registry whose answers a test gives. */
class FakeRegistry implements Pick<NodeRegistry, 'join' | 'beat' | 'reap'> {
  answer: () => Promise<Heartbeat> = async () => ({ alive: true, expired: [] });
  beats = 0;
  reaped: string[] = [];
  join = async () => undefined;
  beat = () => {
    this.beats += 1;
    return this.answer();
  };
  reap = async (ids: readonly string[]) => {
    this.reaped.push(...ids);
    return [...ids];
  };
}

describe('the lease of a node', () => {
  const timing = { heartbeatMs: 1_000, leaseMs: 5_000 };
  let registry: FakeRegistry;
  let lost: jest.Mock;
  let reaped: jest.Mock;
  let lease: NodeLease;

  beforeEach(async () => {
    jest.useFakeTimers();
    registry = new FakeRegistry();
    lost = jest.fn();
    reaped = jest.fn();
    lease = new NodeLease('node', registry as unknown as NodeRegistry, timing, {
      lost,
      reaped,
      renewed: jest.fn(),
      missed: jest.fn(),
    });
    await lease.join();
  });

  afterEach(() => {
    lease.stop();
    jest.useRealTimers();
  });

  it('holds as long as heartbeats come through', async () => {
    await jest.advanceTimersByTimeAsync(60_000);
    expect(registry.beats).toBeGreaterThan(50);
    expect(lease).toMatchObject({ held: true, mayStart: true });
    expect(lost).not.toHaveBeenCalled();
  });

  it('lets nothing start in its last tenth, and is lost when it is over', async () => {
    registry.answer = async () => Promise.reject(new Error('away'));
    await jest.advanceTimersByTimeAsync(4_400);
    expect(lease).toMatchObject({ held: true, mayStart: true });
    await jest.advanceTimersByTimeAsync(150);
    expect(lease).toMatchObject({ held: true, mayStart: false });
    expect(lost).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(500);
    expect(lease).toMatchObject({ held: false, mayStart: false });
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('counts from before a heartbeat was sent, not from when its answer came', async () => {
    registry.answer = () =>
      new Promise((resolve) => setTimeout(() => resolve({ alive: true, expired: [] }), 3_900));
    // Sent at 1,000, answered at 4,900: it holds until 6,000.
    await jest.advanceTimersByTimeAsync(5_000);
    registry.answer = async () => Promise.reject(new Error('away'));
    await jest.advanceTimersByTimeAsync(900);
    expect(lease.held).toBe(true);
    await jest.advanceTimersByTimeAsync(200);
    expect(lease.held).toBe(false);
  });

  it('is over at once when the database says that it has run out, and never comes back', async () => {
    registry.answer = async () => ({ alive: false, expired: [] });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(lost).toHaveBeenCalledTimes(1);
    registry.answer = async () => ({ alive: true, expired: [] });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(lease.held).toBe(false);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('is over for a process that was paused longer than it lasts, before any timer has run', () => {
    jest.setSystemTime(Date.now() + 1);
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 20_000);
    expect(lease).toMatchObject({ held: false, mayStart: false });
    jest.restoreAllMocks();
  });

  it('does not care about jumps of the wall clock', async () => {
    jest.setSystemTime(Date.now() + 3_600_000);
    expect(lease).toMatchObject({ held: true, mayStart: true });
    jest.setSystemTime(Date.now() - 7_200_000);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(lease).toMatchObject({ held: true, mayStart: true });
    expect(lost).not.toHaveBeenCalled();
  });

  it('frees what dead nodes held', async () => {
    registry.answer = async () => ({ alive: true, expired: ['dead'] });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(registry.reaped).toEqual(['dead']);
    expect(reaped).toHaveBeenCalledWith(['dead']);
  });
});
