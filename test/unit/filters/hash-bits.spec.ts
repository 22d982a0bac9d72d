import { HashBits, mayHave } from '../../../lib/filters/lookups/hash-bits.js';
import { seeded } from '../../support/random-filters.js';

it('HashBits never denies a hash that it has, and denies most others, while hashes are added and removed', () => {
  const random = seeded(7);
  const hash = (): number => Math.floor(random() * 2 ** 32) | 0;
  const bits = new HashBits();
  const there = new Map<number, null>();
  for (let change = 0; change < 20_000; change += 1) {
    const [oldest] = there.keys();
    if (oldest !== undefined && there.size > 500) there.delete(oldest);
    const added = hash();
    bits.add(added, there.set(added, null));
  }
  for (const each of there.keys()) expect(mayHave(bits, each)).toBe(true);
  let wrong = 0;
  for (let count = 0; count < 10_000; count += 1) if (mayHave(bits, hash())) wrong += 1;
  expect(wrong).toBeLessThan(1_000);
  expect(mayHave(new HashBits(), hash())).toBe(false);
});
