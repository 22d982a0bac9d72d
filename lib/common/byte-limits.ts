import { byteLength } from './json.js';

/**
 * The rules for sizes in bytes of UTF-8: the same in the isolate of a script and in the host.
 *
 * The text of this function is also compiled in the isolates of scripts, next to hostile code. So it uses nothing but
 * its parameter, and no method of a prototype.
 *
 * @param countBytes how many bytes a text has. A lone surrogate counts as the three of U+FFFD. If the text has more than
 *   `most`, the number may be any that is more than `most`
 */
export function byteLimits(countBytes: (text: string, most: number) => number) {
  'use strict';
  /** Most bytes of one UTF-16 unit in UTF-8. A character of four bytes has two units. */
  const MOST_OF_UNIT = 3;

  /** True if a text has more than `most` bytes. Counts them only if the number of UTF-16 units doesn't decide. */
  function isLargerThan(text: string, most: number): boolean {
    return text.length > most || (text.length * MOST_OF_UNIT > most && countBytes(text, most) > most);
  }

  /** How large a text with more than `most` bytes is. Counts the bytes only if there can't be many more than `most`. */
  function sizeInWords(text: string, most: number): string {
    return text.length > most ? `at least ${text.length} bytes` : `${countBytes(text, Infinity)} bytes`;
  }

  /**
   * Creates a function that takes one text after another, as long as they have at most `most` bytes together. It
   * returns false for a text that would exceed that, and takes later ones that fit. It counts several texts at once, as
   * rarely as possible.
   */
  function makeBudget(most: number): (text: string) => boolean {
    let counted = 0;
    let uncounted = '';
    const couldExceed = (units: number): boolean => counted + units * MOST_OF_UNIT > most;
    return (text) => {
      if (counted + uncounted.length + text.length > most) return false;
      if (uncounted !== '' && couldExceed(uncounted.length + text.length)) {
        counted += countBytes(uncounted, Infinity);
        uncounted = '';
      }
      if (couldExceed(text.length)) {
        const bytes = countBytes(text, most - counted);
        if (counted + bytes > most) return false;
        counted += bytes;
      } else uncounted += text;
      return true;
    };
  }

  return { isLargerThan, sizeInWords, makeBudget };
}

export const { isLargerThan, makeBudget } = byteLimits(byteLength);

const MARK = '…';

/** Cuts text to `bytes` bytes of UTF-8, with a mark if something is left out, and never within a character. */
export function cut(text: string, bytes: number): string {
  if (!isLargerThan(text, bytes)) return text;
  const buffer = Buffer.from(text.slice(0, bytes), 'utf8');
  let end = bytes - byteLength(MARK);
  while (end > 0 && (buffer[end]! & 0xc0) === 0x80) end--;
  return buffer.toString('utf8', 0, end) + MARK;
}
