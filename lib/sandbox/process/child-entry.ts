import { join } from 'node:path';

/** The compiled program that a sandbox process runs. */
export const CHILD_ENTRY = join(__dirname, '..', 'child', 'main.js');
