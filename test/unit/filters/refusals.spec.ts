import { FilterError, parseFilter } from 'nestjs-scripts-event/filters';
import { issuesOf, written } from './filter-helpers';

type Refusal = [filter: unknown, path: string, message: RegExp];
const json = (text: string): unknown => JSON.parse(text);

const refusals: Record<string, Refusal[]> = {
  type: [
    ['text', 'filters', /an object such as/],
    [5, 'filters', /the number 5/],
    [[], 'filters', /an empty list/],
    [[{ a: 1 }], 'filters', /a list/],
    [new Map([['a', 1]]), 'filters', /JSON doesn't support/],
    [new Date(0), 'filters', /JSON doesn't support/],
    [{ and: [] }, 'filters.and', /a list of one or more filters/],
    [{ or: {} }, 'filters.or', /a list of one or more filters/],
    [{ and: 'x' }, 'filters.and', /"\/and"/],
    [{ or: [1] }, 'filters.or', /its entry 0 is the number 1/],
    [{ or: [{ a: 1 }, null] }, 'filters.or', /its entry 1 is null/],
    [{ and: [{ or: [[]] }] }, 'filters.and[0].or', /its entry 0 is an empty list/],
    [{ or: [{ a: 1 }, {}] }, 'filters.or[1]', /matches everything\. Remove it/],
    [{ and: [{}] }, 'filters.and[0]', /matches everything\. Remove it/],
    [{ x: { any: { or: [{ a: 1 }, {}] } } }, 'filters.x.any.or[1]', /matches everything/],
    [{ not: {} }, 'filters.not', /needs a filter that is not empty/],
    [{ not: 5 }, 'filters.not', /the number 5/],
    [{ not: [{ a: 1 }] }, 'filters.not', /a list/],
    [{ amount: {} }, 'filters.amount', /^The condition on \S+ is empty/],
    [{ a: { not: {} } }, 'filters.a.not', /^The condition on \S+ is empty/],
    [{ items: { any: { sku: {} } } }, 'filters.items.any.sku', /^The condition on \S+ is empty/],
  ],
  operator: [
    [{ amount: { gtt: 5 } }, 'filters.amount.gtt', /Did you mean "gt"\?/],
    [{ name: { startswith: 'a' } }, 'filters.name.startswith', /Did you mean "startsWith"\?/],
    [{ name: { contians: 'a' } }, 'filters.name.contians', /Did you mean "contains"\?/],
    [{ name: { EQ: 'a' } }, 'filters.name.EQ', /Did you mean "eq"\?/],
    [{ amount: { '>=': 5 } }, 'filters.amount.>=', /Did you mean "gte"\?/],
    [{ name: { regex: '.*' } }, 'filters.name.regex', /Did you mean "like"\?/],
    [{ name: { ignorecase: true, eq: 'a' } }, 'filters.name.ignorecase', /Did you mean "ignoreCase"\?/],
    [{ a: { constructor: 1 } }, 'filters.a.constructor', /Unknown operator "constructor"/],
    [json('{"a": {"__proto__": 1}}'), 'filters.a.__proto__', /Unknown operator/],
    [{ amount: { $gt: 5 } }, 'filters.amount.$gt', /written without \$: write "gt"/],
    [{ amount: { $where: 'x' } }, 'filters.amount.$where', /written without \$/],
    [{ $or: [{ a: 1 }] }, 'filters.$or', /written without \$: write "or".*"\/\$or"/],
    [{ $where: 'sleep(1)' }, 'filters.$where', /written without \$/],
    [{ 'amount.$gt': 5 }, 'filters.amount.$gt', /written without \$/],
    [{ client: { address: { city: 'x' } } }, 'filters.client.address', /dotted path: "client\.address"/],
    [{ client: { name: 'x' } }, 'filters.client.name', /dotted path: "client\.name"/],
    [{ '/a.b': { 'c/d': 'x' } }, 'filters./a.b.c/d', /"\/a\.b\/c~1d"/],
    [{ a: { or: [{ b: 1 }] } }, 'filters.a.or', /can't be used under a field/],
    [{ or: [{ a: 1 }, { b: { inn: ['x'] } }] }, 'filters.or[1].b.inn', /Did you mean "in"\?/],
  ],
  operand: [
    [{ or: [{ a: 1 }, { b: { in: 'x' } }] }, 'filters.or[1].b.in', /takes a list of values/],
    [{ a: { in: [] } }, 'filters.a.in', /empty list/],
    [{ a: { nin: [] } }, 'filters.a.nin', /empty list/],
    [{ a: { all: [] } }, 'filters.a.all', /empty list/],
    [{ a: [] }, 'filters.a', /empty list/],
    [{ a: { not: [] } }, 'filters.a.not', /takes operators.*an empty list/],
    [{ a: { not: ['x'] } }, 'filters.a.not', /takes operators.*"nin"/],
    [{ a: { not: 5 } }, 'filters.a.not', /takes operators.*the number 5\. To exclude a value, use "ne"/],
    [{ a: { not: null } }, 'filters.a.not', /takes operators.*null/],
    [{ a: { not: { not: 'x' } } }, 'filters.a.not.not', /takes operators.*the text "x"/],
    [{ a: { any: 5 } }, 'filters.a.any', /takes a filter for one element.*the number 5/],
    [{ a: { any: [{ b: 1 }] } }, 'filters.a.any', /takes a filter for one element.*a list/],
    [{ a: ['x', { b: 1 }] }, 'filters.a[1]', /an object/],
    [{ a: { in: ['x', ['y']] } }, 'filters.a.in[1]', /a list/],
    [{ a: { contains: '' } }, 'filters.a.contains', /takes a non-empty text/],
    [{ a: { contains: { b: 1 } } }, 'filters.a.contains', /use "eq" or "ne"/],
    [{ a: { contains: ['b'] } }, 'filters.a.contains', /a list/],
    [{ a: { startsWith: '' } }, 'filters.a.startsWith', /takes a non-empty text/],
    [{ a: { endsWith: 5 } }, 'filters.a.endsWith', /the number 5/],
    [{ a: { like: '' } }, 'filters.a.like', /takes a non-empty text/],
    [{ a: { like: 'a\\b' } }, 'filters.a.like', /backslash/],
    [{ a: { like: 'a\\' } }, 'filters.a.like', /backslash/],
    [{ a: { like: 'a\\\\\\' } }, 'filters.a.like', /backslash/],
    [{ a: { gt: 'abc' } }, 'filters.a.gt', /a number, a number as text .* or a date/],
    [{ a: { gt: '' } }, 'filters.a.gt', /an empty text/],
    [{ a: { gte: '1e4' } }, 'filters.a.gte', /the text "1e4"/],
    [{ a: { lt: null } }, 'filters.a.lt', /null/],
    [{ a: { lte: true } }, 'filters.a.lte', /true/],
    [{ a: { gt: [1] } }, 'filters.a.gt', /a list/],
    [{ a: { gt: `1.${'0'.repeat(63)}` } }, 'filters.a.gt', /a number/],
    [{ a: { gt: '2026-02-30' } }, 'filters.a.gt', /not a valid date/],
    [{ a: { gt: '2025-02-29' } }, 'filters.a.gt', /not a valid date/],
    [{ a: { gt: '2026-13-01T00:00:00Z' } }, 'filters.a.gt', /not a valid date/],
    [{ a: { gt: '2026-01-01T24:00:00Z' } }, 'filters.a.gt', /not a valid date or time/],
    [{ a: { gt: '2026-01-01T10:00:00+25:00' } }, 'filters.a.gt', /not a valid date or time/],
    [{ a: { gt: '2026-01-01T10:00:00' } }, 'filters.a.gt', /no time zone\. Add "Z"/],
    [{ a: { gt: '01/02/2026' } }, 'filters.a.gt', /or a date/],
    [{ a: { between: [5, 1] } }, 'filters.a.between', /low bound 5 above the high bound 1/],
    [{ a: { between: ['2026-02-01', '2026-01-01'] } }, 'filters.a.between', /above/],
    [{ a: { between: ['9007199254740993', '9007199254740992'] } }, 'filters.a.between', /above/],
    [{ a: { between: [1, '2026-01-01'] } }, 'filters.a.between', /two numbers or two dates/],
    [{ a: { between: [1] } }, 'filters.a.between', /a list of 1/],
    [{ a: { between: [1, 2, 3] } }, 'filters.a.between', /a list of 3/],
    [{ a: { between: { low: 1 } } }, 'filters.a.between', /two bounds/],
    [{ a: { between: [1, 'x'] } }, 'filters.a.between[1]', /the text "x"/],
    [{ a: { size: -1 } }, 'filters.a.size', /whole number/],
    [{ a: { size: 1.5 } }, 'filters.a.size', /whole number/],
    [{ a: { size: '2' } }, 'filters.a.size', /whole number/],
    [{ a: { exists: 1 } }, 'filters.a.exists', /true or false/],
    [{ a: { exists: 'true' } }, 'filters.a.exists', /true or false/],
    [{ a: { ignoreCase: true } }, 'filters.a.ignoreCase', /beside/],
    [{ a: { gt: 5, ignoreCase: true } }, 'filters.a.ignoreCase', /beside/],
    [{ a: { eq: 'x', ignoreCase: 'yes' } }, 'filters.a.ignoreCase', /true or false/],
    [{ AND: [{ a: 1 }] }, 'filters.AND', /write "and"/],
    [{ a: undefined }, 'filters.a', /undefined/],
    [{ a: { eq: Number.NaN } }, 'filters.a.eq', /NaN/],
    [{ a: 5n }, 'filters.a', /bigint/],
    [{ a: { eq: new Date(0) } }, 'filters.a.eq', /JSON doesn't support/],
    [{ a: { eq: { b: undefined } } }, 'filters.a.eq.b', /undefined/],
  ],
  path: [
    [{ '': 1 }, 'filters.', /empty part/],
    [{ 'a..b': 1 }, 'filters.a..b', /empty part/],
    [{ '.a': 1 }, 'filters..a', /empty part/],
    [{ 'a.': 1 }, 'filters.a.', /empty part/],
    [{ '/a~2b': 1 }, 'filters./a~2b', /"~0" for "~"/],
    [json('{"__proto__": 1}'), 'filters.__proto__', /can't be a field name/],
    [json('{"or": [{"a.__proto__.b": 1}]}'), 'filters.or[0].a.__proto__.b', /can't be a field name/],
  ],
};

describe.each(Object.entries(refusals))('a filter that is refused with the code %s', (code, table) => {
  it.each(table.map(([filter, path, message], index) => [index + 1, path, filter, message] as const))(
    '%i. has its problem at %s',
    (_index, path, filter, message) => {
      expect(issuesOf(filter)).toEqual([{ path, code, message: expect.stringMatching(message) as string }]);
    },
  );
});

describe('FilterError', () => {
  const filter = { 'a..b': 1, c: { gtt: 1, lt: 'x' }, or: [{ d: {} }, 5], e: { in: [] } };

  it('lists all problems of a filter, in their order in the filter', () => {
    expect(issuesOf(filter).map((issue) => `${issue.code} ${issue.path}`)).toEqual([
      'path filters.a..b',
      'operator filters.c.gtt',
      'operand filters.c.lt',
      'type filters.or[0].d',
      'type filters.or',
      'operand filters.e.in',
    ]);
  });

  it('has a stable code and a message that names the places', () => {
    expect(() => parseFilter(filter)).toThrow(FilterError);
    expect(() => parseFilter(filter)).toThrow(
      expect.objectContaining({
        code: 'invalid-filter',
        retryable: false,
        name: 'FilterError',
        message: expect.stringMatching(/6 problems.*filters\.a\.\.b: .*filters\.c\.gtt: /) as string,
      }),
    );
  });

  it('has a short message even if there are many problems', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, { gtt: 1 }]));
    expect(issuesOf(many)).toHaveLength(60);
    let message = '';
    try {
      parseFilter(many);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/60 problems.*filters\.f1\.gtt: .*… and \d+ more\.$/);
    expect(message.length).toBeLessThan(1_000);
  });

  it('reports at most 200 problems', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, {}]));
    expect(issuesOf(many)).toHaveLength(200);
  });

  it('is thrown for an object that throws when it is read', () => {
    const hostile = Object.defineProperty({}, 'a', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(issuesOf(hostile)).toEqual([expect.objectContaining({ path: 'filters', code: 'type' })]);
  });

  it('is thrown for a filter that is too large, most of which is not read', () => {
    let read = 0;
    const counted = (parts: object): unknown =>
      new Proxy(parts, {
        get: (target, name) => {
          read += 1;
          return Reflect.get(target, name) as unknown;
        },
      });
    const wide = Array.from({ length: 500 }, () => counted(Array.from({ length: 500 }, () => 1)));
    const filters = [
      { a: { eq: wide } },
      { a: { nonsense: wide } },
      { or: Array.from({ length: 500 }, () => ({ a: { eq: wide } })) },
      { a: { eq: counted(Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`k${at}`, 1]))) } },
    ];
    for (const hostile of filters) {
      read = 0;
      expect(issuesOf(hostile).map(({ code, path }) => `${code} ${path}`)).toContain('limit filters');
      expect(read).toBeLessThan(40_000);
    }
  });

  it('is thrown for a filter that contains itself', () => {
    const loop: Record<string, unknown> = {};
    loop.and = [loop, loop];
    expect(new Set(issuesOf(loop).map((issue) => issue.code))).toEqual(new Set(['limit']));
  });
});

describe('Filter', () => {
  it('keeps the JSON it was read from, untouched by later changes', () => {
    const source = { a: { in: ['x'] }, or: [{ b: 1 }, { c: null }] };
    const filter = parseFilter(source);
    const text = JSON.stringify(source);
    source.a.in.push('y');
    expect(JSON.stringify(filter)).toBe(text);
    expect(filter.matches({ a: 'y', b: 1 })).toBe(false);
    expect(written(parseFilter(filter.toJSON()))).toBe(text);
  });

  it('cannot be changed', () => {
    const filter = parseFilter({ a: { in: ['x'] } });
    expect(Object.isFrozen(filter)).toBe(true);
    expect(() => (filter.toJSON().a as { in: string[] }).in.push('y')).toThrow(TypeError);
  });
});
