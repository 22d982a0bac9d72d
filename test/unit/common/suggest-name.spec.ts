import { suggestName } from '../../../lib/common/suggest-name.js';

describe('the name that was meant', () => {
  it.each([
    ['gtt', 'gt'],
    ['GT', 'gt'],
    ['contians', 'contains'],
    ['startWith', 'startsWith'],
    ['betwen', 'between'],
  ])('is found for %s: %s', (word, meant) => {
    expect(suggestName(word, ['gt', 'gte', 'contains', 'startsWith', 'between'])).toBe(meant);
  });

  it.each(['to', 'name', 'x', 'address', '', 'x'.repeat(100_000)].map((word) => [word.slice(0, 20), word]))(
    'is not guessed for "%s"',
    (_shown, word) => {
      expect(suggestName(word, ['gt', 'gte', 'contains', 'startsWith', 'between'])).toBeUndefined();
    },
  );
});
