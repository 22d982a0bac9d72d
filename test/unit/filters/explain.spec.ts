import { explainFilter, parseFilter, type ConditionExplanation } from 'nestjs-scripts-event/filters';

const explain = (filter: unknown, data: unknown) => explainFilter(parseFilter(filter), data);
const only = (filter: unknown, data: unknown): ConditionExplanation => {
  const { conditions } = explain(filter, data);
  expect(conditions).toHaveLength(1);
  return conditions[0] as ConditionExplanation;
};

describe('explainFilter', () => {
  it('shows for each condition the expected value, the actual value and whether it holds', () => {
    expect(explain({ amount: { gt: 10000 } }, { amount: 5 })).toEqual({
      matched: false,
      summary: 'Does not match. "amount" is 5, but must be greater than 10000.',
      conditions: [
        {
          place: 'filters.amount.gt',
          path: 'amount',
          operator: 'gt',
          expected: 10000,
          actual: 5,
          missing: false,
          matched: false,
          reason: '"amount" is 5, but must be greater than 10000.',
        },
      ],
      groups: [],
    });
    expect(only({ amount: { gt: 10000 } }, { amount: '10000.5' })).toMatchObject({
      matched: true,
      reason: '"amount" is "10000.5", and must be greater than 10000.',
    });
  });

  it('says that a field is missing, and names a similar one in the data', () => {
    const missing = only({ email: { ne: 'x' } }, { name: 'y' });
    expect(missing).toMatchObject({ missing: true, matched: false, reason: '"email" is missing.' });
    expect(missing).not.toHaveProperty('actual');
    expect(only({ 'client.email': 'x' }, { client: { Email: 'x' } }).reason).toBe(
      '"client.email" is missing; the data has "Email".',
    );
    expect(only({ email: { exists: false } }, {})).toMatchObject({
      matched: true,
      reason: '"email" is missing, as required.',
    });
  });

  it.each([
    [{ n: '5' }, { n: 5 }, /a string never equals a number/],
    [{ s: 'Abc' }, { s: 'aBC' }, /only in upper and lower case.*ignoreCase/],
    [{ n: 1000 }, { n: '1,000' }, /not a plain number/],
    [{ n: { between: [1, 5] } }, { n: '1e0' }, /not a plain number/],
    [{ at: { gt: '2026-01-01' } }, { at: 1772323200000 }, /never compared with a number/],
    [{ at: { gt: '2026-01-01' } }, { at: 'yesterday' }, /only ISO 8601 text/],
  ])('gives a hint for %j on %j', (filter, data, hint) => {
    expect(only(filter, data).reason).toMatch(hint);
    expect(only(filter, data).matched).toBe(false);
  });

  it('says when each operator holds for some element, but no element meets all of them', () => {
    const { matched, conditions } = explain({ x: { gt: 10, lt: 15 } }, { x: [5, 20] });
    expect(matched).toBe(false);
    expect(conditions.map((condition) => condition.matched)).toEqual([false, false]);
    expect(conditions[0]?.reason).toMatch(/no single element meets all of them/);
  });

  it('judges each operator of a field on its own', () => {
    const { conditions } = explain({ x: { gt: 10, lt: 15 } }, { x: 20 });
    expect(conditions.map(({ operator, matched }) => [operator, matched])).toEqual([
      ['gt', true],
      ['lt', false],
    ]);
  });

  it('names each group and says why it matches or not', () => {
    const { summary, groups, conditions } = explain(
      { or: [{ a: 1 }, { b: 2 }], not: { c: 3 } },
      { a: 2, c: 3 },
    );
    expect(groups).toEqual([
      {
        place: 'filters.or',
        operator: 'or',
        matched: false,
        reason: '0 of 2 filters in filters.or match; at least one must.',
      },
      {
        place: 'filters.not',
        operator: 'not',
        matched: false,
        reason: 'The filter in filters.not matches, but must not.',
      },
    ]);
    expect(conditions.map((condition) => condition.place)).toEqual([
      'filters.or[0].a',
      'filters.or[1].b',
      'filters.not.c',
    ]);
    expect(summary).toBe('Does not match. 0 of 2 filters in filters.or match; at least one must.');
  });

  it('says why a filter matches', () => {
    expect(explain({}, { a: 1 })).toEqual({
      matched: true,
      summary: 'Matches: an empty filter matches everything.',
      conditions: [],
      groups: [],
    });
    expect(explain({ a: 1 }, { a: 1 }).summary).toBe('Matches: every condition holds.');
  });

  it.each([
    [{ x: ['a', 'b'] }, 'be one of ["a","b"]'],
    [{ x: { nin: [1] } }, 'be none of [1]'],
    [{ x: { eq: 'A', ignoreCase: true } }, 'equal "A" in any case'],
    [{ x: { ne: 1 } }, 'not equal 1'],
    [{ x: { gte: 1 } }, 'be at least 1'],
    [{ x: { lte: 1 } }, 'be at most 1'],
    [{ x: { between: [1, 2] } }, 'be from 1 to 2, both included'],
    [{ x: { contains: 'a' } }, 'contain "a"'],
    [{ x: { startsWith: 'a' } }, 'start with "a"'],
    [{ x: { endsWith: 'a' } }, 'end with "a"'],
    [{ x: { like: 'a*' } }, 'match the pattern "a*"'],
    [{ x: { all: [1] } }, 'be a list with all of [1]'],
    [{ x: { size: 2 } }, 'be a list of 2'],
    [{ x: { exists: true } }, 'be present'],
    [{ x: { exists: false } }, 'be missing'],
    [{ x: { any: { a: 1 } } }, 'be a list with an element that matches {"a":1}'],
    [{ x: { not: { gt: 1 } } }, 'not meet {"gt":1}'],
  ])('describes %j in words', (filter, words) => {
    expect(only(filter, { x: {} }).reason).toContain(`must ${words}`);
  });

  it('cuts large data', () => {
    const deep = (levels: number): unknown => (levels === 0 ? 'x'.repeat(5000) : { a: deep(levels - 1) });
    const wide = Array.from({ length: 5000 }, () =>
      Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v'.repeat(500)])),
    );
    expect(only({ x: 1 }, { x: 'y'.repeat(5000) }).actual).toBe(`${'y'.repeat(200)}…`);
    expect(only({ x: 1 }, { x: deep(5) }).actual).toEqual({ a: { a: { a: '…' } } });
    const shown = only({ x: 1 }, { x: wide });
    expect((shown.actual as unknown[]).length).toBe(11);
    expect(JSON.stringify(shown).length).toBeLessThan(64_000);
    expect(shown.reason.length).toBeLessThan(500);
    expect(only({ 'x.k0': 1 }, { x: wide }).actual).toHaveLength(11);
  });

  it('shows host data as the JSON it becomes', () => {
    expect(only({ at: 'x' }, { at: new Date(0) }).actual).toBe('1970-01-01T00:00:00.000Z');
    expect(only({ n: 1 }, { n: 12n }).actual).toBe('12');
  });

  it('reports data that throws when it is read, and does not throw', () => {
    const hostile = {
      x: {
        toJSON: () => {
          throw new Error('no');
        },
      },
    };
    expect(only({ x: { ne: 1 } }, hostile)).toMatchObject({
      matched: false,
      reason: expect.stringMatching(/can't be read/) as string,
    });
    const { matched, groups } = explain({ not: { x: 1 } }, hostile);
    expect([matched, groups[0]?.matched]).toEqual([false, false]);
    expect(explain({}, { toJSON: hostile.x.toJSON })).toMatchObject({ matched: false });
  });
});
