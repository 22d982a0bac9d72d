import { waitFor } from '../support/wait-for.js';
import { cpuMs, LoopMonitor } from './support/loop-monitor.js';

const HELD_UP_MS = 150;

describe('LoopMonitor', () => {
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

  it('measures work of this process that blocks the event loop', async () => {
    const worst = await worstAfter(() => {
      // Processor time of this thread only, because threads of the compiler and the garbage collector block nothing.
      const end = cpuMs() + HELD_UP_MS;
      while (cpuMs() < end);
    });
    expect(worst).toBeGreaterThan(HELD_UP_MS / 2);
  });

  it('does not count time in which other processes had the processor', async () => {
    const worst = await worstAfter(() => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELD_UP_MS);
    });
    expect(worst).toBeLessThan(HELD_UP_MS / 2);
  });
});
