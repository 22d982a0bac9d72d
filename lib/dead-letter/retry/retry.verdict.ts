import type { RetryResult } from './dead-letter.executor.js';
import type { ClaimedDeadLetter, RetryMark } from '../dead-letter.types.js';
import { cutError } from '../new-dead-letter.js';
import type { RetryStrategy } from './retry.strategy.js';

/** What happens to a claimed dead letter: an outcome to store, or back to pending without counting the attempt. */
export type RetryVerdict = RetryMark | { status: 'released'; delayMs?: number };

/** If the process that runs a dead letter ended this many times in a row, the dead letter counts as the cause. */
const MAX_LOST_IN_A_ROW = 5;

/** The verdict on an execution that took place. Pure, apart from the jitter of the next delay. */
export function retryVerdict(
  entry: ClaimedDeadLetter,
  result: Exclude<RetryResult, { status: 'not-run' }>,
  measuredMs: number,
  strategy: RetryStrategy,
): RetryMark {
  // An event that had not run before has had its first execution now, not a retry.
  const countedRetries: 0 | 1 = entry.reason === 'failed' ? 1 : 0;
  const common = {
    durationMs: ('durationMs' in result ? result.durationMs : undefined) ?? measuredMs,
    trigger: entry.trigger,
    ...(entry.requestedBy === null ? {} : { by: entry.requestedBy }),
    ...('spanId' in result && { traceId: result.traceId, spanId: result.spanId }),
  };
  if (result.status === 'completed') {
    return { status: 'resolved', countedRetries, attempt: { ...common, kind: 'completed', message: '' } };
  }
  if (result.status === 'filtered') {
    const attempt = { ...common, kind: 'filtered', message: "The script's filter rejects the event." };
    return { status: 'resolved', countedRetries, attempt };
  }
  const attempt = { ...common, kind: result.error.kind, message: cutError(result.error.message) };
  const { line } = result.error;
  const failed = { countedRetries, attempt, ...(line !== undefined && { errorLine: line }) } as const;
  const decision = strategy.decide(result.error, entry.retryCount + countedRetries, entry.maxRetries);
  return decision.retry
    ? { status: 'pending', delayMs: decision.delayMs, ...failed }
    : { status: 'exhausted', ...failed };
}

/**
 * The verdict on a dead letter that must not run again, because the process that ran it ended too often. Undefined for
 * any other.
 */
export function poisonVerdict({ attempts, trigger }: ClaimedDeadLetter): RetryMark | undefined {
  const lostInARow = attempts.length - 1 - attempts.findLastIndex((item) => item.kind !== 'lost');
  if (lostInARow < MAX_LOST_IN_A_ROW) return undefined;
  const message = `its process ended during the execution ${MAX_LOST_IN_A_ROW} times in a row`;
  return {
    status: 'exhausted',
    countedRetries: 0,
    attempt: { kind: 'crashed', message, durationMs: 0, trigger },
  };
}
