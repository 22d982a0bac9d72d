import { escapeHtml } from '../../common/html.js';

/** A script in braces. The address contains the picture, so that no browser asks for `/favicon.ico` of the host. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' " +
  "fill='%235046e5'/%3E%3Cpath d='M18 5 8 18h7l-1 9 10-13h-7z' fill='%23fff'/%3E%3C/svg%3E";

/** Headers of every document. */
export const DOCUMENT_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  // Only the host's own pages may learn the address of a script.
  'Referrer-Policy': 'same-origin',
};

/** A document in the look of the browser's light or dark mode. `head` and `body` are HTML. */
export const documentOf = (title: string, head: string, body: string): string =>
  '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
  '<meta name="viewport" content="width=device-width, initial-scale=1">' +
  '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">' +
  `<title>${escapeHtml(title)}</title><link rel="icon" href="${ICON}">${head}</head><body>${body}</body></html>`;
