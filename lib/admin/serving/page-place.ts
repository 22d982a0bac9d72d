import { ownFile } from '../../common/own-file.js';

/** The path of the manifest that the build of the page writes. */
export const PAGE_PLACE = ownFile('page');
