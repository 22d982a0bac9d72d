import type { AdminCsp, AdminLinks } from '../admin.options.js';

/** How the page is served. */
export interface PageSettings {
  /** The last part of the mount's path: where its assets are relative to, for who leaves the slash away. */
  readonly lastPart: string;
  /** The header Content-Security-Policy. */
  readonly policy: string;
  readonly links: AdminLinks;
}

export const PAGE_SETTINGS = Symbol('scripts-event:page-settings');

/** The page loads its own files and asks its own origin, nothing else; nobody shows it in a frame. */
const POLICY: AdminCsp = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'worker-src': "'self'",
  // No text becomes markup or a program; the one policy gives the address of the editor's worker.
  'require-trusted-types-for': "'script'",
  'trusted-types': 'scripts-event',
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

export const pageSettings = (
  path: string,
  { csp, links }: { csp: AdminCsp; links: AdminLinks },
): PageSettings => ({
  lastPart: path.slice(path.lastIndexOf('/') + 1),
  policy: Object.entries({ ...POLICY, ...csp })
    .map(([name, value]) => `${name} ${value}`.trim())
    .join('; '),
  links,
});
