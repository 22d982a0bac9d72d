import { createHash } from 'node:crypto';

/**
 * The columns that are equal in all failures of a group. The tables of executions and of dead letters have them.
 */
export const ALIKE = ['script_id', 'error_kind', 'error_line', 'error_alike'] as const;

/** How many characters of a message are compared. */
const LONGEST = 300;
/**
 * UUIDs, hexadecimal numbers, and long words of hexadecimal digits that contain a decimal digit, as no ordinary word
 * does.
 */
const LONG_NUMBERS =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|0x[0-9a-f]+|\b[0-9a-f]*[0-9][0-9a-f]{7,}\b/gi;

/** The message with `#` in place of each number. Failures are alike if the rest is equal. */
export const withoutNumbers = (message: string): string =>
  message
    .slice(0, LONGEST)
    .replace(LONG_NUMBERS, '#')
    .replace(/[0-9]+/g, '#');

/**
 * A number that is the same for failures with similar messages: 64 signed bits as decimal text. It is computed once,
 * when a failure is recorded, so that thousands of failures can be grouped without reading their messages.
 */
export const likenessOf = (message: string): string =>
  createHash('sha256').update(withoutNumbers(message)).digest().readBigInt64BE(0).toString();
