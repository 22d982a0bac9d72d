import { join } from 'node:path';
import { ownFile } from '../../common/own-file.js';

/** The compiled program of the thread that removes types. */
export const WORKER_ENTRY = ownFile(
  join(__dirname, 'type-stripper.worker.js'),
  join('dist', 'lib', 'scripts', 'typescript', 'type-stripper.worker.js'),
);
