import { printable } from '../common/printable.js';
import { scriptInWords } from '../common/script-in-words.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import type { IndexedScript } from '../scripts/script-index.js';

/** The log line about an undecided event, which names one of the scripts. */
export const undecidedLine = (event: EventEnvelope, script: IndexedScript, count: number): string => {
  const named = scriptInWords({ scriptId: script.id, scriptName: script.name });
  const others = count === 1 ? '' : ` and of ${count - 1} more`;
  return (
    `The filter of script ${named}${others} of tenant ${printable(event.tenantId)} needs too many ` +
    `steps on an event ${event.type} of ${event.payload.length} characters: the event is kept as a dead letter with reason ` +
    '"undecided", and does not run.'
  );
};
