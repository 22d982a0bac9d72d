import type { LogSubject } from '../../common/log-line.js';
import type { Session } from './session.js';

const ADMITTED = new WeakMap<object, Session>();

/** Stores the session of a request that the guard admits. */
export const admit = (request: object, session: Session): void => void ADMITTED.set(request, session);

/** The session of a request. Throws if the guard hasn't admitted the request. */
export function sessionOf(request: object): Session {
  const session = ADMITTED.get(request);
  if (!session) throw new TypeError('a route of the admin API ran without its guard');
  return session;
}

const SUBJECTS = new WeakMap<object, LogSubject>();

/** Stores what an admitted request is about, for the lines of the log. */
export const concern = (request: object, subject: LogSubject): void => void SUBJECTS.set(request, subject);

/** What a request is about, for the lines of the log; empty if the request was refused before it was read. */
export const subjectOfRequest = (request: object): LogSubject => SUBJECTS.get(request) ?? {};
