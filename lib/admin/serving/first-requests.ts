import type { Session } from '../access/session.js';

/**
 * What the overview asks the API for before it can say anything: the document names it, so that it comes together with the
 * script, which on a slow line saves as long as an answer takes. No more than four: with the script and the style sheet that
 * makes six, as many connections as browsers have to a server of HTTP/1.1.
 */
const OF_OVERVIEW: readonly [path: string, query: Record<string, string>][] = [
  ['scripts', { limit: '1' }],
  ['dead-letters/counts', {}],
  ['script-health', {}],
  ['executions/stats', {}],
];

/**
 * In the words of `lib/admin/page`, which takes them as they come, and would else ask a second time.
 *
 * @param tenant what the address of the page names, whatever it is
 */
export function firstRequests(session: Session, tenant: unknown = session.onlyTenant): string[] {
  if (!session.may('read') || typeof tenant !== 'string' || tenant === '') return [];
  const named: Record<string, string> = tenant === session.onlyTenant ? {} : { tenant };
  return OF_OVERVIEW.map(([path, query]) => {
    const asked = new URLSearchParams({ ...named, ...query }).toString();
    return asked === '' ? path : `${path}?${asked}`;
  });
}
