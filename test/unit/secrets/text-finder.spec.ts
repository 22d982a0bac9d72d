import { TextFinder } from '../../../lib/secrets/text-finder.js';

/** The same search, written as plainly as possible. */
function replacedPlainly(text: string, wanted: readonly string[]): string {
  const longestFirst = wanted.toSorted((a, b) => b.length - a.length);
  let replaced = '';
  for (let at = 0; at < text.length;) {
    const found = longestFirst.find((one) => text.startsWith(one, at));
    replaced += found === undefined ? text[at] : `<${found.length}>`;
    at += found?.length ?? 1;
  }
  return replaced;
}

const random = (seed: number) => (): number =>
  (seed = (Math.imul(seed, 48_271) >>> 0) % 0x7fffffff) / 0x7fffffff;

describe('the finder of texts', () => {
  it('finds the same as a plain search in random texts of few letters', () => {
    const next = random(20_261_130);
    const letters = (most: number, few: number): string =>
      Array.from({ length: few + Math.floor(next() * most) }, () => (next() < 0.9 ? 'a' : 'b')).join('');
    for (let round = 0; round < 400; round++) {
      const wanted = Array.from({ length: 1 + Math.floor(next() * 30) }, () => letters(40, 8));
      // The wanted texts include a beginning of another one; the text has wanted texts and others.
      wanted.push(wanted[0]!.slice(0, 8 + Math.floor(next() * 20)));
      const text = `${letters(300, 0)}${wanted[0]}${letters(60, 0)}${wanted.at(-1)}`;
      const finder = new TextFinder(wanted);
      expect(finder.replace(text, (found) => `<${found.length}>`)).toBe(replacedPlainly(text, wanted));
    }
  });

  it('does not change a text without a match, and ignores wanted texts of fewer than eight characters', () => {
    const finder = new TextFinder(['1234567', 'abcdefgh', '']);
    expect(finder.replace('1234567 abcdefg', () => 'x')).toBe('1234567 abcdefg');
    expect(finder.replace('', () => 'x')).toBe('');
    expect(new TextFinder([]).replace('abcdefgh', () => 'x')).toBe('abcdefgh');
  });

  it('takes few steps for each character, however similar the text and the wanted texts are', () => {
    const wanted = Array.from(
      { length: 800 },
      (_, at) => `${'a'.repeat(100 + at)}${at % 2 ? 'cb' : ''}${'a'.repeat(4_000 - at)}c`,
    );
    const finder = new TextFinder(wanted);
    const look = jest.spyOn(Map.prototype, 'get');
    const compare = jest.spyOn(String.prototype, 'startsWith');
    const text = 'a'.repeat(20_000);
    const replaced = finder.replace(text, () => 'x');
    const [looks, comparisons] = [look.mock.calls.length, compare.mock.calls.length];
    jest.restoreAllMocks();
    expect(replaced).toBe(text);
    // Halving a list of at most 800 lengths takes ten steps.
    expect(looks).toBeLessThanOrEqual(text.length * 10);
    expect(comparisons).toBe(0);
  });
});
