import { ownFile } from '../../common/own-file.js';

/** What the build of the page has written beside its assets. */
export const PAGE_PLACE = ownFile('page');
