/** The mount of the page, `https://host/back/scripts-event/`: its script lies in `assets/` below it. */
export const BASE = new URL('..', import.meta.url);

/** The API beside the page. */
export const API = new URL('api/', BASE);

/** Addresses of the host's own. */
interface Links {
  home?: string;
  signIn?: string;
}

export const LINKS: Links = JSON.parse(
  document.querySelector<HTMLMetaElement>('meta[name="scripts-event-links"]')?.content ?? '{}',
) as Links;
