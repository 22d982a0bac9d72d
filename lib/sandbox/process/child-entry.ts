import { ownFile } from '../../common/own-file.js';

/** The compiled program that a sandbox process runs, unless `sandbox.childPath` names another. */
export const CHILD_ENTRY = ownFile('child');
