import { checkRow, written, type Row } from './filter-helpers';

const rows: Record<string, Row[]> = {
  'the examples of the specification': [
    [
      { email: 'important@client.com' },
      [{ email: 'important@client.com' }],
      [{ email: 'other@client.com' }, {}],
    ],
    [
      { amount: { gt: 10000 } },
      [{ amount: 10001 }, { amount: '10000.01' }],
      [{ amount: 10000 }, { amount: 1 }, {}],
    ],
  ],
  eq: [
    [{ s: { eq: 'paid' } }, [{ s: 'paid' }], [{ s: 'Paid' }, { s: 'paid ' }]],
    [{ n: { eq: 10.5 } }, [{ n: 10.5 }, { n: '10.50' }], [{ n: 10 }, { n: 'x' }]],
    [{ b: { eq: true } }, [{ b: true }], [{ b: false }]],
    [{ x: { eq: null } }, [{ x: null }], [{ x: 0 }, { x: '' }, {}]],
    [{ s: '' }, [{ s: '' }], [{ s: 'a' }, { s: null }]],
  ],
  ne: [
    [{ s: { ne: 'closed' } }, [{ s: 'open' }, { s: null }], [{ s: 'closed' }, {}]],
    [{ s: { ne: '' } }, [{ s: 'x' }], [{ s: '' }]],
  ],
  gt: [[{ n: { gt: 5 } }, [{ n: 6 }, { n: '5.1' }], [{ n: 5 }, { n: 4 }]]],
  gte: [[{ n: { gte: 5 } }, [{ n: 5 }, { n: '5.0' }], [{ n: 4.9 }]]],
  lt: [[{ n: { lt: 5 } }, [{ n: 4 }, { n: '-6' }], [{ n: 5 }, { n: 6 }]]],
  lte: [[{ n: { lte: 5 } }, [{ n: 5 }, { n: -5 }], [{ n: 5.1 }]]],
  between: [
    [
      { n: { between: [1, 3] } },
      [{ n: 1 }, { n: 2 }, { n: 3 }, { n: '2.5' }],
      [{ n: 0.9 }, { n: 3.1 }, { n: null }],
    ],
    [{ n: { between: [2, 2] } }, [{ n: 2 }], [{ n: 1 }, { n: 3 }]],
    [{ n: { between: ['1.5', 3] } }, [{ n: 1.5 }], [{ n: 1.4 }]],
  ],
  in: [
    [
      { s: { in: ['a', 1, null] } },
      [{ s: 'a' }, { s: 1 }, { s: '1.0' }, { s: null }],
      [{ s: 'b' }, { s: 2 }, {}],
    ],
  ],
  nin: [[{ s: { nin: ['a', 1] } }, [{ s: 'b' }, { s: 2 }, { s: null }], [{ s: 'a' }, { s: '1' }, {}]]],
  contains: [
    [{ s: { contains: 'bc' } }, [{ s: 'abcd' }, { s: 'bc' }], [{ s: 'b c' }, { s: 5 }, { s: null }]],
    [{ s: { contains: 5 } }, [{ s: [4, 5] }, { s: ['5.0'] }], [{ s: '456' }, { s: 5 }, { s: [4] }]],
  ],
  startsWith: [[{ s: { startsWith: 'ab' } }, [{ s: 'abc' }, { s: 'ab' }], [{ s: 'xab' }, { s: 'a' }]]],
  endsWith: [[{ s: { endsWith: 'ab' } }, [{ s: 'xab' }, { s: 'ab' }], [{ s: 'abx' }, { s: 'b' }]]],
  like: [
    [{ s: { like: 'a*c' } }, [{ s: 'ac' }, { s: 'abc' }, { s: 'a\nc' }], [{ s: 'abcd' }, { s: 'xac' }]],
    [{ s: { like: 'abc' } }, [{ s: 'abc' }], [{ s: 'abcd' }]],
  ],
  all: [
    [
      { t: { all: ['a', 1] } },
      [{ t: ['b', 'a', 1] }, { t: ['a', '1'] }],
      [{ t: ['a'] }, { t: [] }, { t: 'a' }, {}],
    ],
  ],
  size: [
    [{ t: { size: 2 } }, [{ t: [1, 2] }], [{ t: [1] }, { t: 'ab' }, { t: { length: 2 } }, { t: 2 }]],
    [{ t: { size: 0 } }, [{ t: [] }], [{ t: [0] }, {}]],
  ],
  exists: [
    [{ x: { exists: true } }, [{ x: 0 }, { x: null }, { x: [] }], [{}, { y: 1 }]],
    [{ x: { exists: false } }, [{}, { y: 1 }], [{ x: null }, { x: 0 }]],
  ],
  any: [
    [
      { items: { any: { sku: 'a', qty: { gt: 1 } } } },
      [{ items: [{ sku: 'b' }, { sku: 'a', qty: 2 }] }],
      [
        {
          items: [
            { sku: 'a', qty: 1 },
            { sku: 'b', qty: 2 },
          ],
        },
        { items: { sku: 'a', qty: 2 } },
        { items: [] },
        {},
      ],
    ],
  ],
  not: [
    [{ n: { not: { gt: 5 } } }, [{ n: 5 }, { n: 'x' }, { n: null }], [{ n: 6 }, {}]],
    [{ n: { not: { eq: 5 } } }, [{ n: 6 }], [{ n: 5 }, {}]],
    [{ n: { not: { in: ['a', 'b'] } } }, [{ n: 'c' }], [{ n: 'a' }, {}]],
  ],
  ignoreCase: [
    [{ s: { eq: 'ABC', ignoreCase: true } }, [{ s: 'abc' }, { s: 'aBC' }], [{ s: 'abd' }]],
    [{ s: { eq: 'ABC', ignoreCase: false } }, [{ s: 'ABC' }], [{ s: 'abc' }]],
    [{ s: { ne: 'ABC', ignoreCase: true } }, [{ s: 'x' }], [{ s: 'abc' }]],
    [{ s: { in: ['ABC', 5], ignoreCase: true } }, [{ s: 'abc' }, { s: 5 }], [{ s: 'x' }]],
    [{ s: { nin: ['ABC'], ignoreCase: true } }, [{ s: 'x' }], [{ s: 'abc' }]],
    [{ s: { contains: 'B', ignoreCase: true } }, [{ s: 'abc' }, { s: ['b'] }], [{ s: 'ac' }]],
    [{ s: { startsWith: 'A', ignoreCase: true } }, [{ s: 'abc' }], [{ s: 'bc' }]],
    [{ s: { endsWith: 'C', ignoreCase: true } }, [{ s: 'abc' }], [{ s: 'ab' }]],
    [{ s: { like: 'A*C', ignoreCase: true } }, [{ s: 'abc' }], [{ s: 'ab' }]],
    [{ s: { eq: { a: 'X' }, ignoreCase: true } }, [{ s: { a: 'x' } }], [{ s: { A: 'x' } }]],
  ],
  and: [[{ and: [{ a: 1 }, { b: 2 }] }, [{ a: 1, b: 2 }], [{ a: 1 }, { a: 1, b: 3 }]]],
  or: [[{ or: [{ a: 1 }, { b: 2 }] }, [{ a: 1 }, { b: 2 }], [{ a: 2, b: 1 }, {}]]],
  'logical not': [[{ not: { a: 1, b: 2 } }, [{ a: 1 }, {}, { a: 1, b: 3 }], [{ a: 1, b: 2 }]]],
};

describe.each(Object.entries(rows))('%s', (_, table) => {
  it.each(table.map((row) => [written(row[0]), row] as const))(
    '%s matches the data that it should, and no other',
    (_filter, row) => {
      checkRow(row);
      expect(row[1].length * row[2].length).toBeGreaterThan(0);
    },
  );
});
