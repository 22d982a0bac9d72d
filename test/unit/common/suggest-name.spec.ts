import { suggestName } from '../../../lib/common/suggest-name.js';

describe('the name that was meant', () => {
  it.each([
    ['gtt', 'gt'],
    ['GT', 'gt'],
    ['contians', 'contains'],
    ['startWith', 'startsWith'],
    ['betwen', 'between'],
  ])('%s: %s', (word, meant) => {
    expect(suggestName(word, ['gt', 'gte', 'contains', 'startsWith', 'between'])).toBe(meant);
  });

  it.each(['to', 'name', 'x', 'address', '', 'x'.repeat(100_000)])('is none for %.20j', (word) => {
    expect(suggestName(word, ['gt', 'gte', 'contains', 'startsWith', 'between'])).toBeUndefined();
  });
});
