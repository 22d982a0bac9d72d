import { ScriptsEventError } from './errors.js';
import { type LogSubject, SUBJECT_IDS } from './log-line.js';

/** Most causes that are followed. A longer chain probably repeats itself. */
const MOST_CAUSES = 5;

/** The ids that an object has as texts. */
export function idsIn(value: unknown): LogSubject {
  const found: LogSubject = {};
  if (typeof value !== 'object' || value === null) return found;
  for (const id of SUBJECT_IDS) {
    // Getters are not called, because they may be anybody's code.
    const named: unknown = Object.getOwnPropertyDescriptor(value, id)?.value;
    if (typeof named === 'string' && named !== '') found[id] = named;
  }
  return found;
}

/** The ids that an error of this package or its causes name. Those of the error itself take precedence. */
export function subjectOfError(error: unknown): LogSubject {
  let subject: LogSubject = {};
  let current: unknown = error;
  for (let depth = 0; depth < MOST_CAUSES && current instanceof ScriptsEventError; depth += 1) {
    subject = { ...idsIn(current), ...subject };
    current = current.cause;
  }
  return subject;
}
