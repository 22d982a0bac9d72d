import { join } from 'node:path';
import { ownFile } from '../../common/own-file.js';

/** The compiled program that a sandbox process runs. */
export const CHILD_ENTRY = ownFile(
  join(__dirname, '..', 'child', 'main.js'),
  join('dist', 'lib', 'sandbox', 'child', 'main.js'),
);
