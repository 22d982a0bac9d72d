import { EventBuffer } from '../buffer/event-buffer.js';
import { DeadLetterWriter } from '../dead-letter/dead-letter.writer.js';
import { RetryWorker } from '../dead-letter/retry/retry.worker.js';
import { ExecutionWriter } from '../execution/execution.writer.js';
import { ScriptSandbox } from '../sandbox/index.js';
import { type AppReference, serviceOf } from './app-reference.js';
import { DEFAULT_WAIT_MS } from './execution.spy.js';
import { checkTimeout } from './spied-execution.js';
import { WaitTimeoutError } from './testing.errors.js';
import { formatDuration } from '../common/duration-text.js';

/** Milliseconds between two looks at retries and direct sandbox calls, which report no end. */
const POLL_MS = 5;

/**
 * Resolves when nothing is queued, nothing runs, and every execution record and dead letter is stored. Use it to prove
 * that something doesn't happen: emit, wait until idle, check.
 *
 * It doesn't wait for dead letters that wait for a retry; `retryNow` runs those that are due.
 *
 * @param timeoutMs default 10,000
 * @throws WaitConditionError for an invalid timeout
 * @throws WaitTimeoutError with what is still queued or running
 *
 * @publicApi
 */
export async function waitUntilIdle(app: AppReference, timeoutMs = DEFAULT_WAIT_MS): Promise<void> {
  checkTimeout(timeoutMs);
  const buffer = serviceOf(app, EventBuffer);
  const sandbox = serviceOf(app, ScriptSandbox);
  const executions = serviceOf(app, ExecutionWriter);
  const deadLetters = serviceOf(app, DeadLetterWriter);
  const retries = serviceOf(app, RetryWorker);
  const deadline = performance.now() + timeoutMs;
  const left = (): number => Math.max(0, deadline - performance.now());
  const work = (): Record<string, number> => {
    const { depth, busy } = buffer.stats();
    const { processes, queued } = sandbox.stats();
    return {
      'queued events': depth,
      'events being processed': busy,
      'scripts in the sandbox': processes.busy + queued,
      'retries under way': retries.stats().running,
      'execution records to store': executions.backlog,
      'dead letters to store': deadLetters.backlog,
    };
  };
  for (;;) {
    await buffer.drain(left());
    await Promise.all([executions.flush(left()), deadLetters.flush(left())]);
    const underWay = Object.entries(work()).filter(([, count]) => count > 0);
    if (underWay.length === 0) return;
    if (left() === 0) {
      const rest = underWay.map(([what, count]) => `${what}: ${count}`).join(', ');
      throw new WaitTimeoutError(`Not idle after ${formatDuration(timeoutMs)}: ${rest}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
