import { createHash } from 'node:crypto';

/** Longest key that is stored as it is; a longer one is stored as its digest. */
const MAX_KEY = 200;

/** The text by which events are kept in an order: at most 200 characters. */
export const orderKey = (key: string): string =>
  key.length <= MAX_KEY ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`;
