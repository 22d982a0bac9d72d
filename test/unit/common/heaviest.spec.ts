import { Heaviest, type Weighted } from '../../../lib/common/heaviest.js';

const owner = (): Weighted => ({ weight: 0 });

describe('Heaviest', () => {
  it('returns the owner with the greatest weight while weights go up and down', () => {
    const [a, b] = [owner(), owner()];
    const heaviest = new Heaviest(() => [a, b]);
    expect(heaviest.get()).toBeUndefined();
    heaviest.add(a, 3);
    heaviest.add(b, 5);
    expect(heaviest.get()).toBe(b);
    heaviest.add(b, -3);
    expect(heaviest.get()).toBe(a);
    heaviest.add(a, -3);
    expect(heaviest.get()).toBe(b);
    heaviest.add(b, -2);
    expect(heaviest.get()).toBeUndefined();
    expect(a.weight).toBe(0);
  });

  it.each([
    ['often', 50],
    ['seldom', 5_000],
  ])(
    'returns no owner with less than seven eighths of the greatest weight when it is asked %s',
    (_, each) => {
      const owners = Array.from({ length: 300 }, owner);
      const heaviest = new Heaviest(() => owners);
      let seed = 7;
      const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
      for (let step = 0; step < 40_000; step++) {
        const one = owners[random(300)]!;
        heaviest.add(one, random(2) === 0 ? -Math.min(one.weight, random(2_000)) : random(2_000));
        if (step % each > 0) continue;
        const most = Math.max(...owners.map(({ weight }) => weight));
        expect(heaviest.get()?.weight ?? 0).toBeGreaterThanOrEqual((most * 7) / 8);
      }
    },
  );

  it('looks at all owners when it is first asked, and again after many changes without a question', () => {
    const owners = Array.from({ length: 100 }, owner);
    let looks = 0;
    const heaviest = new Heaviest(() => {
      looks++;
      return owners;
    });
    for (const one of owners) heaviest.add(one, 1);
    expect(looks).toBe(0);
    for (let i = 0; i < 1_000; i++) {
      heaviest.add(owners[i % 100]!, 1);
      heaviest.get();
    }
    expect(looks).toBe(1);
    for (let i = 0; i < 1_000; i++) heaviest.add(owners[i % 100]!, 1);
    heaviest.get();
    expect(looks).toBe(2);
  });
});
