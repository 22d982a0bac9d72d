import { ownFile } from '../../common/own-file.js';

/** The compiled program of the thread that removes types. */
export const WORKER_ENTRY = ownFile('typeStripper');
