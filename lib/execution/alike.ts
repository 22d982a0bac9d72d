import { createHash } from 'node:crypto';

/** How many characters of a message are compared. */
const LONGEST = 300;
/** UUIDs, hexadecimal numbers, and words of hexadecimal digits with a digit early enough to be none of a language. */
const LONG_NUMBERS =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|0x[0-9a-f]+|\b[0-9a-f]*[0-9][0-9a-f]{7,}\b/gi;

/** The message with `#` in place of each number. Failures are alike if the rest is equal. */
export const withoutNumbers = (message: string): string =>
  message
    .slice(0, LONGEST)
    .replace(LONG_NUMBERS, '#')
    .replace(/[0-9]+/g, '#');

/**
 * The same number for failures with similar messages: 64 signed bits as decimal text. It is computed once, when a
 * failure is recorded, so that thousands of failures can be grouped without reading their messages.
 */
export const likenessOf = (message: string): string =>
  createHash('sha256').update(withoutNumbers(message)).digest().readBigInt64BE(0).toString();
