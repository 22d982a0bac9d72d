import { createHash } from 'node:crypto';

/** Characters of a message that tell failures apart. */
const LONGEST = 300;
/** UUIDs, hexadecimal numbers, and words of hexadecimal digits with a digit early enough to be none of a language. */
const LONG_NUMBERS =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|0x[0-9a-f]+|\b[0-9a-f]*[0-9][0-9a-f]{7,}\b/gi;

/** A message with `#` for its numbers: what is left tells which failures are alike. */
export const withoutNumbers = (message: string): string =>
  message
    .slice(0, LONGEST)
    .replace(LONG_NUMBERS, '#')
    .replace(/[0-9]+/g, '#');

/**
 * A number that is the same for failures whose messages are alike, as 64 signed bits in decimal text: made once, when a
 * failure is recorded, so that thousands of them are grouped without a look at their messages.
 */
export const likenessOf = (message: string): string =>
  createHash('sha256').update(withoutNumbers(message)).digest().readBigInt64BE(0).toString();
