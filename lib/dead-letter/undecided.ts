import { MATCHING_LIMITS } from '../filters/index.js';

/** Why an event becomes a dead letter for scripts whose filters could not be evaluated completely. */
export const UNDECIDED = {
  reason: 'undecided',
  message:
    `Undecided: the script's filter needs more than ${MATCHING_LIMITS.filterSteps} steps on this payload, or the filters of ` +
    "all the tenant's scripts exceed their common limit. Use fewer " +
    'conditions on long lists and texts, then replay the dead letter: a replay tries the filter again on its own and runs ' +
    'the script unless the filter rejects the event.',
} as const;
