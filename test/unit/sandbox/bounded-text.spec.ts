import fc from '../../support/fast-check.js';
import { isDeeperThan } from '../../../lib/sandbox/bounded-text.js';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('isDeeperThan', () => {
  test('agrees with the depth of the parsed value, whatever its texts contain', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), fc.integer({ min: 1, max: 12 }), (value, depth) => {
        expect(isDeeperThan(JSON.stringify(value), depth)).toBe(depthOf(value) > depth);
      }),
    );
  });

  test.each([
    ['brackets in a text', JSON.stringify('['.repeat(50)), false],
    ['an escaped quote before brackets', JSON.stringify(`"${'['.repeat(50)}`), false],
    ['a backslash before the closing quote', `["\\\\",${'['.repeat(9)}${']'.repeat(9)}]`, false],
    ['a level too many', '['.repeat(11) + ']'.repeat(11), true],
    ['a million levels', '['.repeat(1_000_000), true],
  ])('is right for %s', (_, text, deeper) => {
    expect(isDeeperThan(text, 10)).toBe(deeper);
  });
});
