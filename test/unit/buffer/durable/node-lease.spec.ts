import { NodeLease } from '../../../../lib/buffer/durable/cluster/node-lease.js';
import type { Heartbeat, NodeRegistry } from '../../../../lib/buffer/durable/cluster/node-registry.js';

/** A registry that answers as a test says. */
class FakeRegistry implements Pick<NodeRegistry, 'join' | 'beat' | 'reap' | 'holds'> {
  word: () => Promise<boolean> = async () => true;
  asked = 0;
  holds = () => {
    this.asked += 1;
    return this.word();
  };
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

  it('is valid as long as heartbeats succeed', async () => {
    await jest.advanceTimersByTimeAsync(60_000);
    expect(registry.beats).toBeGreaterThan(50);
    expect(lease).toMatchObject({ valid: true, mayStart: true });
    expect(lost).not.toHaveBeenCalled();
  });

  it('lets no run start in its last tenth, and then ends', async () => {
    registry.answer = async () => Promise.reject(new Error('away'));
    await jest.advanceTimersByTimeAsync(4_400);
    expect(lease).toMatchObject({ valid: true, mayStart: true });
    await jest.advanceTimersByTimeAsync(150);
    expect(lease).toMatchObject({ valid: true, mayStart: false });
    expect(lost).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(500);
    expect(lease).toMatchObject({ valid: false, mayStart: false });
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('counts from the time when a heartbeat is sent, not from its answer', async () => {
    registry.answer = () =>
      new Promise((resolve) => setTimeout(() => resolve({ alive: true, expired: [] }), 3_900));
    // Sent at 1,000, answered at 4,900: it holds until 6,000.
    await jest.advanceTimersByTimeAsync(5_000);
    registry.answer = async () => Promise.reject(new Error('away'));
    await jest.advanceTimersByTimeAsync(900);
    expect(lease.valid).toBe(true);
    await jest.advanceTimersByTimeAsync(200);
    expect(lease.valid).toBe(false);
  });

  it('ends immediately if the database says so, and never becomes valid again', async () => {
    registry.answer = async () => ({ alive: false, expired: [] });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(lost).toHaveBeenCalledTimes(1);
    registry.answer = async () => ({ alive: true, expired: [] });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(lease.valid).toBe(false);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('is invalid in a process that was paused for longer than the lease, even before a timer runs', () => {
    jest.setSystemTime(Date.now() + 1);
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 20_000);
    expect(lease).toMatchObject({ valid: false, mayStart: false });
    jest.restoreAllMocks();
  });

  it('stays valid when the wall clock is changed', async () => {
    jest.setSystemTime(Date.now() + 3_600_000);
    expect(lease).toMatchObject({ valid: true, mayStart: true });
    jest.setSystemTime(Date.now() - 7_200_000);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(lease).toMatchObject({ valid: true, mayStart: true });
    expect(lost).not.toHaveBeenCalled();
  });

  it('is renewed by an answer that came while the process stood still, before a late timer ends it', async () => {
    let answer!: (heartbeat: Heartbeat) => void;
    registry.answer = () => new Promise((resolve) => (answer = resolve));
    await jest.advanceTimersByTimeAsync(1_000);
    // The process stands still; when it goes on, timers come first, and then what has come in.
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 4_500);
    jest.advanceTimersToNextTimer();
    answer({ alive: true, expired: [] });
    await jest.advanceTimersByTimeAsync(1);
    expect(lost).not.toHaveBeenCalled();
    expect(lease.valid).toBe(true);
    jest.restoreAllMocks();
  });

  it('ends at once, with no timer for a time in the past, if the answer to a heartbeat is read after it has ended', async () => {
    let answer!: (heartbeat: Heartbeat) => void;
    registry.answer = () => new Promise((resolve) => (answer = resolve));
    await jest.advanceTimersByTimeAsync(1_000);
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 20_000);
    const timers = jest.spyOn(globalThis, 'setTimeout');
    answer({ alive: true, expired: [] });
    await jest.advanceTimersByTimeAsync(1);
    expect(timers.mock.calls.map(([, ms]) => ms)).toEqual([0, timing.heartbeatMs]);
    expect(lost).toHaveBeenCalledTimes(1);
    jest.restoreAllMocks();
  });

  it('sends another heartbeat soon after one that failed', async () => {
    registry.answer = async () => Promise.reject(new Error('read too late'));
    await jest.advanceTimersByTimeAsync(1_000);
    registry.answer = async () => ({ alive: true, expired: [] });
    await jest.advanceTimersByTimeAsync(300);
    expect(registry.beats).toBe(2);
  });

  describe('after a suspension of the machine, in which the monotonic clock stood still', () => {
    // Longer than the lease, which seems to have just begun in this process.
    beforeEach(() => jest.setSystemTime(Date.now() + 60_000));

    it('lets no run begin if the database has ended it', async () => {
      registry.answer = async () => ({ alive: false, expired: [] });
      expect(lease.mayStart).toBe(true);
      expect(await lease.mayBegin()).toBe(false);
      expect(lost).toHaveBeenCalledTimes(1);
    });

    it('lets no binding call begin if the database has ended it', async () => {
      registry.answer = async () => ({ alive: false, expired: [] });
      await expect(lease.assure()).rejects.toMatchObject({ code: 'lease-lost' });
      expect(lost).toHaveBeenCalledTimes(1);
    });

    it('stays valid after one heartbeat if only the wall clock was changed', async () => {
      expect(await lease.mayBegin()).toBe(true);
      await lease.assure();
      expect(registry.beats).toBe(1);
      // Each heartbeat reads both clocks anew.
      expect(await lease.mayBegin()).toBe(true);
      expect(registry.beats).toBe(1);
    });

    it('lets no run or binding call begin while the database is unavailable', async () => {
      registry.answer = async () => Promise.reject(new Error('away'));
      expect(await lease.mayBegin()).toBe(false);
      const assured = lease.assure().catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(6_000);
      expect(await assured).toMatchObject({ code: 'lease-lost' });
    });
  });

  describe('before a call of a binding', () => {
    it('is checked in the database, whatever this machine assumes', async () => {
      await lease.assure();
      expect(registry.asked).toBe(1);
      registry.word = async () => false;
      await expect(lease.assure()).rejects.toMatchObject({ code: 'lease-lost' });
      expect(lost).toHaveBeenCalledTimes(1);
      expect(lease.valid).toBe(false);
    });

    it('is checked once for all calls that come during a check, by a query of their own', async () => {
      const answers: ((valid: boolean) => void)[] = [];
      registry.word = () => new Promise((resolve) => answers.push(resolve));
      const first = lease.assure();
      const later = [lease.assure(), lease.assure()];
      answers[0]?.(true);
      await first;
      await jest.advanceTimersByTimeAsync(0);
      expect(answers).toHaveLength(2);
      answers[1]?.(true);
      await Promise.all(later);
      expect(registry.asked).toBe(2);
    });

    it("lasts by the machine's clocks while the database is unavailable, and then ends", async () => {
      registry.word = async () => Promise.reject(new Error('away'));
      registry.answer = registry.word as () => Promise<never>;
      await lease.assure();
      await jest.advanceTimersByTimeAsync(4_600);
      const assured = lease.assure().catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(await assured).toMatchObject({ code: 'lease-lost' });
    });

    it('is lost if the process was paused after the check for longer than the lease', async () => {
      registry.word = async () => {
        const now = performance.now();
        jest.spyOn(performance, 'now').mockReturnValue(now + 20_000);
        return true;
      };
      registry.answer = async () => ({ alive: false, expired: [] });
      await expect(lease.assure()).rejects.toMatchObject({ code: 'lease-lost' });
      jest.restoreAllMocks();
    });
  });

  it('frees the jobs of nodes whose leases have ended', async () => {
    registry.answer = async () => ({ alive: true, expired: ['dead'] });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(registry.reaped).toEqual(['dead']);
    expect(reaped).toHaveBeenCalledWith(['dead']);
  });
});
