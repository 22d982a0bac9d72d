import type { LoopVerdict } from '../events/loop-guard.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';

/** The message of a dead letter that the loop guard made. */
export const loopMessage = (
  verdict: LoopVerdict,
  { maxDepth, maxExecutionsPerRoot }: ResolvedOptions['events'],
): string => {
  switch (verdict) {
    case 'depth':
      return `The chain of events that led to this one is longer than ${maxDepth} executions.`;
    case 'cycle':
      return 'The script has already run in the chain of events that led to this one.';
    case 'budget':
      return `The first event of this chain has used up its ${maxExecutionsPerRoot} executions.`;
    default: {
      const rest: never = verdict;
      return rest;
    }
  }
};
