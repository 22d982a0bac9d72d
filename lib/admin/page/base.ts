import type { Session } from './api/schema';

/** What the document says, as `lib/admin/serving/shell.ts` writes it. */
interface Given {
  /** The way from the document to the mount, `../`. */
  up: string;
  /** The file of the style sheet that the document contains; null where it links to it. */
  style: string | null;
  /** Addresses of the host's own. */
  links: { home?: string; signIn?: string };
  session: Session;
  answers: readonly FirstAnswer[];
}

/** What the API answers to a request that the screen begins with. */
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

// For the files that come later: see `.ci/build-page.mjs`.
Object.assign(globalThis, { scriptsEventPage: { assets: ASSETS.href } });

export const LINKS = given.links;

/** Who looks at the page, as they were when it was loaded. */
export const FIRST_SESSION = given.session;

export const FIRST_ANSWERS = given.answers;

/** The file of the style sheet, if the document contains it and another policy than the page's own has refused it. */
export const REFUSED_STYLE: URL | null =
  given.style === null || document.styleSheets.length > 0 ? null : new URL(given.style, ASSETS);
