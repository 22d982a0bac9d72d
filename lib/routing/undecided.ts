import type { EventEnvelope } from '../common/event-envelope.js';
import { lineAbout, type SubjectLine } from '../common/log-line.js';
import type { IndexedScript } from '../scripts/script-index.js';

/** The log line about an undecided event, which names one of the scripts. */
export const undecidedLine = (event: EventEnvelope, script: IndexedScript, count: number): SubjectLine => {
  const { id: eventId, tenantId, type, payload } = event;
  const others = count === 1 ? '' : ` and of ${count - 1} more`;
  return lineAbout(
    { tenantId, eventId, scriptId: script.id, scriptName: script.name, scriptVersion: script.version },
    (ids) =>
      `The filter of script ${ids.script}${others}${ids.ofTenant} needs too many ` +
      `steps on an event ${type} of ${payload.length} characters: the event is kept as a dead letter with reason ` +
      '"undecided", and does not run.',
  );
};
