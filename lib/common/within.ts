import { FairTimer } from './fair-timer.js';

/**
 * Waits for a promise, but not longer than `timeoutMs` of time in which this process was running: what arrived while it
 * stood still arrived in time. Rejects if the promise does. Leaves no timer behind.
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
