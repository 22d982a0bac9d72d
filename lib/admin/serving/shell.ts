import { escapeHtml } from '../../common/html.js';
import type { AdminLinks } from '../admin.options.js';
import type { FirstAnswer } from './first-answers.js';
import type { PageFiles } from './page.files.js';

/** A script in braces; in the address itself, so that no browser asks for `/favicon.ico` of the host. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' " +
  "fill='%235046e5'/%3E%3Cpath d='M18 5 8 18h7l-1 9 10-13h-7z' fill='%23fff'/%3E%3C/svg%3E";

/** What a document says to the page's script. */
interface Given {
  readonly links: AdminLinks;
  /** As `GET session` answers it. */
  readonly session: object;
  readonly answers: readonly FirstAnswer[];
}

/**
 * The document in which the page runs. Its addresses are relative to the one that the browser asked for, so that a proxy may
 * add or remove what stands before it.
 *
 * @param up the way from the document to the mount, `../`
 * @param given what the page begins with: it need not ask who looks at it, nor for what they look at first
 * @param inlined whether it contains the first script and the style, so that the page works before anything else is fetched
 */
export function shellOf({ manifest, first }: PageFiles, up: string, given: Given, inlined: boolean): string {
  const { script, style, next } = manifest;
  const asset = (name: string): string => escapeHtml(`${up}assets/${name}`);
  const file = (name: string): string => `<script type="module" src="${asset(name)}"></script>`;
  const [others = '', ...parts] = next;
  const told = { up: up || './', style: inlined ? style : null, ...given };
  return documentOf(
    'Scripts',
    `<meta name="scripts-event" content="${escapeHtml(JSON.stringify(told))}">` +
      (inlined ? `<style>${first.style}</style>` : `<link rel="stylesheet" href="${asset(style)}">`) +
      parts.map((part) => `<link rel="modulepreload" href="${asset(part)}">`).join('') +
      (inlined ? `<script type="module">${first.script}</script>` : file(script)) +
      // After the first script, which it else loads itself: another policy than ours may have refused that.
      file(others),
    '<div id="app"></div><noscript>This page needs JavaScript.</noscript>',
  );
}

/** What is shown instead of the page to who may not see it. */
export function problemPage(title: string, detail: string, signIn: string | undefined): string {
  const link = signIn === undefined ? '' : `<p><a href="${escapeHtml(signIn)}">Sign in</a></p>`;
  return documentOf(
    title,
    '',
    `<main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(detail)}</p>${link}</main>`,
  );
}

const documentOf = (title: string, head: string, body: string): string =>
  '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
  '<meta name="viewport" content="width=device-width, initial-scale=1">' +
  '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">' +
  `<title>${escapeHtml(title)}</title><link rel="icon" href="${ICON}">${head}</head><body>${body}</body></html>`;
