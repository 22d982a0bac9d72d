import { join } from 'node:path';

/** Stands in for `lib/scripts/typescript/worker-entry.ts` under jest: the compiled thread, built by `npm test`. */
export const WORKER_ENTRY = join(__dirname, '../../dist/lib/scripts/typescript/type-stripper.worker.js');
