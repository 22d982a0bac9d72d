import type { Session } from './api/schema';

/** The data in the document, written by `lib/admin/serving/shell.ts`. */
interface Given {
  /** The relative path to the mount, `../`. */
  up: string;
  /** The file of an inlined style sheet; null if the document links to it. */
  style: string | null;
  /** Addresses of the host. */
  links: { home?: string; signIn?: string };
  session: Session;
  answers: readonly FirstAnswer[];
}

/** The API's answer to one of the screen's first requests. */
export interface FirstAnswer {
  path: string;
  query: Readonly<Record<string, string | number>>;
  value: unknown;
}

const given = JSON.parse(
  document.querySelector<HTMLMetaElement>('meta[name="scripts-event"]')?.content ?? '',
) as Given;

/** The mount of the page, `https://host/back/scripts-event/`. */
export const BASE = new URL(given.up, document.baseURI);

/** The API beside the page. */
export const API = new URL('api/', BASE);

const ASSETS = new URL('assets/', BASE);

// For files that load later: see `.ci/build-page.mjs`.
Object.assign(globalThis, { scriptsEventPage: { assets: ASSETS.href } });

export const LINKS = given.links;

/** The session when the page was loaded. */
export const FIRST_SESSION = given.session;

export const FIRST_ANSWERS = given.answers;

/** The file of an inlined style sheet that a policy other than the page's own refused; null otherwise. */
export const REFUSED_STYLE: URL | null =
  given.style === null || document.styleSheets.length > 0 ? null : new URL(given.style, ASSETS);
