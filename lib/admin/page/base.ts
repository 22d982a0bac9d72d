import type { Session } from './api/schema';

/** The mount of the page, `https://host/back/scripts-event/`: its script lies in `assets/` below it. */
export const BASE = new URL('..', import.meta.url);

/** The API beside the page. */
export const API = new URL('api/', BASE);

/** What the document says, as `lib/admin/serving/shell.ts` writes it. */
interface Given {
  /** Addresses of the host's own. */
  links: { home?: string; signIn?: string };
  session: Session;
}

const given = JSON.parse(
  document.querySelector<HTMLMetaElement>('meta[name="scripts-event"]')?.content ?? '',
) as Given;

export const LINKS = given.links;

/** Who looks at the page, as they were when it was loaded. */
export const FIRST_SESSION = given.session;
