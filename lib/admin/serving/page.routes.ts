/** The addresses below the mount that get the page: those of the router in `lib/admin/page/app.tsx`, and no others. */
export const PAGE_ROUTES = [
  '',
  'overview',
  'tenants',
  'scripts',
  'scripts/new',
  'scripts/:id',
  'scripts/:id/edit',
  'executions',
  'executions/:id',
  'events/:eventId',
  'failures',
  'secrets',
  'variables',
  'store',
  'dead-letters',
  'dead-letters/:id',
] as const;

/** The parts of a path or a route; a slash at its end adds none. */
export const partsOf = (path: string): string[] => path.split('/').filter(Boolean);

/**
 * Whether the page has a screen at an address with these parts below the mount. Express also takes `/Secrets` for
 * `/secrets`; the page's router does not.
 */
export const hasScreen = (parts: readonly string[]): boolean =>
  PAGE_ROUTES.some((route) => {
    const names = partsOf(route);
    return (
      names.length === parts.length && names.every((name, at) => name.startsWith(':') || name === parts[at])
    );
  });
