import { NodeLease } from '../../../../lib/buffer/durable/cluster/node-lease.js';
import type { Heartbeat, NodeRegistry } from '../../../../lib/buffer/durable/cluster/node-registry.js';

/** A registry whose answers a test gives. */
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

  it('holds as long as heartbeats come through', async () => {
    await jest.advanceTimersByTimeAsync(60_000);
    expect(registry.beats).toBeGreaterThan(50);
    expect(lease).toMatchObject({ valid: true, mayStart: true });
    expect(lost).not.toHaveBeenCalled();
  });

  it('lets nothing start in its last tenth, and is lost when it is over', async () => {
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

  it('counts from before a heartbeat was sent, not from when its answer came', async () => {
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

  it('ends immediately when the database says so, and never comes back', async () => {
    registry.answer = async () => ({ alive: false, expired: [] });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(lost).toHaveBeenCalledTimes(1);
    registry.answer = async () => ({ alive: true, expired: [] });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(lease.valid).toBe(false);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('is over for a process that was paused longer than it lasts, before any timer has run', () => {
    jest.setSystemTime(Date.now() + 1);
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 20_000);
    expect(lease).toMatchObject({ valid: false, mayStart: false });
    jest.restoreAllMocks();
  });

  it('does not care about jumps of the wall clock', async () => {
    jest.setSystemTime(Date.now() + 3_600_000);
    expect(lease).toMatchObject({ valid: true, mayStart: true });
    jest.setSystemTime(Date.now() - 7_200_000);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(lease).toMatchObject({ valid: true, mayStart: true });
    expect(lost).not.toHaveBeenCalled();
  });

  it('lets the answer to a heartbeat be read before a timer that came late ends it', async () => {
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

  it('asks again soon after a heartbeat that failed', async () => {
    registry.answer = async () => Promise.reject(new Error('read too late'));
    await jest.advanceTimersByTimeAsync(1_000);
    registry.answer = async () => ({ alive: true, expired: [] });
    await jest.advanceTimersByTimeAsync(300);
    expect(registry.beats).toBe(2);
  });

  describe('after the machine was suspended, whose monotonic clock stood still', () => {
    // Longer than the lease, which this process believes to have just begun.
    beforeEach(() => jest.setSystemTime(Date.now() + 60_000));

    it('lets something begin only when the database has renewed it', async () => {
      registry.answer = async () => ({ alive: false, expired: [] });
      expect(lease.mayStart).toBe(true);
      expect(await lease.mayBegin()).toBe(false);
      expect(lost).toHaveBeenCalledTimes(1);
    });

    it('lets no call of a binding go out when the database has given it to others', async () => {
      registry.answer = async () => ({ alive: false, expired: [] });
      await expect(lease.assure()).rejects.toMatchObject({ code: 'lease-lost' });
      expect(lost).toHaveBeenCalledTimes(1);
    });

    it('goes on when it was only the wall clock that somebody has set', async () => {
      expect(await lease.mayBegin()).toBe(true);
      await lease.assure();
      expect(registry.beats).toBe(1);
      // Both clocks are taken anew with each heartbeat.
      expect(await lease.mayBegin()).toBe(true);
      expect(registry.beats).toBe(1);
    });

    it('lets nothing begin while the database cannot be asked', async () => {
      registry.answer = async () => Promise.reject(new Error('away'));
      expect(await lease.mayBegin()).toBe(false);
      const assured = lease.assure().catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(6_000);
      expect(await assured).toMatchObject({ code: 'lease-lost' });
    });
  });

  describe('before a call of a binding', () => {
    it('is asked of the database, whatever this machine believes', async () => {
      await lease.assure();
      expect(registry.asked).toBe(1);
      registry.word = async () => false;
      await expect(lease.assure()).rejects.toMatchObject({ code: 'lease-lost' });
      expect(lost).toHaveBeenCalledTimes(1);
      expect(lease.valid).toBe(false);
    });

    it('is checked once for all calls that wait for the same check, and never by an older answer', async () => {
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

    it("is measured by the machine's clocks while the database is unavailable, and ends by them", async () => {
      registry.word = async () => Promise.reject(new Error('away'));
      registry.answer = registry.word as () => Promise<never>;
      await lease.assure();
      await jest.advanceTimersByTimeAsync(4_600);
      const assured = lease.assure().catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(await assured).toMatchObject({ code: 'lease-lost' });
    });

    it('does not count if the process was stopped after the check', async () => {
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

  it('frees what dead nodes hold', async () => {
    registry.answer = async () => ({ alive: true, expired: ['dead'] });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(registry.reaped).toEqual(['dead']);
    expect(reaped).toHaveBeenCalledWith(['dead']);
  });
});
