import { FilterIndex, FilterInquiry, parseFilter } from 'nestjs-scripts-event/filters';
import { scalarKey } from '../../../lib/filters/lookups/scalar-key.js';
import { inShortOneIn } from '../../support/test-form.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

/** A tenth of the default limits, which keeps the tests short. */
const STEPS = { filterSteps: 20_000, eventSteps: 400_000 };
const SLICE = 5_000;
const FILTERS = 100;

const times = <T>(length: number, make: (at: number) => T): T[] =>
  Array.from({ length }, (_, at) => make(at));
const or = (count: number, make: (at: number) => object): object => ({ or: times(count, make) });
const list = (length: number, make: (at: number) => unknown): object => ({ a: times(length, make) });

/** Attempts of a tenant to make looking up more expensive than asking every filter. */
const SHAPES: [string, object, (filter: number) => object][] = [
  ['all under one key', { a: 'x', b: 'y' }, () => ({ a: 'x', b: { ne: 'y' } })],
  ['a path of its own for each', { x: 1 }, (at) => ({ [`p${at}`]: 1 })],
  ['sixty paths of its own for each', { x: 1 }, (at) => or(60, (n) => ({ [`p${at}-${n}`]: 1 }))],
  [
    'two thousand bounds, many values',
    list(10_000, (at) => at * 3),
    (at) => or(10, (n) => ({ a: { gt: 1e6 + at * 10 + n } })),
  ],
  [
    'ranges around each other, many values',
    list(10_000, (at) => at),
    (at) => ({ a: { between: [-at - 1, 20_000 + at] }, b: 1 }),
  ],
  [
    'ranges that are nearly alike',
    { a: 0.5 },
    (at) => ({ a: { between: [at / 1_000, 1 + at / 1_000] }, b: 1 }),
  ],
  [
    'long texts as keys, of many lengths',
    { a: 'k'.repeat(50_000) },
    (at) => ({ a: { startsWith: 'k'.repeat(at + 1) }, b: 1 }),
  ],
  ['long texts as values', list(60, (at) => 'v'.repeat(1_000 + at)), (at) => ({ a: 'v'.repeat(800 + at) })],
  [
    'lists of 500 values',
    list(4_000, (at) => `v${at}`),
    (at) => ({ a: { in: times(500, (n) => `${at}-${n}`) } }),
  ],
  [
    'lists of 100 values',
    list(4_000, (at) => `v${at}`),
    (at) => ({ a: { in: times(100, (n) => `${at}-${n}`) } }),
  ],
  ['one part of a long text', { a: 'abc'.repeat(20_000) }, (at) => ({ a: { contains: `abcabc${at}` } })],
  [
    'parts of many long texts',
    list(60, () => 'abc'.repeat(300)),
    (at) => or(8, (n) => ({ a: { contains: `cab${n}z${at}` } })),
  ],
  [
    'values of another case',
    list(2_000, (at) => `İ${at}`),
    (at) => ({ a: { eq: `ß${at}`, ignoreCase: true } }),
  ],
  [
    'dates',
    list(1_600, () => '2026-01-31T10:20:30.123+02:00'),
    (at) => ({ a: { gt: `2027-01-01T00:00:${String(at % 60).padStart(2, '0')}Z` } }),
  ],
  [
    'numbers of 60 digits',
    list(900, (at) => `${at}${'9'.repeat(55)}`),
    (at) => ({ a: { gt: `1${'0'.repeat(57)}${at}` } }),
  ],
  [
    'elements of elements',
    { a: times(40, () => times(40, (n) => ({ v: n }))) },
    (at) => ({ a: { any: { v: 100 + at } } }),
  ],
];

function indexOf(filter: (at: number) => object, count = FILTERS): FilterIndex<number> {
  const index = new FilterIndex<number>();
  for (let at = 0; at < count; at += 1) index.add(at, parseFilter(filter(at)));
  return index;
}

/** Asks in slices, as routing does, and returns the steps of the most expensive one. */
function dearestSlice(inquiry: FilterInquiry<number>): number {
  let dearest = 0;
  for (let ended = false, before = 0; !ended; before = inquiry.stepsTaken) {
    ended = inquiry.advance(SLICE);
    dearest = Math.max(dearest, inquiry.stepsTaken - before);
  }
  return dearest;
}

describe('filters and data that are made expensive to look up', () => {
  it.each(inShortOneIn(2, SHAPES))(
    'take hardly more steps than asking each filter, in slices of limited size: %s',
    (_, data, filter) => {
      const index = indexOf(filter);
      const source = index.asItIs();
      const loop = new FilterInquiry(
        [{ ...source, reachedBy: () => ({ proved: [], asked: source.all() }) }],
        () => data,
        STEPS,
      );
      dearestSlice(loop);
      const inquiry = index.ask(() => data, STEPS);
      const dearest = dearestSlice(inquiry);

      expect(dearest).toBeLessThanOrEqual(STEPS.filterSteps + SLICE);
      expect(inquiry.stepsTaken).toBeLessThanOrEqual(1.2 * loop.stepsTaken + STEPS.filterSteps);
      // The index decides every filter that the loop decides, in the same way.
      const undecidedByLoop = new Set(loop.undecided);
      expect(inquiry.undecided.filter((id) => !undecidedByLoop.has(id))).toEqual([]);
      expect(inquiry.matched.filter((id) => !undecidedByLoop.has(id))).toEqual(loop.matched);
    },
  );

  it('take no more steps than a strict slice allows, and are looked up completely later', () => {
    const index = indexOf((at) => ({ 'a.b': at }));
    const inquiry = index.ask(() => list(30_000, (at) => ({ b: at })));
    expect(inquiry.advance(20_000, true)).toBe(false);
    expect(inquiry.stepsTaken).toBeLessThanOrEqual(20_000);
    expect(inquiry.advance()).toBe(true);
    expect(inquiry.matched).toHaveLength(FILTERS);
  });

  it('are all asked if looking up takes too many steps, and each has all of its steps', () => {
    const index = indexOf((at) => (at === 0 ? { x: 1 } : { [`a.b${at}`]: 1 }));
    const inquiry = index.ask(() => ({ x: 1, ...list(5_000, () => ({})) }), STEPS);
    expect(inquiry.advance()).toBe(true);
    expect(inquiry.tested).toBeGreaterThanOrEqual(FILTERS);
    expect(inquiry.matched).toEqual([0]);
    expect(inquiry.stepsTaken).toBeLessThanOrEqual(STEPS.eventSteps + 2 * STEPS.filterSteps);
  });

  it('use only the steps of their own event', () => {
    const index = indexOf((at) => or(10, (n) => ({ a: { contains: `zz${at}-${n}` } })));
    const dear = index.ask(() => ({ a: 'z'.repeat(200_000) }), STEPS);
    dear.advance();
    expect(dear.undecided.length).toBeGreaterThan(0);
    const cheap = index.ask(() => ({ a: 'zz7-7' }));
    cheap.advance();
    expect(cheap.matched).toEqual([7]);
    expect(cheap.stepsTaken).toBeLessThan(10_000);
  });
});

it('the index reads a filter with many places at most twice when it divides a list', () => {
  const branches = (count: number): object => or(count, (n) => ({ a: `v${n}`, b: { gt: n } }));
  const filters = times(40, (at) => parseFilter({ ...branches(31), c: { ne: at } }));
  const index = new FilterIndex<number>();
  const reads = jest.spyOn(JSON, 'parse');
  for (const [at, filter] of filters.entries()) index.add(at, filter);
  const read = reads.mock.calls.length;
  reads.mockRestore();
  expect(index.stats().scanned).toBe(0);
  // Once when it is added, and perhaps once more.
  expect(read).toBeLessThanOrEqual(80);
});

describe('a key of the index', () => {
  // JavaScript engines hash integers, and texts of digits, without a secret: an attacker can make thousands of them
  // collide.
  it.each([0, 5, -1, 1.5, 4_294_967_295, 1e300, '0', '123456', '007', '#5', '=5'])(
    'is never a number or digits alone: %p',
    (value) => expect(scalarKey(value)).toMatch(/^[#=]./),
  );

  it('differs for a number and its text, and for text that looks like a key', () => {
    const keys = [5, '5', '#5', '=5', '==5', true, 'true', null, 'null'].map(scalarKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
