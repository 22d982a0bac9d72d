import { ownFile } from '../../common/own-file.js';

/** The compiled program that a sandbox process runs, unless an option names another place. */
export const CHILD_ENTRY = ownFile('child');
