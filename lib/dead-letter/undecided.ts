import { MATCHING_LIMITS } from '../filters/index.js';

/** Why an event becomes a dead letter for scripts whose filters could not be asked to their end. */
export const UNDECIDED = {
  reason: 'undecided',
  message:
    `The script's filter takes more than ${MATCHING_LIMITS.filterSteps} steps on this payload, or the filters of all the ` +
    "tenant's scripts for it more than they may together: whether it concerns the script is not known. Ask fewer " +
    'conditions of long lists and texts, then replay it: that asks the filter again, for each script alone, and runs the ' +
    'script unless the filter says no.',
} as const;
