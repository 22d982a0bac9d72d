/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
import type { byteLimits } from '../../../common/byte-limits.js';
import type { Captured } from './capture.js';

/** The rules for sizes in bytes, as the prelude uses them. */
export type ByteLimits = ReturnType<typeof byteLimits>;

/**
 * Creates a function that counts the bytes of a text in UTF-8. It counts inside the isolate, because the engine can't
 * stop a script in time that keeps calling the sandbox process.
 */
export function bytesCounter(captured: Captured) {
  'use strict';
  const { apply, codeAt, exec } = captured;
  const NOT_ASCII = /[^\0-\x7f]/;

  /** Stops as soon as the text has more than `most` bytes. */
  return function countBytes(text: string, most: number): number {
    // The engine finds the first character much faster than a loop that it has not compiled yet.
    const found = apply(exec, NOT_ASCII, [text]) as { index: number } | null;
    let bytes = text.length;
    if (found === null) return bytes;
    for (let at = found.index; at < text.length && bytes <= most; at++) {
      const unit = codeAt(text, at);
      if (unit < 0x80) continue;
      bytes += unit < 0x800 ? 1 : 2;
      // The two units of a pair have four bytes together, and other surrogates have three each.
      const isPair = (unit & 0xfc00) === 0xd800 && (codeAt(text, at + 1) & 0xfc00) === 0xdc00;
      if (isPair) at++;
    }
    return bytes;
  };
}
