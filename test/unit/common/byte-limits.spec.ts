import fc from '../../support/fast-check.js';
import { bytesCounter } from '../../../lib/sandbox/child/prelude/count-bytes.js';
import type { Captured } from '../../../lib/sandbox/child/prelude/capture.js';
import { byteLimits, cut, isLargerThan, makeBudget } from '../../../lib/common/byte-limits.js';
import { byteLength } from '../../../lib/common/json.js';

/** Texts of characters of one to four bytes, and of lone surrogates. */
const texts = fc
  .array(fc.constantFrom('x', '\u0000', 'é', '€', '😀', '\ud800', '\udc00'))
  .map((all) => all.join(''));

describe('the counter of the isolate', () => {
  const codeAt = (text: string, at: number): number => text.charCodeAt(at);
  const countBytes = bytesCounter({
    apply: Reflect.apply,
    codeAt,
    exec: RegExp.prototype.exec,
  } as Captured);

  test('counts as many bytes as Node.js writes, up to a number that is too large', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 40 }), (text, most) => {
        const bytes = byteLength(text);
        expect(countBytes(text, Infinity)).toBe(bytes);
        // With a limit, the number need only be exact up to it.
        expect(Math.min(countBytes(text, most), most + 1)).toBe(Math.min(bytes, most + 1));
      }),
    );
  });

  test('reads no more of a text than it needs', () => {
    let read = 0;
    const counting = bytesCounter({
      apply: Reflect.apply,
      codeAt: (text: string, at: number) => {
        read++;
        return codeAt(text, at);
      },
      exec: RegExp.prototype.exec,
    } as Captured);
    counting('x'.repeat(1_000), 2_000);
    expect(read).toBe(0);
    counting('€'.repeat(1_000), 1_010);
    expect(read).toBeLessThan(10);
  });
});

describe('isLargerThan', () => {
  test('counts bytes, not characters', () => {
    expect(isLargerThan('€'.repeat(10), 30)).toBe(false);
    expect(isLargerThan('€'.repeat(10), 29)).toBe(true);
    expect(isLargerThan('x'.repeat(30), 29)).toBe(true);
  });

  test('agrees with the number of bytes for all kinds of characters', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 40 }), (text, most) => {
        expect(isLargerThan(text, most)).toBe(byteLength(text) > most);
      }),
    );
  });

  test('counts only texts whose number of characters leaves it open', () => {
    let counted = 0;
    const limits = byteLimits((text) => {
      counted++;
      return byteLength(text);
    });
    limits.isLargerThan('x'.repeat(33), 99);
    limits.isLargerThan('x'.repeat(100), 99);
    expect(limits.sizeInWords('€'.repeat(100), 99)).toBe('at least 100 bytes');
    expect(counted).toBe(0);
    limits.isLargerThan('x'.repeat(34), 99);
    expect(limits.sizeInWords('€'.repeat(34), 99)).toBe('102 bytes');
    expect(counted).toBe(2);
  });
});

describe('a budget of bytes', () => {
  test('takes exactly the texts that fit beside those that it has taken', () => {
    fc.assert(
      fc.property(fc.array(texts), fc.integer({ min: 0, max: 120 }), (all, most) => {
        const fits = makeBudget(most);
        let left = most;
        for (const text of all) {
          const expected = byteLength(text) <= left;
          if (expected) left -= byteLength(text);
          expect(fits(text)).toBe(expected);
        }
      }),
    );
  });

  test('counts a thousand short texts in a few steps, and each of their bytes once', () => {
    const sizes: number[] = [];
    const { makeBudget: counting } = byteLimits((text) => {
      sizes.push(byteLength(text));
      return byteLength(text);
    });
    const fits = counting(64_000);
    for (let at = 0; at < 1_000; at++) expect(fits('x'.repeat(60))).toBe(true);
    expect(sizes.length).toBeLessThan(30);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60_000);
  });
});

describe('a text that is cut', () => {
  test('ends after a whole character, with a mark', () => {
    expect(cut('short', 64)).toBe('short');
    for (const bytes of [64, 65, 66, 67]) {
      const text = cut('😀'.repeat(100), bytes);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes);
      expect(text).toMatch(/^(😀)+…$/u);
    }
  });

  test('has at most as many bytes as asked for, and is cut only if it has more', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 3, max: 40 }), (text, bytes) => {
        const short = cut(text, bytes);
        expect(byteLength(short)).toBeLessThanOrEqual(bytes);
        expect(short === text).toBe(byteLength(text) <= bytes);
      }),
    );
  });
});
