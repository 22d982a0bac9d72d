import { Heaviest } from '../../../lib/common/heaviest.js';

describe('Heaviest', () => {
  it('knows who has most while weights go up and down', () => {
    const heaviest = new Heaviest<string>();
    expect(heaviest.get()).toBeUndefined();
    heaviest.add('a', 3);
    heaviest.add('b', 5);
    expect(heaviest.get()).toBe('b');
    heaviest.add('b', -3);
    expect(heaviest.get()).toBe('a');
    heaviest.add('a', -3);
    expect(heaviest.get()).toBe('b');
    heaviest.add('b', -2);
    expect(heaviest.get()).toBeUndefined();
    expect(heaviest.weightOf('a')).toBe(0);
  });

  it('names nobody who has less than seven eighths of the most, whatever has happened before', () => {
    const heaviest = new Heaviest<number>();
    const weights = new Map<number, number>();
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let step = 0; step < 20_000; step++) {
      const owner = random(300);
      const before = weights.get(owner) ?? 0;
      const change = random(2) === 0 ? -Math.min(before, random(2_000)) : random(2_000);
      heaviest.add(owner, change);
      weights.set(owner, before + change);
      if (step % 50 > 0) continue;
      const most = Math.max(...weights.values());
      expect(heaviest.weightOf(heaviest.get()!)).toBeGreaterThanOrEqual((most * 7) / 8);
    }
  });
});
