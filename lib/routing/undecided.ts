import { printable } from '../common/printable.js';
import { scriptInWords } from '../common/script-in-words.js';
import type { DeadLetterFailure } from '../dead-letter/new-dead-letter.js';
import type { DomainEvent } from '../events/domain-event.js';
import { MATCHING_LIMITS } from '../filters/index.js';
import type { IndexedScript } from '../scripts/script-index.js';

/** Why an event becomes a dead letter for a script whose filter could not be asked to its end. */
export const UNDECIDED: DeadLetterFailure = {
  reason: 'undecided',
  message:
    `The script's filter takes more than ${MATCHING_LIMITS.filterSteps} steps on this payload, or the filters of all the ` +
    "tenant's scripts for it more than they may together: whether it concerns the script is not known. Ask fewer " +
    'conditions of long lists and texts. To replay it runs the script without asking the filter.',
};

/** The line for the log, which names one of the scripts. */
export const undecidedLine = (event: DomainEvent, script: IndexedScript, count: number): string => {
  const named = scriptInWords({ scriptId: script.id, scriptName: script.name });
  const others = count === 1 ? '' : ` and of ${count - 1} more`;
  return (
    `The filter of script ${named}${others} of tenant ${printable(event.tenantId)} takes too many ` +
    `steps on an event ${event.type} of ${event.payload.length} characters: the event is kept as a dead letter with reason ` +
    '"undecided", and does not run.'
  );
};
