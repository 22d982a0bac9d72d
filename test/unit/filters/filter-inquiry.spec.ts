import { explainFilter, FilterIndex, MATCHING_LIMITS, parseFilter } from 'nestjs-scripts-event/filters';

const TOO_DEAR = { or: Array.from({ length: 60 }, (_, at) => ({ [`a.b${at}`]: { contains: 'zz' } })) };
const many = (length: number): unknown => ({ a: Array.from({ length }, () => ({})), x: 1 });

function indexOf(filters: Record<string, unknown>): FilterIndex<string> {
  const index = new FilterIndex<string>();
  for (const [id, filter] of Object.entries(filters)) index.add(id, parseFilter(filter));
  return index;
}

describe('filters that are asked in parts', () => {
  it('give the same answer as when they are asked at once', () => {
    const index = indexOf({ none: {}, hit: { x: 1 }, miss: { x: 2 }, list: { 'a.b1': { exists: false } } });
    const data = many(1_000);
    const inquiry = index.ask(() => data);
    let parts = 1;
    while (!inquiry.advance(10)) parts += 1;
    expect(parts).toBeGreaterThan(1);
    expect([...inquiry.matched].toSorted()).toEqual(index.match(data).toSorted());
    expect(inquiry.undecided).toEqual([]);
  });

  it('need no part with more steps than one filter may take, whatever the filters and data', () => {
    const filters = Object.fromEntries(
      Array.from({ length: 50 }, (_, script) => [
        `s${script}`,
        { or: Array.from({ length: 60 }, (__, at) => ({ t: { contains: `z${script}-${at}` } })) },
      ]),
    );
    const inquiry = indexOf(filters).ask(() => ({ t: 'a'.repeat(250_000) }));
    let before = 0;
    while (!inquiry.advance(50_000)) {
      // A filter that ran out of steps in one part starts again in a part of its own.
      expect(inquiry.stepsTaken - before).toBeLessThanOrEqual(MATCHING_LIMITS.filterSteps + 50_000);
      before = inquiry.stepsTaken;
    }
    expect(inquiry.stepsTaken).toBeLessThanOrEqual(MATCHING_LIMITS.eventSteps + MATCHING_LIMITS.filterSteps);
    expect(inquiry.undecided).toHaveLength(50);
    expect(inquiry.matched).toEqual([]);
  });

  it('take no more steps than a strict part allows, and start no filter that needs more', () => {
    const inquiry = indexOf({ cheap: { x: 1 }, dear: TOO_DEAR }).ask(() => many(21_000));
    expect(inquiry.advance(20_000, true)).toBe(false);
    expect(inquiry.stepsTaken).toBeLessThanOrEqual(20_002);
    expect(inquiry.matched).toEqual(['cheap']);
    expect(inquiry.undecided).toEqual([]);
  });

  it('leave a filter undecided that needs too many steps, and decide the others', () => {
    const inquiry = indexOf({
      dear: TOO_DEAR,
      negated: { not: TOO_DEAR },
      hit: { x: 1 },
      miss: { x: 2 },
    }).ask(() => many(2_100), { filterSteps: 20_000, eventSteps: 80_000 });
    expect(inquiry.advance()).toBe(true);
    expect(inquiry.matched).toEqual(['hit']);
    expect(inquiry.undecided).toEqual(['dear', 'negated']);
  });

  it('share the values of their paths: sixty paths over two thousand elements are read once for a hundred filters', () => {
    const same = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`s${at}`, TOO_DEAR]));
    const steps = { filterSteps: 20_000, eventSteps: 400_000 };
    const index = indexOf(same);
    // From the second event on, a filter is compiled to a function.
    index.match({ a: [{ b0: 'zz' }] });
    const inquiry = index.ask(() => many(2_000), steps);
    expect(inquiry.advance()).toBe(true);
    expect(inquiry.undecided).toEqual([]);
    expect(inquiry.stepsTaken).toBeLessThan(1.5 * 60 * 2_000);
  });

  it('convert a long text to lower case once for all conditions and filters', () => {
    const text = 'Ä'.repeat(100_000);
    const lower = jest.spyOn(String.prototype, 'toLowerCase');
    const filter = {
      or: Array.from({ length: 5 }, (_, at) => ({ t: { startsWith: `zz${at}`, ignoreCase: true } })),
    };
    const index = indexOf({ one: filter, two: filter, three: filter });
    lower.mockClear();
    const inquiry = index.ask(() => ({ t: text }));
    expect(inquiry.advance()).toBe(true);
    const folded = lower.mock.contexts.filter((context) => String(context).length === text.length).length;
    lower.mockRestore();
    expect(folded).toBe(1);
    expect(inquiry.undecided).toEqual([]);
  });

  it('are the filters that the index had when the inquiry began', () => {
    const index = indexOf({ old: { x: 1 } });
    const inquiry = index.ask(() => ({ x: 1 }));
    index.remove('old');
    index.add('new', parseFilter({}));
    inquiry.advance();
    expect(inquiry.matched).toEqual(['old']);
  });

  it('are all undecided if the inquiry is given up', () => {
    const inquiry = indexOf({ hit: { x: 1 }, dear: TOO_DEAR }).ask(() => ({ x: 1 }));
    inquiry.giveUp();
    expect(inquiry.undecided).toEqual(['hit', 'dear']);
    expect(inquiry.advance()).toBe(true);
    expect(inquiry.matched).toEqual([]);
  });
});

describe('the steps of a filter', () => {
  const list = (length: number, value: (at: number) => unknown): unknown => ({
    a: Array.from({ length }, (_, at) => value(at)),
  });
  const sixty = (condition: (at: number) => unknown): unknown => ({
    or: Array.from({ length: 60 }, (_, at) => ({ a: condition(at) })),
  });
  let nested: unknown[] = [1];
  for (let level = 0; level < 90; level += 1) nested = [nested];

  it.each<[string, unknown, unknown]>([
    ['numbers', sixty((at) => ({ gt: 1e9 + at })), list(30_000, (at) => at)],
    ['long decimals', sixty(() => ({ gt: '9'.repeat(60) })), list(4_000, (at) => `${'8'.repeat(50)}${at}`)],
    ['dates', sixty(() => ({ gt: '2099-01-01' })), list(8_000, () => '2026-01-01T10:00:00.123456789Z')],
    ['long texts', sixty(() => ({ contains: `${'a'.repeat(31)}b` })), { a: 'a'.repeat(260_000) }],
    ['patterns', sixty(() => ({ like: '*a*b*' })), { a: 'a'.repeat(260_000) }],
    [
      'texts in any case',
      sixty((at) => ({ eq: `x${at}`, ignoreCase: true })),
      list(20_000, (at) => `Abc${at}`),
    ],
    ['lists of in', sixty((at) => ['q', `w${at}`]), list(30_000, (at) => `t${at}`)],
    ['lists of all', sixty((at) => ({ all: [1, `x${at}`] })), list(30_000, (at) => `t${at}`)],
    ['objects', sixty((at) => ({ eq: { k: at } })), list(20_000, () => ({ k: -1, more: 1 }))],
    [
      'the elements of any',
      { a: { any: { or: Array.from({ length: 60 }, (_, at) => ({ [`k${at}`]: 1 })) } } },
      list(20_000, () => ({})),
    ],
    ['lists of lists', sixty((at) => at + 5), list(400, () => nested)],
    [
      'negated operators',
      { or: Array.from({ length: 30 }, (_, at) => ({ a: { not: { ne: `t${at}` } } })) },
      list(30_000, (at) => `u${at}`),
    ],
  ])('include the work on %s: a filter with many conditions on much data is undecided', (_, filter, data) => {
    const inquiry = indexOf({ filter }).ask(() => data, { filterSteps: 20_000, eventSteps: 40_000 });
    expect(inquiry.advance()).toBe(true);
    expect(inquiry.undecided).toEqual(['filter']);
  });

  it('do not include the digits of a bigint, which is never converted to text', () => {
    const written = jest.spyOn(BigInt.prototype, 'toString');
    const huge = 10n ** 1_000_000n;
    const index = indexOf({
      gt: { x: { gt: 5 } },
      lt: { x: { lt: 5 } },
      in: { x: [5] },
      ne: { x: { ne: 5 } },
    });
    expect(index.match({ x: huge })).toEqual(['gt', 'ne']);
    expect(index.match({ x: -huge })).toEqual(['lt', 'ne']);
    expect(explainFilter(parseFilter({ x: 5 }), { x: huge }).matched).toBe(false);
    expect(written).not.toHaveBeenCalled();
    written.mockRestore();
  });
});

describe('an explanation', () => {
  it('of a filter that needs too many steps says that it is undecided, and stops there', () => {
    const explained = explainFilter(parseFilter({ x: 1, ...TOO_DEAR }), many(21_000));
    expect(explained).toMatchObject({ matched: false, undecided: true });
    expect(explained.summary).toMatch(/^Undecided: .* 200000 steps/);
    expect(explained.conditions).toHaveLength(61);
    expect(explained.conditions[0]).toMatchObject({ path: 'x', matched: true });
    expect(explained.conditions.at(-1)).toMatchObject({
      matched: false,
      reason: expect.stringMatching(/^Not evaluated: /) as string,
    });
  });

  it('looks for similar names with little work, however long the names are', () => {
    const name = 'n'.repeat(1_000);
    const data = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`${name}${at % 10}${at}`, 1]));
    const filter = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`${name}${at}x`, 1]));
    const lower = jest.spyOn(String.prototype, 'toLowerCase');
    expect(explainFilter(parseFilter(filter), data).matched).toBe(false);
    expect(lower.mock.calls.length).toBeLessThan(20);
    lower.mockRestore();
  });
});
