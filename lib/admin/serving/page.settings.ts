import { createHash } from 'node:crypto';
import type { AdminCsp, AdminLinks } from '../admin.options.js';
import type { PageFiles } from './page.files.js';

/** How the page is served. */
export interface PageSettings {
  /** Last part of the mount's path. Relative addresses begin with it in a request for the mount without its slash. */
  readonly lastPart: string;
  /** Value of the header Content-Security-Policy. */
  readonly policy: string;
  /** For documents shown instead of the page: their policy, and their style; undefined if the host may refuse it. */
  readonly problem: { readonly policy: string; readonly style: string | undefined };
  readonly links: AdminLinks;
  /** Whether the policy allows a document to contain the page's first script and its style. */
  readonly inlined: boolean;
}

export const PAGE_SETTINGS = Symbol('scripts-event:page-settings');

/**
 * The page loads its own files, sends requests to its own origin, and is shown in no frame. Of the scripts and styles
 * within a document, only those of the build are allowed, by their hashes.
 */
const policyOf = ({ script, style }: PageFiles['first']): AdminCsp => ({
  'default-src': "'none'",
  'script-src': `'self' ${hashOf(script)}`,
  'style-src': `'self' ${hashOf(style)}`,
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'worker-src': "'self'",
  // No text becomes markup or a program. The only policy of Trusted Types is for the address of the editor's worker.
  'require-trusted-types-for': "'script'",
  'trusted-types': 'scripts-event',
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
});

/** A document shown instead of the page loads nothing but the style and the icon within it. */
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

/** Directives with which a host may refuse the script or the style within a document. */
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
