import { FilterIndex, matchFilter, parseFilter } from 'nestjs-scripts-event/filters';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

/**
 * An index of one filter among others that no data here matches: few, which are sieved, or many, which are looked up.
 */
function among(others: number, filter: object): FilterIndex<string> {
  const index = new FilterIndex<string>();
  for (let at = 0; at < others; at += 1) index.add(`other ${at}`, parseFilter({ z: `other ${at}` }));
  index.add('one', parseFilter(filter));
  return index;
}

interface Answer {
  matched: readonly string[];
  tested: number;
}

function ask(index: FilterIndex<string>, data: unknown): Answer {
  const inquiry = index.ask(() => data);
  expect(inquiry.advance()).toBe(true);
  expect(index.match(data)).toEqual(inquiry.matched);
  return { matched: inquiry.matched, tested: inquiry.tested };
}

const BOTH: [string, number][] = [
  ['few', 10],
  ['many', 100],
];

const PROVED: [string, object, object][] = [
  ['a value', { a: 'x' }, { a: 'x' }],
  ['a value of digits', { a: '05' }, { a: '05' }],
  ['a number', { a: 5 }, { a: 5 }],
  ['a number that is written as text', { a: 5 }, { a: '5.00' }],
  ['null', { a: null }, { a: null }],
  ['true', { a: true }, { a: true }],
  ['a value in any case', { a: { eq: 'Ab', ignoreCase: true } }, { a: 'aB' }],
  ['one of a list', { a: ['x', 7] }, { a: 7 }],
  ['a beginning', { a: { startsWith: 'inv-' } }, { a: 'inv-1' }],
  ['an end', { a: { endsWith: '.example' } }, { a: 'x.example' }],
  ['a pattern with one star', { a: { like: 'inv-*' } }, { a: 'inv-1' }],
  ['a part that is looked up as a whole', { a: { contains: 'needle' } }, { a: 'a needle b' }],
  ['a bound', { a: { gt: 5 } }, { a: 6 }],
  ['bounds of one value', { a: { gt: 5, lt: 7 } }, { a: 6 }],
  ['a date', { a: { gte: '2026-01-01' } }, { a: '2026-01-02T00:00:00Z' }],
  ['a nested field', { 'a.b': 'x' }, { a: { b: 'x' } }],
];

describe.each(BOTH)('an index of %s filters whose look-ups prove a match', (_, others) => {
  it.each(PROVED)('matches a filter for %s without asking it', (__, filter, data) => {
    const index = among(others, filter);
    expect(ask(index, data)).toEqual({ matched: ['one'], tested: 0 });
  });

  it('matches a filter for two fields only if both match', () => {
    const index = among(others, { a: 'x', b: { gt: 5 } });
    const more = among(others, { a: 'x', b: { gt: 6 } });
    expect(ask(index, { a: 'x', b: 9 }).matched).toEqual(['one']);
    expect(ask(more, { a: 'x', b: 5 }).matched).toEqual([]);
  });

  it('matches an empty filter without asking it', () => {
    expect(ask(among(others, {}), { q: 1 })).toEqual({ matched: ['one'], tested: 0 });
  });
});

describe.each(BOTH)('an index of %s filters whose look-ups prove no match', (_, others) => {
  it.each<[string, object, object, boolean]>([
    ['bounds for elements of a list', { a: { gt: 10, lt: 15 } }, { a: [5, 20] }, false],
    ['an element of a list', { a: 'x' }, { a: ['y', 'x'] }, true],
    ['a bound itself', { a: { gt: 5 } }, { a: 5 }, false],
    ['a bound itself, included', { a: { gte: 5 } }, { a: 5 }, true],
    ['a range of one', { a: { gt: 5, lte: 5 } }, { a: 5 }, false],
    ['more digits than a double has', { a: { gt: '9007199254740992' } }, { a: '9007199254740993' }, true],
    ['more digits, and a number', { a: 9_007_199_254_740_992 }, { a: '9007199254740993' }, false],
    ['a bigint', { a: 5 }, { a: 5n }, true],
    [
      'parts of a millisecond',
      { a: { gt: '2026-01-01T00:00:00.0005Z' } },
      { a: '2026-01-01T00:00:00.0002Z' },
      false,
    ],
    ['a longer part', { a: { contains: 'needle in hay' } }, { a: 'needle in a stack of hay' }, false],
    ['a longer beginning', { a: { startsWith: `${'x'.repeat(40)}y` } }, { a: 'x'.repeat(50) }, false],
    ['a pattern with two stars', { a: { like: 'inv*x*' } }, { a: 'inv-1' }, false],
    ['a number in a text', { a: { contains: 5 } }, { a: 5 }, false],
    ['several operators', { a: { startsWith: 'inv', endsWith: 'x' } }, { a: 'inv-1' }, false],
    ['bounds of two kinds', { a: { gt: 5, lt: '2026-01-01' } }, { a: 6 }, false],
    ['another condition', { a: 'x', b: { ne: 1 } }, { a: 'x', b: 1 }, false],
    ['a negated condition', { a: 'x', not: { b: 1 } }, { a: 'x', b: 1 }, false],
    [
      'several conditions on one element',
      { l: { any: { a: 'x', b: 1 } } },
      { l: [{ a: 'x' }, { b: 1 }] },
      false,
    ],
    ['an element of elements', { l: { any: { a: 'x' } } }, { l: [{ a: 'x' }] }, true],
  ])('matches as the filter itself does: %s', (__, filter, data, matches) => {
    expect(matchFilter(parseFilter(filter), data)).toBe(matches);
    const index = among(others, filter);
    expect(ask(index, data).matched).toEqual(matches ? ['one'] : []);
  });
});

describe('a filter with alternatives', () => {
  const filter = { or: [{ city: 'Oslo' }, { region: 'north', amount: { gt: 5 }, 'deep.er': 1 }] };

  it('matches by each of its branches, if all conditions of the branch hold', () => {
    const index = among(100, filter);
    expect(ask(index, { city: 'Oslo' })).toEqual({ matched: ['one'], tested: 0 });
    for (let at = 0; at < 20; at += 1)
      index.add(`near ${at}`, parseFilter({ region: 'north', amount: { gt: at * 10 }, city: `${at}` }));
    const all = { region: 'north', amount: 6, deep: { er: 1 } };
    expect(ask(index, all).matched).toEqual(['one']);
    expect(ask(index, { ...all, amount: 5 }).matched).toEqual([]);
    expect(ask(index, { region: 'north', amount: 6 }).matched).toEqual([]);
  });

  it('within a branch of another one also needs the conditions beside it in that branch', () => {
    const index = among(100, { or: [{ a: 1, or: [{ b: 1 }, { c: 1 }] }, { d: 1 }], e: 1 });
    const answers = [
      { a: 1, b: 1, e: 1 },
      { a: 1, c: 1, e: 1 },
      { d: 1, e: 1 },
    ];
    for (const data of answers) expect(ask(index, data).matched).toEqual(['one']);
    const misses = [{ b: 1, e: 1 }, { a: 1, e: 1 }, { a: 1, b: 1 }, { d: 1 }, { c: 1, d: 2, e: 1 }];
    for (const data of misses) expect(ask(index, data).matched).toEqual([]);
  });

  it('does not match if an earlier branch reads data that can’t be read, whether it is asked or looked up', () => {
    const index = among(100, { or: [{ bad: 1, x: 1 }, { city: 'Oslo' }] });
    const throwing = {
      city: 'Oslo',
      get bad(): number {
        throw new Error('no');
      },
    };
    let nested: unknown = 1;
    for (let level = 0; level < 200; level += 1) nested = [nested];
    for (const data of [throwing, { city: 'Oslo', bad: nested }])
      expect(ask(index, data).matched).toEqual([]);
    expect(ask(index, { city: 'Oslo', bad: 2 })).toEqual({ matched: ['one'], tested: 0 });
  });
});

describe('the steps of an inquiry', () => {
  it('do not count against the limit of an event for filters that need not be asked', () => {
    const index = among(100, {});
    for (let at = 0; at < 500; at += 1) index.add(`same ${at}`, parseFilter({ a: 'x' }));
    const inquiry = index.ask(() => ({ a: 'x' }), { filterSteps: 1_000, eventSteps: 100 });
    expect(inquiry.advance()).toBe(true);
    expect(inquiry.matched).toHaveLength(501);
    expect(inquiry.undecided).toEqual([]);
    // Collecting them is counted anyway, because a caller works in slices of limited steps.
    expect(inquiry.stepsTaken).toBeGreaterThan(500);
  });

  it('include the preparation of a filter that is asked for the first time', () => {
    const long = { or: Array.from({ length: 60 }, (_, at) => ({ [`b${at}`]: { ne: `v${at}` } })) };
    const index = among(0, { a: { ne: 'x' }, ...long });
    const [first, second] = [1, 2].map(() => {
      const inquiry = index.ask(() => ({ a: 'y' }));
      inquiry.advance();
      return inquiry.stepsTaken;
    }) as [number, number];
    expect(first - second).toBeGreaterThan(JSON.stringify(long).length / 10);
    expect(second).toBeLessThan(400);
  });
});
