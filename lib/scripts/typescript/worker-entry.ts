import { join } from 'node:path';

/** The compiled program of the thread that removes types. */
export const WORKER_ENTRY = join(__dirname, 'type-stripper.worker.js');
