import { createHash } from 'node:crypto';
import type { AdminCsp, AdminLinks } from '../admin.options.js';
import type { PageFiles } from './page.files.js';

/** How the page is served. */
export interface PageSettings {
  /** The last part of the mount's path: where its assets are relative to, for who leaves the slash away. */
  readonly lastPart: string;
  /** The header Content-Security-Policy. */
  readonly policy: string;
  /** For documents that are shown instead of the page: the same header, and the text of their style if the policy allows it. */
  readonly problem: { readonly policy: string; readonly style: string | undefined };
  readonly links: AdminLinks;
  /** Whether the policy allows a document to contain the page's first script and its style. */
  readonly inlined: boolean;
}

export const PAGE_SETTINGS = Symbol('scripts-event:page-settings');

/**
 * The page loads its own files and asks its own origin, nothing else; nobody shows it in a frame. Of the texts that a document
 * contains, the policy allows the very two of the build.
 */
const policyOf = ({ script, style }: PageFiles['first']): AdminCsp => ({
  'default-src': "'none'",
  'script-src': `'self' ${hashOf(script)}`,
  'style-src': `'self' ${hashOf(style)}`,
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'worker-src': "'self'",
  // No text becomes markup or a program; the one policy gives the address of the editor's worker.
  'require-trusted-types-for': "'script'",
  'trusted-types': 'scripts-event',
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
});

/** Without the page, a document has a style and an icon. */
const problemPolicyOf = ({ problemStyle }: PageFiles): AdminCsp => ({
  'default-src': "'none'",
  'style-src': hashOf(problemStyle),
  'img-src': 'data:',
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
});

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const headerOf = (policy: AdminCsp): string =>
  Object.entries(policy)
    .map(([name, value]) => `${name} ${value}`.trim())
    .join('; ');

/** Directives with which a host may refuse what a document contains. */
const STYLES = ['style-src', 'style-src-elem'];
const OVER_INLINED = ['script-src', 'script-src-elem', ...STYLES];

const names = (csp: AdminCsp, directives: readonly string[]): boolean =>
  directives.some((name) => Object.hasOwn(csp, name));

export const pageSettings = (
  path: string,
  { csp, links }: { csp: AdminCsp; links: AdminLinks },
  files: PageFiles,
): PageSettings => ({
  lastPart: path.slice(path.lastIndexOf('/') + 1),
  policy: headerOf({ ...policyOf(files.first), ...csp }),
  problem: {
    policy: headerOf({ ...problemPolicyOf(files), ...csp }),
    style: names(csp, STYLES) ? undefined : files.problemStyle,
  },
  links,
  inlined: !names(csp, OVER_INLINED),
});
