import { Sweeper, type SweeperParts } from '../../../../lib/buffer/durable/sweeper.js';

const nothing = async () => {};

/** Parts that find nothing to do; counting the queue takes some time. */
function parts(countMs: number): { parts: SweeperParts; calls: { depth: number; groups: number } } {
  const calls = { depth: 0, groups: 0 };
  const fakes = {
    sql: { query: async () => [] },
    tables: {},
    jobs: {
      depth: async () => {
        calls.depth += 1;
        await new Promise((resolve) => setTimeout(resolve, countMs));
        return { ready: calls.depth, ordered: 0, oldestMs: 0 };
      },
      hastenFailed: nothing,
      freeOrphans: nothing,
    },
    room: {
      groups: async () => {
        calls.groups += 1;
        return [];
      },
    },
    refill: { swept: nothing },
    turns: { freeUnknown: nothing, sweep: nothing },
    limits: { freeUnknown: nothing },
  };
  return { parts: fakes as unknown as SweeperParts, calls };
}

describe('the look at the queue each second', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const sweepFor = async (countMs: number, forMs: number) => {
    const { parts: fakes, calls } = parts(countMs);
    const sweeper = new Sweeper(
      fakes,
      { pollMs: 1_000, redeliveryMs: 1_000, eventIdMemoryMs: 1_000 },
      (error) => {
        throw error;
      },
    );
    sweeper.start();
    await jest.advanceTimersByTimeAsync(forMs);
    await sweeper.stop();
    return { calls, last: sweeper.last };
  };

  it('counts it each time while that is quick', async () => {
    const { calls, last } = await sweepFor(10, 10_500);
    expect(calls.depth).toBe(calls.groups);
    expect(calls.depth).toBeGreaterThanOrEqual(10);
    expect(last.depth.ready).toBe(calls.depth);
  });

  it('counts a long queue more seldom, and looks for the rest as often', async () => {
    const { calls, last } = await sweepFor(200, 60_500);
    // One count of 0.2 s, then nothing for 4 s.
    expect(calls.depth).toBeLessThanOrEqual(15);
    expect(calls.groups).toBeGreaterThan(50);
    expect(last.depth.ready).toBe(calls.depth);
  });

  it('counts one of any length after ten seconds', async () => {
    const { calls } = await sweepFor(30_000, 76_000);
    expect(calls.depth).toBe(2);
  });
});
