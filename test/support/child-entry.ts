import { join } from 'node:path';

/** Stands in for `lib/sandbox/process/child-entry.ts` under jest: the compiled child, built by `npm test`. */
export const CHILD_ENTRY = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox', 'child', 'main.js');
