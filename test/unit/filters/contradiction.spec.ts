import { matchFilter, parseFilter, FilterError } from 'nestjs-scripts-event/filters';
import { RandomFilters, seeded } from '../../support/random-filters.js';
import { matches, written } from './filter-helpers.js';

const neverMatches = (filter: unknown): boolean => parseFilter(filter).neverMatches;

describe('a filter whose conditions on a field exclude each other', () => {
  it.each([
    { amount: { gt: 5, lt: 3 } },
    { amount: { gt: 5, lt: 5 } },
    { amount: { gt: 5, lte: '5.00' } },
    { amount: { gt: '9007199254740992', lt: '9007199254740992' } },
    { amount: { between: [1, 2], gt: 2 } },
    { amount: { gt: 5, lt: '2026-01-01' } },
    { at: { gte: '2026-01-02', lt: '2026-01-02' } },
    { at: { gte: '2026-01-02T00:00:00Z', lte: '2026-01-02T00:30:00+01:00' } },
    { status: { eq: 'paid', ne: 'paid' } },
    { status: { eq: 'PAID', ne: 'paid', ignoreCase: true } },
    { status: { eq: 'paid', in: ['open', 'overdue'] } },
    { status: { in: ['paid', 'open'], nin: ['open', 'paid', 'overdue'] } },
    { status: { in: ['paid', 'open'], startsWith: 'x' } },
    { status: { eq: 'paid', gt: 5 } },
    { amount: { in: [1, 2, '3'], gt: 3 } },
    { amount: { eq: 5, nin: [5, 6] } },
    { flag: { eq: true, like: 't*' } },
    { name: { exists: false, eq: 'Ada' } },
    { name: 'Ada', and: [{ email: { startsWith: 'a' } }, { amount: { gt: 5, lt: 3 } }] },
    { or: [{ amount: { gt: 5, lt: 3 } }, { 'client.age': { lt: 0, gt: 1 } }] },
    { items: { any: { quantity: { gt: 5, lt: 3 } } } },
  ])('never matches: %j', (filter) => {
    expect(neverMatches(filter)).toBe(true);
  });

  it.each<[unknown, unknown]>([
    [{ amount: { gte: 5, lte: 5 } }, { amount: 5 }],
    [{ amount: { gt: '9007199254740992', lt: '9007199254740994' } }, { amount: '9007199254740993' }],
    [{ amount: { eq: 5, in: ['5.0'] } }, { amount: '5.0' }],
    [{ amount: { eq: 5, ne: '5' } }, { amount: 5 }],
    [{ amount: { eq: 5, endsWith: '00' } }, { amount: '5.00' }],
    [{ status: { eq: 'paid', contains: 'open' } }, { status: ['paid', 'open'] }],
    [{ status: { eq: 'paid', all: ['open', 'paid'] } }, { status: ['paid', 'open'] }],
    [{ status: { eq: 'paid', not: { ne: 'open' } } }, { status: ['paid', 'open'] }],
    [{ status: { in: ['paid', 'open'], nin: ['open'] } }, { status: 'paid' }],
    [{ and: [{ status: 'paid' }, { status: 'open' }] }, { status: ['paid', 'open'] }],
    [{ and: [{ amount: { gt: 5 } }, { amount: { lt: 3 } }] }, { amount: [6, 2] }],
    [
      { at: { eq: '2026-01-02t00:00:00z', gt: '2026-01-01', ignoreCase: true } },
      { at: '2026-01-02T00:00:00Z' },
    ],
    [{ tags: { eq: ['a'], size: 1 } }, { tags: ['a'] }],
    [{ name: { exists: false } }, {}],
    [{ not: { amount: { gt: 5, lt: 3 } } }, {}],
    [{ or: [{ amount: { gt: 5, lt: 3 } }, { name: 'Ada' }] }, { name: 'Ada' }],
    [{}, {}],
  ])('differs from a filter that some data matches: %j', (filter, data) => {
    expect(matches(filter, data)).toBe(true);
    expect(neverMatches(filter)).toBe(false);
  });

  it('matches no random data', () => {
    const make = new RandomFilters(seeded(29));
    let found = 0;
    for (let count = 0; count < 4_000; count += 1) {
      const json = make.filter();
      let filter;
      try {
        filter = parseFilter(json);
      } catch (error) {
        // Some random filters are invalid, such as an empty range.
        if (error instanceof FilterError) continue;
        throw error;
      }
      if (!filter.neverMatches) continue;
      found += 1;
      for (let round = 0; round < 40; round += 1) {
        const data = make.data();
        if (matchFilter(filter, data)) throw new Error(`${written(json)} matches ${written(data)}`);
      }
    }
    expect(found).toBeGreaterThan(100);
  });
});
