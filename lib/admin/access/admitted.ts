import type { Session } from './session.js';

const ADMITTED = new WeakMap<object, Session>();

/** Keeps the session of a request that the guard lets through. */
export const admit = (request: object, session: Session): void => void ADMITTED.set(request, session);

/** The session of a request. Without the guard nothing is answered. */
export function sessionOf(request: object): Session {
  const session = ADMITTED.get(request);
  if (!session) throw new TypeError('a route of the admin API ran without its guard');
  return session;
}
