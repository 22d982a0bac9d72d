import { DeadLetterWriter } from '../dead-letter/dead-letter.writer.js';
import { RetryWorker } from '../dead-letter/retry/retry.worker.js';
import { type AppReference, serviceOf } from './app-reference.js';
import { DEFAULT_WAIT_MS } from './execution.spy.js';
import { checkTimeout } from './spied-execution.js';
import { WaitTimeoutError } from './testing.errors.js';
import { formatDuration } from '../common/duration-text.js';

/** What the retry worker did, as counts of dead letters. @publicApi */
export type RetrySummary = Awaited<ReturnType<RetryWorker['tick']>>;

/**
 * Runs the dead letters that are due, without waiting for the retry worker's interval, and resolves when they have run.
 * The database's clock decides what is due: give tests a short `retry.initialDelay` and `retry.maxDelay`, such as
 * `1ms`, and a long `retry.interval`, such as `1h`, so that nothing is retried before the test asks for it. A failed
 * retry may be due again before this resolves, and then runs again.
 *
 * @param timeoutMs for dead letters that are not stored yet, default 10,000
 * @returns what was done
 * @throws WaitConditionError for an invalid timeout
 * @throws WaitTimeoutError if dead letters could not be stored in time
 *
 * @publicApi
 */
export async function retryNow(app: AppReference, timeoutMs = DEFAULT_WAIT_MS): Promise<RetrySummary> {
  checkTimeout(timeoutMs);
  const worker = serviceOf(app, RetryWorker);
  if (!(await serviceOf(app, DeadLetterWriter).flush(timeoutMs))) {
    throw new WaitTimeoutError(`Dead letters were not stored within ${formatDuration(timeoutMs)}.`);
  }
  // A running tick is shared and may have looked before this call; only the second tick is sure to look after it.
  const first = await worker.tick();
  const second = await worker.tick();
  const keys = Object.keys(first) as (keyof RetrySummary)[];
  return Object.fromEntries(keys.map((key) => [key, first[key] + second[key]])) as unknown as RetrySummary;
}
