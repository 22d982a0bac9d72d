import { ScriptsEventError } from './errors.js';
import type { LogSubject } from './log-line.js';

const IDS = ['tenantId', 'scriptId', 'executionId', 'eventId', 'deadLetterId'] as const;

/** A chain of causes that is longer repeats itself. */
const MOST_CAUSES = 5;

/** The ids that an object names, as far as they are texts. */
export function idsIn(value: unknown): LogSubject {
  const found: LogSubject = {};
  if (typeof value !== 'object' || value === null) return found;
  for (const id of IDS) {
    // A getter of somebody else's is not called.
    const named: unknown = Object.getOwnPropertyDescriptor(value, id)?.value;
    if (typeof named === 'string' && named !== '') found[id] = named;
  }
  return found;
}

/** What an error of this package concerns, as far as the error or its causes say. What the error itself says comes first. */
export function subjectOfError(error: unknown): LogSubject {
  let subject: LogSubject = {};
  let current: unknown = error;
  for (let depth = 0; depth < MOST_CAUSES && current instanceof ScriptsEventError; depth += 1) {
    subject = { ...idsIn(current), ...subject };
    current = current.cause;
  }
  return subject;
}
