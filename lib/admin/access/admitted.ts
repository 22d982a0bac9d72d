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
