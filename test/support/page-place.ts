import { join } from 'node:path';

/** Stands in for `lib/admin/serving/page-place.ts` under jest: the built page. */
export const PAGE_PLACE = join(__dirname, '..', '..', 'dist', 'lib', 'admin', 'page', 'page.json');
