/** The addresses of the page below its mount, as `lib/admin/page/app.tsx` knows them. */
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
  'dead-letters',
  'dead-letters/:id',
  'backtests',
  'backtests/:id',
] as const;
