import { escapeHtml } from '../../common/html.js';
import type { AdminLinks } from '../admin.options.js';
import { documentOf } from './document.js';
import type { FirstAnswer } from './first-answers.js';
import type { PageFiles } from './page.files.js';

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
