import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasScreen, PAGE_ROUTES, partsOf } from '../../../lib/admin/serving/page.routes.js';

/** The router's addresses, read from its source: its screens need a browser. */
const source = readFileSync(join(__dirname, '../../../lib/admin/page/app.tsx'), 'utf8');
const ROUTER = [...source.matchAll(/<Route\s+path=\{at\('([^']*)'\)\}/g)].map(([, path]) => path);

describe('the addresses of the page', () => {
  it('are the same for the server and for the router of the page', () => {
    expect(ROUTER.toSorted()).toEqual(PAGE_ROUTES.toSorted());
  });

  it.each(['', 'secrets', 'secrets/', 'scripts/new', 'scripts/x1', 'scripts/x1/edit', 'events/x1'])(
    'have a screen at "%s"',
    (path) => {
      expect(hasScreen(partsOf(path))).toBe(true);
    },
  );

  it.each([
    'backtests',
    'Secrets',
    '%73ecrets',
    'secrets/x1',
    'events',
    'scripts/x1/Edit',
    'scripts/x1/edit/x1',
  ])('have no screen at "%s"', (path) => {
    expect(hasScreen(partsOf(path))).toBe(false);
  });
});
