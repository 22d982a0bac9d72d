import { escapeHtml } from '../../common/html.js';
import type { AdminLinks } from '../admin.options.js';
import { documentOf } from './document.js';
import type { FirstAnswer } from './first-answers.js';
import type { PageFiles } from './page.files.js';

/** Data that a document contains for the page's script. */
interface Given {
  readonly links: AdminLinks;
  /** The response of `GET session`. */
  readonly session: object;
  readonly answers: readonly FirstAnswer[];
}

/**
 * The document in which the page runs. Its links are relative to its own address, so that a proxy may add or remove a
 * prefix.
 *
 * @param up relative path from the document to the mount, `../`
 * @param given data that the page begins with and need not request
 * @param inlined whether the document contains the first script and the style, so that the page starts at once
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
      // Comes after the first script, and loads its file if a policy other than the page's has refused it.
      file(others),
    '<div id="app"></div><noscript>This page needs JavaScript.</noscript>',
  );
}
