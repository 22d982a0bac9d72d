import { FairTimer } from './fair-timer.js';

/**
 * Waits for a promise, but not longer than `timeoutMs`, in which this process went on: what came while it stood still
 * has come in time. Rejects when the promise does; leaves no timer behind.
 */
export async function within(promise: Promise<unknown>, timeoutMs: number): Promise<'done' | 'timeout'> {
  let timer: FairTimer | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = new FairTimer(timeoutMs, () => resolve('timeout'));
  });
  try {
    return await Promise.race([promise.then(() => 'done' as const), timeout]);
  } finally {
    timer?.cancel();
  }
}
