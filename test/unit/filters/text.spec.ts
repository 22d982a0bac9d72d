import fc from '../../support/fast-check.js';
import { createFinder, createLike, foldCase, hasStrayBackslash } from '../../../lib/filters/text.js';

// Few letters, so that random texts contain each other and repeat themselves.
const letters = fc.constantFrom('a', 'b', '*', '\\');
const texts = (maxLength: number) => fc.string({ unit: letters, maxLength });

/** The meaning of `like`, written the slow and obvious way. */
function likeByDefinition(pattern: string[], text: string): boolean {
  const [token, ...rest] = pattern;
  if (token === undefined) return text === '';
  if (token === '*')
    return Array.from({ length: text.length + 1 }).some((_, cut) => likeByDefinition(rest, text.slice(cut)));
  return text.startsWith(token) && likeByDefinition(rest, text.slice(1));
}

describe('createLike', () => {
  it('agrees with the definition of the pattern', () => {
    const tokens = fc.array(fc.constantFrom('*', 'a', 'b', '\\*', '\\\\'), { maxLength: 8 });
    fc.assert(
      fc.property(tokens, texts(8), (pattern, text) => {
        const meaning = pattern.map((token) => (token.length === 2 ? `${token[1]}literal` : token));
        const defined = likeByDefinition(
          meaning.map((token) => (token.endsWith('literal') ? (token[0] === '*' ? '\u2605' : '\\') : token)),
          text.replaceAll('*', '\u2605'),
        );
        expect(createLike(pattern.join(''))(text)).toBe(defined);
      }),
    );
  });
});

describe('createFinder', () => {
  it('finds the same places as indexOf, for short and long texts', () => {
    fc.assert(
      fc.property(
        texts(4),
        fc.integer({ min: 1, max: 30 }),
        texts(400),
        fc.nat(20),
        (unit, times, around, from) => {
          const needle = unit.repeat(times);
          fc.pre(needle !== '');
          for (const text of [around, around + needle, needle.slice(1) + around + needle + around]) {
            expect(createFinder(needle)(text, from)).toBe(text.indexOf(needle, from));
          }
        },
      ),
    );
  });
});

describe('hasStrayBackslash', () => {
  it.each([
    ['a', false],
    ['\\*', false],
    ['\\\\', false],
    ['\\\\\\*', false],
    ['\\a', true],
    ['\\', true],
    ['\\\\\\', true],
  ])('is right for %j: %p', (pattern, stray) => {
    expect(hasStrayBackslash(pattern)).toBe(stray);
  });
});

describe('foldCase', () => {
  it('gives a part of a text the same form as within the text', () => {
    expect(foldCase('ΟΔΟΣ')).toBe(foldCase('οδος'));
    expect(foldCase('ΟΔΟΣΑ').startsWith(foldCase('ΟΔΟΣ'))).toBe(true);
    expect(foldCase('I')).toBe('i');
  });
});
