import { parseFilter, matchFilter } from 'nestjs-scripts-event/filters';
import { checkRow, issuesOf, matches, written, type Row } from './filter-helpers';

const POSITIVE = [
  { eq: 1 },
  { gt: 1 },
  { gte: 1 },
  { lt: 1 },
  { lte: 1 },
  { between: [0, 1] },
  { in: [1] },
  { contains: 'a' },
  { startsWith: 'a' },
  { endsWith: 'a' },
  { like: '*' },
  { all: [1] },
  { any: {} },
];
const NEGATIVE = [{ ne: 1 }, { nin: [1] }, { not: { gt: 1 } }];
const json = (text: string): unknown => JSON.parse(text);

const rules: Record<string, Row[]> = {
  'rule 1: a missing field fails every condition but exists: false': [
    ...[...POSITIVE, ...NEGATIVE, { size: 0 }, { exists: true }, { not: { exists: true } }].map(
      (condition): Row => [{ 'a.x': condition }, [], [{}, { a: {} }, { a: null }, { a: 'text' }, { a: [] }]],
    ),
    [{ 'a.x': { exists: false } }, [{}, { a: {} }, { a: null }, { a: 5 }, { a: [] }], [{ a: { x: null } }]],
    [{ not: { x: { gt: 1 } } }, [{}, { x: 1 }], [{ x: 2 }]],
    [{ x: { exists: false, ne: 1 } }, [], [{}, { x: 2 }]],
  ],
  'rule 2: null is a value, undefined is missing': [
    [{ x: null }, [{ x: null }, { x: [1, null] }], [{}, { x: undefined }, { x: 0 }, { x: false }, { x: '' }]],
    [{ x: { exists: true } }, [{ x: null }], [{ x: undefined }]],
    [{ x: { ne: 1 } }, [{ x: null }], [{ x: undefined }]],
    [{ x: { ne: null } }, [{ x: 0 }, { x: '' }, { x: [] }], [{ x: null }, {}]],
    [{ x: { gte: 0 } }, [{ x: 0 }], [{ x: null }]],
    [{ x: { lte: 0 } }, [{ x: 0 }], [{ x: null }]],
    [{ x: { like: '*' } }, [{ x: '' }, { x: 'null' }], [{ x: null }]],
    [{ x: { contains: null } }, [{ x: [null] }], [{ x: null }, { x: 'null' }]],
  ],
  'rule 3: a number meets numbers, bigint and plain decimal text by value': [
    [
      { x: 10000.5 },
      [{ x: 10000.5 }, { x: '10000.5' }, { x: '10000.50' }, { x: '10000.5000000000000000000' }],
      [{ x: '10000.51' }, { x: '10,000.5' }, { x: ' 10000.5' }, { x: '10000.5 ' }, { x: '+10000.5' }],
    ],
    [
      { x: 10000 },
      [{ x: 10000n }, { x: '10000' }, { x: 1e4 }],
      [{ x: 10001n }, { x: '1e4' }, { x: '010000' }],
    ],
    [
      { x: 1000 },
      [{ x: '1000.0' }],
      [{ x: '1,000' }, { x: '1000.' }, { x: '٣' }, { x: '0x3e8' }, { x: '1000\n' }],
    ],
    [
      { x: 0 },
      [{ x: -0 }, { x: '-0' }, { x: '0.00' }, { x: '-0.0' }, { x: 0n }],
      [{ x: '' }, { x: '00' }, { x: '.0' }],
    ],
    [{ x: 1 }, [{ x: `1.${'0'.repeat(62)}` }], [{ x: `1.${'0'.repeat(63)}` }]],
    [{ x: { gt: 5 } }, [{ x: 6n }, { x: '6' }], [{ x: '6e0' }, { x: 'six' }, { x: true }, { x: {} }]],
  ],
  'rule 4: text equals text only, by its exact code points': [
    [{ x: '5' }, [{ x: '5' }], [{ x: 5 }, { x: 5n }, { x: '5.0' }]],
    [{ x: '007' }, [{ x: '007' }], [{ x: 7 }, { x: '7' }]],
    [{ x: 7 }, [{ x: 7 }], [{ x: '007' }]],
    [{ x: 'é' }, [{ x: '\u00e9' }], [{ x: 'e\u0301' }]],
    [{ x: { in: ['5'] } }, [{ x: '5' }], [{ x: 5 }]],
    [{ x: { ne: '5' } }, [{ x: 5 }], [{ x: '5' }]],
  ],
  'rule 5: numbers compare exactly beyond 15 digits': [
    [
      { x: { gt: '9007199254740992' } },
      [{ x: '9007199254740993' }, { x: 9007199254740993n }],
      [{ x: '9007199254740992' }],
    ],
    [
      { x: { lt: '9007199254740993' } },
      [{ x: 9007199254740992 }, { x: '9007199254740992' }],
      [{ x: '9007199254740993' }],
    ],
    [
      { x: { gt: 0.1 } },
      [{ x: '0.10000000000000000000001' }],
      [{ x: 0.1 }, { x: '0.1' }, { x: '0.10000000000000000000' }],
    ],
    [{ x: 0.3 }, [{ x: '0.3' }], [{ x: 0.1 + 0.2 }]],
    [{ x: 1e21 }, [{ x: `1${'0'.repeat(21)}` }, { x: 10n ** 21n }], [{ x: `1${'0'.repeat(20)}1` }]],
    [{ x: { in: [0.1] } }, [{ x: '0.100000000000000000' }], [{ x: '0.100000000000000001' }]],
  ],
  'rule 6: order compares numbers and dates, bounds of between included': [
    [{ x: { gt: '100' } }, [{ x: 101 }, { x: '100.5' }], [{ x: 99 }, { x: '99' }, { x: 'zzz' }]],
    [{ x: { between: [1, 2] } }, [{ x: 1 }, { x: 2 }], [{ x: 0 }, { x: 3 }]],
    [
      { x: { between: ['2026-01-01', '2026-01-31'] } },
      [{ x: '2026-01-31' }],
      [{ x: '2026-01-31T00:00:01Z' }],
    ],
  ],
  'rule 7: dates compare as instants with ISO text': [
    [
      { at: { gte: '2026-03-01' } },
      [
        { at: '2026-03-01' },
        { at: '2026-03-01T00:00:00Z' },
        { at: '2026-03-01T00:00' },
        { at: '2026-03-01T01:00+01:00' },
      ],
      [
        { at: '2026-02-28T23:59:59.999Z' },
        { at: '2026-03-01T00:30:00+01:00' },
        { at: 1772323200000 },
        { at: '1772323200000' },
      ],
    ],
    [
      { at: { lt: '2026-03-01T08:00:00+02:00' } },
      [{ at: '2026-03-01T05:59:59' }],
      [{ at: '2026-03-01T06:00:00Z' }],
    ],
    [
      { at: { gt: '2026-03-01' } },
      [{ at: '2026-03-01T00:00:00.000001Z' }],
      [{ at: '2026-02-30' }, { at: 'March 2' }, { at: '2027' }],
    ],
    [
      { at: { gt: '2026-03-01T00:00:00.000001Z' } },
      [{ at: '2026-03-01T00:00:00.000002Z' }],
      [{ at: '2026-03-01T00:00:00.000001Z' }],
    ],
    [{ at: { gt: 2020 } }, [{ at: 2021 }], [{ at: '2026-03-01' }]],
  ],
  'rule 8: objects match in their JSON form': [
    [
      { at: { gt: '2026-01-01' } },
      [{ at: new Date('2026-01-02') }],
      [{ at: new Date('2025-01-02') }, { at: new Date(Number.NaN) }],
    ],
    [{ at: '2026-01-02T00:00:00.000Z' }, [{ at: new Date('2026-01-02') }], [{ at: new Date('2026-01-03') }]],
    [
      { at: null },
      [{ at: new Date(Number.NaN) }, { at: Number.NaN }, { at: Infinity }],
      [{ at: new Date(0) }],
    ],
    [{ price: { gt: 5 } }, [{ price: { toJSON: () => '5.01' } }], [{ price: { toJSON: () => '5.00' } }]],
    [
      { 'money.amount': 5 },
      [{ money: { toJSON: () => ({ amount: 5 }) } }],
      [{ money: { amount: 5, toJSON: () => 'x' } }],
    ],
    [{ n: 5 }, [{ n: Object(5) as unknown }], [{ n: Object(6) as unknown }]],
    [{ tags: 'a' }, [{ tags: { toJSON: () => ['a'] } }], [{ tags: new Set(['a']) }, { tags: () => 'a' }]],
    [
      { 'm.message': { exists: false } },
      [{ m: new Error('x') }, { m: new Map([['message', 1]]) }],
      [{ m: { message: 'x' } }],
    ],
    [{ x: { eq: { a: 1 } } }, [{ x: { a: 1, b: undefined, c: () => 1 } }], [{ x: { a: 1, b: null } }]],
    [{ x: { eq: [null, 1] } }, [{ x: [undefined, 1] }], [{ x: [1] }]],
  ],
  'rule 9: booleans are exact': [
    [{ x: true }, [{ x: true }], [{ x: 'true' }, { x: 1 }, { x: false }]],
    [{ x: false }, [{ x: false }], [{ x: 0 }, { x: '' }, { x: null }, {}]],
    [{ x: 1 }, [{ x: 1 }], [{ x: true }]],
    [{ x: 'true' }, [{ x: 'true' }], [{ x: true }]],
  ],
  'rule 10: case counts unless ignoreCase, which knows no locale': [
    [{ x: 'Ab' }, [{ x: 'Ab' }], [{ x: 'ab' }]],
    [{ x: { eq: 'TITLE', ignoreCase: true } }, [{ x: 'title' }], [{ x: 'tıtle' }]],
    [{ x: { eq: 'ÄÖ', ignoreCase: true } }, [{ x: 'äö' }], [{ x: 'ao' }]],
    [{ x: { startsWith: 'ΟΔΟΣ', ignoreCase: true } }, [{ x: 'οδοσα' }, { x: 'οδος' }], [{ x: 'οδο' }]],
  ],
  'rule 11: text operators look at text only': [
    [{ x: { contains: '5' } }, [{ x: '456' }], [{ x: 456 }, { x: { 5: 5 } }, { x: true }]],
    [{ x: { startsWith: 't' } }, [{ x: 'true' }], [{ x: true }]],
    [{ x: { like: 'a\\*b' } }, [{ x: 'a*b' }], [{ x: 'axb' }, { x: 'a\\*b' }]],
    [{ x: { like: 'a\\\\b*' } }, [{ x: 'a\\b' }, { x: 'a\\bc' }], [{ x: 'ab' }]],
    [{ x: { like: 'a.c?[x]%_' } }, [{ x: 'a.c?[x]%_' }], [{ x: 'abcd[x]%_' }]],
    [{ x: { like: '*' } }, [{ x: '' }, { x: 'x' }], [{ x: 5 }]],
    [{ x: { like: 'ab*ba' } }, [{ x: 'abba' }, { x: 'abxba' }], [{ x: 'aba' }]],
    [{ x: { like: '*ab*ab*' } }, [{ x: 'abab' }, { x: 'xabyabz' }], [{ x: 'aab' }]],
    [{ x: { like: 'a**b' } }, [{ x: 'ab' }, { x: 'axb' }], [{ x: 'a' }]],
  ],
  'rule 12: a list matches if one of its elements meets all operators': [
    [{ x: 5 }, [{ x: [4, 5] }, { x: [[4], [5]] }], [{ x: [4] }]],
    [{ x: { gt: 10, lt: 15 } }, [{ x: [5, 12] }], [{ x: [5, 20] }]],
    [{ x: { startsWith: 'a', endsWith: 'z' } }, [{ x: ['az', 'b'] }], [{ x: ['ab', 'bz'] }]],
    [{ x: { ne: 5 } }, [{ x: [4, 6] }], [{ x: [4, 5] }]],
    [{ x: { nin: [5, 6] } }, [{ x: [4] }], [{ x: [4, 6] }]],
    [{ x: { not: { gt: 5 } } }, [{ x: [4, 5] }], [{ x: [4, 6] }]],
    [{ x: { gt: 5, ne: 7 } }, [{ x: [6, 8] }], [{ x: [7, 8] }]],
    [{ x: { contains: 'vi' } }, [{ x: ['vi', 'x'] }, { x: 'vip' }], [{ x: ['vip'] }]],
    [{ x: { all: ['a', 'b'] } }, [{ x: ['b', 'a', 'c'] }], [{ x: ['a', 'c'] }]],
    [{ x: { all: [5, '5'] } }, [{ x: ['5'] }], [{ x: [5] }]],
    [
      { x: { all: ['a'] } },
      [{ x: 'a' }, { x: ['a'] }, { x: [['a']] }],
      [{ x: 'b' }, { x: {} }, { x: [] }, {}],
    ],
    [{ x: { all: [1, 2] } }, [{ x: [2, 1] }], [{ x: 1 }, { x: '12' }]],
    [{ x: { all: [null] } }, [{ x: null }, { x: [null] }], [{ x: 0 }, {}]],
    [{ x: { all: [5, '5'] } }, [{ x: '5' }], [{ x: 5 }]],
    [{ x: { size: 2, gt: 5 } }, [{ x: [1, 6] }], [{ x: [6] }, { x: [1, 2] }]],
  ],
  'rule 13: an empty list is present and matches nothing positive': [
    ...POSITIVE.map((condition): Row => [{ x: condition }, [], [{ x: [] }]]),
    ...NEGATIVE.map((condition): Row => [{ x: condition }, [{ x: [] }], []]),
    [{ x: { exists: true } }, [{ x: [] }], []],
    [{ x: { exists: false } }, [], [{ x: [] }]],
    [{ x: { size: 0 } }, [{ x: [] }], []],
    [{ x: { eq: [] } }, [{ x: [] }, { x: [1, []] }], [{ x: [1] }, { x: '' }, { x: {} }, { x: null }, {}]],
    [{ x: { ne: [] } }, [{ x: [1] }, { x: 1 }], [{ x: [] }, { x: [[]] }, {}]],
    [{ x: { eq: { a: [] } } }, [{ x: { a: [] } }], [{ x: { a: [1] } }]],
    [{ x: { ne: null } }, [{ x: [] }], []],
  ],
  'rule 14: paths pass through lists, any ties conditions to one element': [
    [
      { 'items.sku': 'a' },
      [{ items: [{ sku: 'b' }, { sku: 'a' }] }, { items: [[{ sku: 'a' }]] }],
      [{ items: [{ sku: 'b' }] }],
    ],
    [{ 'a.b.c': 1 }, [{ a: [{ b: [{ c: 2 }, { c: 1 }] }] }], [{ a: [{ b: [{ c: 2 }] }] }]],
    [{ 'i.a': 1, 'i.b': 2 }, [{ i: [{ a: 1 }, { b: 2 }] }], [{ i: [{ a: 1 }, { b: 3 }] }]],
    [{ i: { any: { a: 1, b: 2 } } }, [{ i: [{ a: 1, b: 2 }] }], [{ i: [{ a: 1 }, { b: 2 }] }]],
    [{ 'i.a': { ne: 1 } }, [{ i: [{ a: 2 }, {}] }], [{ i: [{ a: 1 }, { a: 2 }] }, { i: [] }, { i: [{}] }]],
    [
      { 'i.a': { all: [1, 2] } },
      [{ i: [{ a: 1 }, { a: 2 }] }, { i: [{ a: [1] }, { a: [2] }] }],
      [{ i: [{ a: 1 }] }],
    ],
    [{ 'i.t': { size: 2 } }, [{ i: [{ t: [1] }, { t: [1, 2] }] }], [{ i: [{ t: [1] }, { t: [1] }] }]],
    [{ i: { any: { or: [{ a: 1 }, { not: { b: 2 } }] } } }, [{ i: [{ b: 3 }] }], [{ i: [{ b: 2 }] }]],
    [
      { i: { any: { a: 1, b: 2 } } },
      [{ i: [[{ a: 1, b: 2 }]] }, { i: [[], [[{ a: 2 }], { a: 1, b: 2 }]] }],
      [{ i: [[{ a: 1 }, { b: 2 }]] }, { i: [[{ a: 1 }], [{ b: 2 }]] }],
    ],
    [{ i: { any: { not: { a: 1 } } } }, [{ i: [[{ a: 2 }]] }], [{ i: [[{ a: 1 }]] }, { i: [[]] }]],
    [{ i: { any: {} } }, [{ i: [[5]] }], [{ i: [[], [[]]] }]],
  ],
  'rule 15: names are own and exact, numbers index lists, and text has no fields': [
    [
      { 'items.0.sku': 'a' },
      [{ items: [{ sku: 'a' }] }, { items: { 0: { sku: 'a' } } }],
      [{ items: [{}, { sku: 'a' }] }],
    ],
    [{ 'items.1': 'b' }, [{ items: ['a', 'b'] }], [{ items: ['b'] }, { items: [['a', 'b']] }]],
    [{ 'items.1': { exists: true } }, [{ items: ['a', null] }], [{ items: ['a'] }]],
    [{ 'items.01': { exists: true } }, [{ items: { '01': 1 } }], [{ items: ['a', 'b'] }]],
    [{ 'items.-1': { exists: true } }, [{ items: { '-1': 1 } }], [{ items: ['a'] }]],
    [{ 's.length': { exists: true } }, [{ s: { length: 1 } }], [{ s: 'abc' }, { s: [1, 2] }]],
    [{ 's.0': { exists: true } }, [{ s: ['a'] }], [{ s: 'abc' }]],
    [{ Name: 'x' }, [{ Name: 'x' }], [{ name: 'x' }, { 'Name ': 'x' }]],
    [{ '/client/full.name': 'x' }, [{ client: { 'full.name': 'x' } }], [{ client: { full: { name: 'x' } } }]],
    [{ '/or': 1, '/$x': 2, '/a~1b~0c': 3 }, [{ or: 1, $x: 2, 'a/b~c': 3 }], [{ or: 1, $x: 2 }]],
    [{ '/items/0/sku': 'a' }, [{ items: [{ sku: 'a' }] }], [{ items: [] }]],
    [{ 'or.x': 1 }, [{ or: { x: 1 } }], [{ or: 1 }]],
    [{ '/': 1 }, [{ '': 1 }], [{}, { '/': 1 }]],
    [{ '/a//b': 1 }, [{ a: { '': { b: 1 } } }], [{ a: { b: 1 } }]],
    [{ '/a/': 1 }, [{ a: { '': 1 } }], [{ a: 1 }]],
  ],
  'rule 16: inherited names are missing': [
    [{ constructor: { exists: true } }, [json('{"constructor": 1}')], [{}]],
    [{ 'a.toString': { exists: true } }, [{ a: { toString: 1 } }], [{ a: {} }, { a: [] }, { a: 'x' }]],
    [{ 'constructor.name': 'Object' }, [{ constructor: { name: 'Object' } }], [{}]],
    [{ x: 1 }, [{ x: 1 }], [Object.create({ x: 1 }), json('{"__proto__": {"x": 1}}')]],
    [{ hasOwnProperty: 1 }, [{ hasOwnProperty: 1 }], [{}]],
    [
      { a: { eq: json('{"__proto__": {"b": 1}}') } },
      [{ a: json('{"__proto__": {"b": 1}}') }],
      [{ a: {} }, { a: { b: 1 } }],
    ],
  ],
  'rule 17: all entries and operators must match': [
    [{ a: 1, b: 2 }, [{ a: 1, b: 2 }], [{ a: 1 }, { b: 2 }]],
    [{ a: { gt: 1, lt: 3 } }, [{ a: 2 }], [{ a: 1 }, { a: 3 }]],
    [
      { a: 1, or: [{ b: 1 }, { c: 1 }], not: { d: 1 } },
      [{ a: 1, c: 1 }],
      [{ a: 1 }, { c: 1 }, { a: 1, c: 1, d: 1 }],
    ],
    [{ or: [{ a: { exists: false } }, { a: 1 }] }, [{}, { a: 1 }], [{ a: 2 }]],
  ],
  'rule 18: a list in the filter means in, each value by its own type': [
    [
      { x: ['a', 5, true, null] },
      [{ x: 'a' }, { x: '5.0' }, { x: true }, { x: null }, { x: ['z', 'a'] }],
      [{ x: 'true' }, { x: 'A' }],
    ],
    [{ x: ['5'] }, [{ x: '5' }], [{ x: 5 }]],
  ],
  'rule 19: whole objects and lists are equal under eq and ne': [
    [
      { x: { eq: { a: 1, b: [1, 2] } } },
      [{ x: { b: [1, 2], a: 1 } }],
      [{ x: { a: 1 } }, { x: { a: 1, b: [2, 1] } }, { x: { a: 1, b: [1, 2], c: 1 } }],
    ],
    [{ x: { eq: [1, 2] } }, [{ x: [1, 2] }, { x: [[1, 2], 3] }], [{ x: [2, 1] }, { x: [1, 2, 3] }, { x: 1 }]],
    [{ x: { eq: { a: 1 } } }, [{ x: [{ a: 2 }, { a: 1 }] }], [{ x: [{ a: 2 }] }]],
    [{ x: { eq: {} } }, [{ x: {} }], [{ x: { a: 1 } }, { x: [] }, { x: null }]],
    [{ x: { ne: { a: 1 } } }, [{ x: { a: 2 } }, { x: 5 }], [{ x: { a: 1 } }, { x: [{ a: 1 }] }]],
    [{ x: { ne: [1, 2] } }, [{ x: [1] }], [{ x: [1, 2] }]],
  ],
  'rule 20: a type mismatch is false': [
    ...POSITIVE.map((condition): Row => [{ x: condition }, [], [{ x: { y: {} } }, { x: false }]]),
    [{ 'a.b': 1 }, [], [{ a: 5 }, { a: 'b' }, { a: null }, { a: true }, 5, 'text', null, undefined, []]],
  ],
};

describe.each(Object.entries(rules))('%s', (_, table) => {
  it.each(table.map((row, index) => [index + 1, written(row[0]), row] as const))(
    '%i. %s',
    (_index, _filter, row) => {
      checkRow(row);
      expect(row[1].length + row[2].length).toBeGreaterThan(0);
    },
  );
});

describe('rule 17: an empty or missing filter matches everything', () => {
  it.each([[{}], [undefined], [null]])('%p matches any data', (filter) => {
    for (const data of [{}, { a: 1 }, [], null, 5, 'x']) expect(matches(filter, data)).toBe(true);
    expect(parseFilter(filter).matchesEverything).toBe(true);
  });

  it('"and" and "or" without filters and "not" without a filter are refused', () => {
    expect([{ and: [] }, { or: [] }, { not: {} }].map((filter) => issuesOf(filter)[0]?.code)).toEqual([
      'type',
      'type',
      'type',
    ]);
  });
});

describe('rule 16: __proto__', () => {
  it.each(['__proto__', 'a.__proto__', '/a/__proto__/b', '__proto__.x'])(
    '%s is refused as a path',
    (path) => {
      const [issue, ...rest] = issuesOf(JSON.parse(`{${JSON.stringify(path)}: 1}`));
      expect(issue).toMatchObject({ path: `filters.${path}`, code: 'path' });
      expect(rest).toEqual([]);
    },
  );
});

describe('rule 21: key order never changes the answer', () => {
  it('the same filter in another order gives the same answers', () => {
    const one = parseFilter({ a: { gt: 1, lt: 9 }, or: [{ b: 1 }, { c: 1 }], d: { eq: { x: 1, y: 2 } } });
    const other = parseFilter({ d: { eq: { y: 2, x: 1 } }, or: [{ c: 1 }, { b: 1 }], a: { lt: 9, gt: 1 } });
    for (const data of [
      { a: 5, c: 1, d: { y: 2, x: 1 } },
      { a: 5, d: { x: 1, y: 2 } },
      { a: 10, b: 1, d: { x: 1, y: 2 } },
    ]) {
      expect(matchFilter(one, data)).toBe(matchFilter(other, data));
    }
  });
});

describe('rule 22: matching depends on neither time nor chance', () => {
  it('a match reads neither the clock nor the random generator', () => {
    const clock = jest.spyOn(Date, 'now');
    const random = jest.spyOn(Math, 'random');
    expect(matches({ at: { gt: '2026-01-01' } }, { at: '2026-01-02' })).toBe(true);
    expect(clock).not.toHaveBeenCalled();
    expect(random).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });
});
