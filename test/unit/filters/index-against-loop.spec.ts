import { FilterIndex, matchFilter, parseFilter } from 'nestjs-scripts-event/filters';
import { compareWithLoop } from '../../support/index-against-loop';
import { RandomFilters, seeded } from '../../support/random-filters';
import { FULL, inShortOneIn } from '../../support/test-form.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

describe('the index of many filters', () => {
  // Other seeds, and millions of answers: `npm run bench:routing`.
  it.each(inShortOneIn(4, [1, 2, 3, 4]))(
    'matches the same filters as a loop over all, while filters are added, changed and removed (seed %p)',
    (seed) => {
      const { compared, matched, tested } = compareWithLoop(seed, 15_000);
      expect(compared).toBeGreaterThanOrEqual(15_000);
      // Some filters matched, and most were never asked.
      expect(matched).toBeGreaterThan(300);
      expect(tested).toBeLessThan(compared / 3);
    },
  );
});

const OPERATORS: [string, unknown, unknown[], unknown[]][] = [
  ['a value', 'x1', ['x1', ['a', ['x1']]], ['x10', 1, null, { x1: 1 }]],
  ['a number', 5, [5, '5', '5.00', 5n, [1, '5.0']], ['05', 5.1, '5.000001', true]],
  ['a number of many digits', 9_007_199_254_740_992, ['9007199254740992.0'], ['9007199254740993']],
  ['true', true, [true, [true]], ['true', 1]],
  ['null', null, [null], ['null', 0]],
  ['digits as text', '05', ['05'], [5, '5']],
  ['a value in any case', { eq: 'Straße', ignoreCase: true }, ['STRAßE'], ['strasse']],
  ['a list', ['x1', 7, null], ['x1', '7.0', null], ['x2', '71']],
  ['a beginning', { startsWith: 'inv' }, ['inv', 'inv-9', ['a', 'inv1']], ['Inv', 'in', 5]],
  ['a long end', { endsWith: `.${'e'.repeat(60)}` }, [`a.${'e'.repeat(60)}`], [`a${'e'.repeat(61)}`]],
  ['an end in any case', { endsWith: 'Σ', ignoreCase: true }, ['aΣ', 'Aς'], ['Σa']],
  [
    'a part of a text, or an element',
    { contains: 'needle' },
    ['a needle b', ['needle']],
    ['needl', ['a needle']],
  ],
  ['a short part', { contains: 'abc' }, ['xxabcxx', 'abc'], ['ab', 'acb']],
  ['a part in any case', { contains: 'NEEDLE', ignoreCase: true }, ['a Needle b'], ['need le']],
  ['an element', { contains: 5 }, [[1, '5']], ['5', 5]],
  [
    'all of some elements',
    { all: ['a', 'b'] },
    [
      ['b', 'c', 'a'],
      [['a'], 'b'],
    ],
    [['a'], 'a'],
  ],
  ['a pattern', { like: 'a*needle*z' }, ['a needle z', 'aneedlez'], ['a needle', 'b needle z']],
  ['a pattern without a star', { like: 'a\\*' }, ['a*'], ['ab']],
  ['a bound', { gt: 5 }, [6, '5.1', [1, 9]], [5, '5', 'a']],
  ['a bound of many digits', { gt: '9007199254740992' }, ['9007199254740993'], ['9007199254740992']],
  ['a range', { between: [5, 6] }, [5, '6.0', [9, 5.5]], [4.9, 7, [4, 7]]],
  ['bounds for one element', { gt: 10, lt: 15 }, [12, [5, 12]], [[5, 20]]],
  [
    'a date',
    { gte: '2026-01-01' },
    ['2026-01-01T00:00:00Z', '2026-05-01'],
    ['2025-12-31T23:59:59.999999999Z', 1],
  ],
  ['an object', { eq: { a: 1 } }, [{ a: 1 }], [{ a: 2 }]],
  ['a length', { size: 2 }, [[1, 2]], [[1]]],
  ['another value', { ne: 1 }, [2], [1]],
];

describe('the index of a few filters', () => {
  it.each(inShortOneIn(4, [5, 6, 7, 8]))(
    'matches the same filters as a loop over all, and asks few of them (seed %p)',
    (seed) => {
      const { compared, matched, tested } = compareWithLoop(seed, 10_000, 16);
      expect(compared).toBeGreaterThanOrEqual(10_000);
      expect(matched).toBeGreaterThan(200);
      expect(tested).toBeLessThan(compared / 2);
    },
  );

  it.each(OPERATORS)('finds the filter for %s, and asks no other', (_, condition, hits, misses) => {
    const index = new FilterIndex<string>();
    index.add('one', parseFilter({ f: condition }));
    for (let other = 0; other < 14; other += 1) {
      const asked = [`other ${other}`, { startsWith: `other ${other}` }, { gt: 1_000 + other }, other];
      index.add(`other ${other}`, parseFilter({ [`g${other % 3}`]: asked[other % 4] }));
    }
    for (const value of [...hits, ...misses]) {
      const inquiry = index.ask(() => ({ f: value, g0: 'none', g1: 99, g2: null }));
      inquiry.advance();
      expect(inquiry.matched).toEqual(hits.includes(value) ? ['one'] : []);
      expect(inquiry.tested).toBeLessThanOrEqual(1);
    }
  });
});

describe('a look-up among many filters', () => {
  it.each(OPERATORS)('finds the filter for %s, also within or and any', (_, condition, hits, misses) => {
    const filters = [
      { f: condition },
      { or: [{ f: condition }, { never: 1 }] },
      { list: { any: { f: condition } } },
    ];
    const index = new FilterIndex<string>();
    for (let other = 0; other < 100; other += 1) {
      index.add(`other ${other}`, parseFilter({ [`g${other % 5}`]: `other ${other}` }));
      index.add(`same field ${other}`, parseFilter({ f: `other ${other}` }));
    }
    for (const [at, filter] of filters.entries()) index.add(`one ${at}`, parseFilter(filter));
    for (const value of [...hits, ...misses]) {
      const found = hits.includes(value);
      // Dotted paths read a list in a list like its elements.
      const data = { f: value, list: [{}, [{ f: value }]] };
      expect(matchFilter(parseFilter(filters[0]), data)).toBe(found);
      expect(index.match(data).toSorted()).toEqual(found ? ['one 0', 'one 1', 'one 2'] : []);
    }
  });
});

const ROUNDS = FULL ? 400 : 100;

it('the index finds a filter by each of its branches, even if they share a condition', () => {
  const index = new FilterIndex<string>();
  const filters = new Map<string, unknown>();
  for (let at = 0; at < 40; at += 1) {
    filters.set(`one group ${at}`, {
      or: [
        { a: 1, b: at },
        { a: 1, c: at },
        { a: 2, d: { gt: at } },
      ],
    });
    filters.set(`two groups ${at}`, {
      and: [{ or: [{ a: 1, b: at }, { e: at }] }, { or: [{ a: 1, c: at }, { f: at }] }],
    });
    filters.set(`within ${at}`, {
      l: {
        any: {
          or: [
            { a: 1, or: [{ b: at }, { a: 2, c: at }] },
            { a: 1, c: { lt: at } },
          ],
        },
      },
    });
  }
  const parsed = [...filters].map(([id, filter]) => [id, parseFilter(filter)] as const);
  for (const [id, filter] of parsed) index.add(id, filter);
  const values = [undefined, 1, 2, 7, 39];
  const make = new RandomFilters(seeded(3));
  const object = (): object =>
    Object.fromEntries(['a', 'a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, make.pick(values)]));
  let found = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const data = { ...object(), a: make.pick([1, 1, 2]), l: [object(), object()] };
    const wanted = parsed.filter(([, filter]) => matchFilter(filter, data));
    expect(index.match(data)).toEqual(wanted.map(([id]) => id));
    found += wanted.length;
  }
  expect(found).toBeGreaterThan(ROUNDS);
});

/** One hundred filters that the index can tell apart. */
function hundred(): FilterIndex<number> {
  const index = new FilterIndex<number>();
  for (let at = 0; at < 100; at += 1) index.add(at, parseFilter({ kind: at % 10, id: `c${at}` }));
  return index;
}

describe('an inquiry of many filters', () => {
  const data = { kind: 3, id: 'c33' };

  it('asks the filters that the index had when it began, whatever has changed since', () => {
    const index = hundred();
    const inquiry = index.ask(() => data);
    index.remove(33);
    index.add(7, parseFilter(data));
    index.add(200, parseFilter({}));
    const later = index.ask(() => data);
    index.remove(7);
    expect([inquiry.advance(), later.advance()]).toEqual([true, true]);
    expect(inquiry.matched).toEqual([33]);
    expect(later.matched).toEqual([7, 200]);
    expect([inquiry.size, later.size, index.size]).toEqual([100, 100, 99]);
    expect(index.match(data)).toEqual([200]);
  });

  it('leaves all of those filters undecided if it is given up, even the removed ones', () => {
    const index = hundred();
    const inquiry = index.ask(() => data);
    index.remove(5);
    index.add(500, parseFilter({}));
    inquiry.giveUp();
    expect(inquiry.undecided.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, at) => at));
  });

  it('lists matches in the order in which the filters were added', () => {
    const index = hundred();
    index.add(3, parseFilter({ id: { startsWith: 'c' } }));
    index.add(100, parseFilter({ kind: { gt: 2 } }));
    index.add(50, parseFilter({ id: { contains: '33' } }));
    expect(index.match(data)).toEqual([3, 33, 50, 100]);
  });

  it('asks at most one filter more than match', () => {
    const inquiry = hundred().ask(() => data);
    inquiry.advance();
    expect(inquiry.matched).toEqual([33]);
    expect(inquiry.tested).toBeLessThanOrEqual(2);
  });
});

it('an index from which everything was removed behaves like a new one', () => {
  const index = hundred();
  for (let at = 0; at < 100; at += 1)
    index.add(at, parseFilter({ or: [{ a: at }, { b: { gt: at } }, { c: { contains: `part ${at}` } }] }));
  expect(index.stats()).toEqual({ size: 100, indexed: 100, scanned: 0 });
  for (let at = 0; at < 100; at += 1) index.remove(at);
  expect(index.stats()).toEqual({ size: 0, indexed: 0, scanned: 0 });
  expect({ ...(index as unknown as { root: object }).root }).toEqual({
    ...(new FilterIndex() as unknown as { root: object }).root,
    mark: expect.any(Number) as number,
  });
});
