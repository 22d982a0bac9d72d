import type { DeadLetterSummary } from '../api/schema';
import { useMoment, fromNow } from '../ui/time';

/** Why a dead letter was made, in a sentence. */
export const REASONS: Readonly<Record<string, string>> = {
  failed: 'The execution failed.',
  overflow: 'The queue was full.',
  shutdown: 'The application stopped before it could run.',
  loop: 'Scripts triggered each other too often.',
  undecided: 'The filter takes too many steps on this event.',
  paused: 'The script was paused before it could run.',
  held: 'The script is degraded or disabled: the event is held for it.',
  deleted: 'The script was deleted.',
};

/** “Retry 2 of 3 in 4 min.” */
export function WhatComesNext({ letter }: { letter: DeadLetterSummary }) {
  const moment = useMoment();
  const { status, reason, nextRetryAt, retryCount, maxRetries, resolvedAt, resolvedBy } = letter;
  const title = nextRetryAt ?? resolvedAt;
  return <span title={title ? moment(title) : undefined}>{words()}</span>;

  function words(): string {
    switch (status) {
      case 'pending':
        if (reason === 'held') return 'Runs when the script is resumed';
        if (nextRetryAt === null) return 'Waiting';
        if (Date.parse(nextRetryAt) <= Date.now())
          return retryCount === 0 && maxRetries === 0
            ? 'Due now'
            : `Retry ${retryCount + 1} of ${Math.max(maxRetries, retryCount + 1)} now`;
        return `Retry ${retryCount + 1} of ${Math.max(maxRetries, retryCount + 1)} ${fromNow(nextRetryAt)}`;
      case 'retrying':
        return 'Running now';
      case 'exhausted':
        return 'Waits until someone replays or discards it';
      case 'resolved':
        return `Resolved ${resolvedAt === null ? '' : fromNow(resolvedAt)}`;
      case 'discarded':
        return `Discarded${resolvedBy === null ? '' : ` by ${resolvedBy}`}`;
      default: {
        const rest: never = status;
        return rest;
      }
    }
  }
}
