import { FILTER_LIMITS } from 'nestjs-scripts-event/filters';
import { issuesOf } from './filter-helpers';

const nested = (levels: number, word: (inner: unknown) => unknown): unknown =>
  levels === 1 ? { a: 1 } : word(nested(levels - 1, word));
const fields = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, index]));
const path = (parts: number): string => Array.from({ length: parts }, () => 'p').join('.');
const bytes = (size: number): unknown => {
  const filter = { a: Array.from({ length: 16 }, () => 'x'.repeat(1000)), b: '' };
  filter.b = 'y'.repeat(size - JSON.stringify(filter).length);
  return filter;
};

const limits: [name: string, atBound: unknown, oneOver: unknown, place: string][] = [
  [
    '8 levels of filters by not',
    nested(8, (inner) => ({ not: inner })),
    nested(9, (inner) => ({ not: inner })),
    `filters${'.not'.repeat(8)}`,
  ],
  [
    '8 levels of filters by or',
    nested(8, (inner) => ({ or: [inner] })),
    nested(9, (inner) => ({ or: [inner] })),
    `filters${'.or[0]'.repeat(8)}`,
  ],
  [
    '8 levels of filters by any',
    nested(8, (inner) => ({ x: { any: inner } })),
    nested(9, (inner) => ({ x: { any: inner } })),
    `filters${'.x.any'.repeat(8)}`,
  ],
  [
    '8 levels in a value',
    { a: { eq: [[[[[[[1]]]]]]] } },
    { a: { eq: [[[[[[[[1]]]]]]]] } },
    'filters.a.eq[0][0][0][0][0][0][0]',
  ],
  ['64 conditions', fields(64), fields(65), 'filters.f64'],
  [
    '64 conditions over groups',
    { or: [fields(32), fields(32)] },
    { or: [fields(32), fields(33)] },
    'filters.or[1].f32',
  ],
  ['500 entries of a bare list', { a: Array(500).fill('x') }, { a: Array(501).fill('x') }, 'filters.a'],
  [
    '500 entries of in',
    { a: { in: Array(500).fill('x') } },
    { a: { in: Array(501).fill('x') } },
    'filters.a.in',
  ],
  [
    '500 entries of a list under eq',
    { a: { eq: Array(500).fill(1) } },
    { a: { eq: Array(501).fill(1) } },
    'filters.a.eq',
  ],
  ['16 parts of a path', { [path(16)]: 1 }, { [path(17)]: 1 }, `filters.${path(17)}`],
  ['1,024 characters of a text', { a: 'x'.repeat(1024) }, { a: 'x'.repeat(1025) }, 'filters.a'],
  [
    '1,024 characters outside the basic plane',
    { a: '😀'.repeat(1024) },
    { a: '😀'.repeat(1025) },
    'filters.a',
  ],
  [
    '1,024 characters in a list',
    { a: { in: ['x'.repeat(1024)] } },
    { a: { in: ['x'.repeat(1025)] } },
    'filters.a.in[0]',
  ],
  [
    '1,024 characters of like',
    { a: { like: 'x'.repeat(1024) } },
    { a: { like: 'x'.repeat(1025) } },
    'filters.a.like',
  ],
  [
    '1,024 characters within eq',
    { a: { eq: { b: 'x'.repeat(1024) } } },
    { a: { eq: { b: 'x'.repeat(1025) } } },
    'filters.a.eq.b',
  ],
  [
    '1,024 characters of a field name',
    { ['x'.repeat(1024)]: 1 },
    { ['x'.repeat(1025)]: 1 },
    `filters.${'x'.repeat(1024)}…`,
  ],
  ['16 KiB', bytes(16_384), bytes(16_385), 'filters'],
];

/** The number in a limit's name, as messages show it. */
const numberIn = (name: string): string => {
  const [number = ''] = name.split(' ');
  return name === '16 KiB' ? '16384' : number.replace(',', '');
};

describe('the limits of a filter', () => {
  it.each(limits)('allow %s, and not one more', (name, atBound, oneOver, place) => {
    expect(issuesOf(atBound)).toEqual([]);
    expect(issuesOf(oneOver)).toEqual([
      {
        path: place,
        code: 'limit',
        message: expect.stringMatching(
          new RegExp(`(at most|more than|exceeds|the limit is) ${numberIn(name)}\\b`),
        ) as string,
      },
    ]);
  });

  it('allow an or 64 branches with a condition', () => {
    const or = (count: number): unknown => ({ or: Array.from({ length: count }, () => ({ a: 1 })) });
    expect(issuesOf(or(64))).toEqual([]);
    expect(issuesOf(or(65)).map((issue) => issue.path)).toEqual(['filters.or[64].a']);
    expect(issuesOf(or(501)).map((issue) => `${issue.code} ${issue.path}`)).toEqual([
      'limit filters.or',
      'limit filters.or[64].a',
    ]);
  });

  it('are exported with the numbers that are documented', () => {
    expect(FILTER_LIMITS).toEqual({
      depth: 8,
      conditions: 64,
      listItems: 500,
      pathParts: 16,
      textCharacters: 1024,
      bytes: 16384,
    });
  });

  it('count bytes of UTF-8, and not characters', () => {
    const list = Array.from({ length: 6 }, () => '€'.repeat(1000));
    expect(JSON.stringify({ a: list }).length).toBeLessThan(16_384);
    expect(issuesOf({ a: list })).toEqual([expect.objectContaining({ path: 'filters', code: 'limit' })]);
  });

  it('are reported together with the other problems', () => {
    const codes = issuesOf({ a: 'x'.repeat(20_000), b: { gtt: 1 } }).map(
      (issue) => `${issue.code} ${issue.path}`,
    );
    expect(codes).toEqual(['limit filters.a', 'operator filters.b.gtt', 'limit filters']);
  });
});
