import { waitFor } from '../support/wait-for.js';
import { cpuMs, LoopMonitor } from './support/loop-monitor.js';

const HELD_UP_MS = 150;

describe('the watch over the event loop', () => {
  const monitor = new LoopMonitor();
  beforeEach(() => monitor.start());
  afterEach(() => monitor.stop());

  const worstAfter = async (act: () => void): Promise<number> => {
    let acted = false;
    setImmediate(() => {
      act();
      acted = true;
    });
    await waitFor('it is over', () => acted);
    return monitor.takeWorst();
  };

  it('notices work that holds it up', async () => {
    const worst = await worstAfter(() => {
      // Of this thread: what the compiler and the garbage collector use beside it holds nothing up.
      const end = cpuMs() + HELD_UP_MS;
      while (cpuMs() < end);
    });
    expect(worst).toBeGreaterThan(HELD_UP_MS / 2);
  });

  it('does not blame the process for time that others had', async () => {
    const worst = await worstAfter(() => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELD_UP_MS);
    });
    expect(worst).toBeLessThan(HELD_UP_MS / 2);
  });
});
