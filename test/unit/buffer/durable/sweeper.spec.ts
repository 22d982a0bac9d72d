import { Sweeper, type SweeperParts } from '../../../../lib/buffer/durable/cluster/sweeper.js';

/** A sweeper whose parts do nothing, except for `freeOrphans`. */
function sweeperOn(freeOrphans: () => Promise<void>, onError = jest.fn()): Sweeper {
  const done = () => Promise.resolve();
  const parts = {
    sql: { query: () => Promise.resolve([]) },
    tables: {},
    jobs: {
      depth: () => Promise.resolve({ ready: 0, ordered: 0, oldestMs: 0 }),
      hastenFailed: done,
      freeOrphans,
    },
    room: { groups: () => Promise.resolve([]) },
    refill: { swept: done },
    turns: { freeUnknown: done, sweep: done },
    limits: { freeUnknown: done },
  };
  const settings = { pollMs: 100, redeliveryMs: 100, eventIdMemoryMs: 1_000 };
  return new Sweeper(parts as unknown as SweeperParts, settings, onError);
}

describe('the search for jobs of dead nodes', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('reads the whole queue at the start and after nodes were found dead, but not at each sweep', async () => {
    let looks = 0;
    const sweeper = sweeperOn(async () => void (looks += 1));
    sweeper.start();
    // The first sweep tidies; after that, one more look is due.
    await jest.advanceTimersByTimeAsync(1_000);
    const atFirst = looks;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(looks).toBe(atFirst);
    sweeper.nodesDied();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(looks).toBe(atFirst + 1);
    await sweeper.stop();
  });

  it('is repeated if it fails', async () => {
    let looks = 0;
    const failed = jest.fn();
    const sweeper = sweeperOn(() => {
      looks += 1;
      return looks === 1 ? Promise.reject(new Error('away')) : Promise.resolve();
    }, failed);
    sweeper.start();
    await jest.advanceTimersByTimeAsync(150);
    expect(failed).toHaveBeenCalledTimes(1);
    expect(looks).toBe(2);
    await sweeper.stop();
  });
});
