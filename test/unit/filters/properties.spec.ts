import fc, { runs } from '../../support/fast-check.js';
import {
  explainFilter,
  FilterIndex,
  matchFilter,
  parseFilter,
  type FilterIssue,
} from 'nestjs-scripts-event/filters';
import { issuesOf } from './filter-helpers';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

// Few names and values, so that filters often match.
const names = fc.constantFrom('a', 'b', 'c', '0', 'length', 'constructor');
const paths = fc.oneof(
  names,
  fc.array(names, { minLength: 2, maxLength: 3 }).map((parts) => parts.join('.')),
  names.map((name) => `/${name}`),
);
const scalars = fc.oneof(
  fc.constantFrom(null, true, false, 0, 1, 2, 10.5, '', '1', '1.0', 'a', 'ab', 'AB', '2026-01-01'),
  fc.integer(),
  fc.string(),
);
const { data } = fc.letrec<{ data: unknown; list: unknown[]; object: Record<string, unknown> }>((tie) => ({
  data: fc.oneof({ maxDepth: 4 }, scalars, tie('list'), tie('object')),
  list: fc.array(tie('data'), { maxLength: 4 }),
  object: fc.dictionary(names, tie('data'), { maxKeys: 4 }),
}));
const payloads = fc.dictionary(names, data, { maxKeys: 5 });

const texts = fc.constantFrom('a', 'ab', 'AB', '1', '2026-01-01');
const numbers = fc.constantFrom(0, 1, 2, 10.5, '1', '1.50');
const items = fc.array(scalars, { minLength: 1, maxLength: 3 });
const like = fc.constantFrom('*', 'a*', '*b', '*a*', 'a\\*');
type Json = Record<string, unknown>;
const { filter } = fc.letrec<{ filter: Json; condition: unknown; operators: Json }>((tie) => ({
  operators: fc
    .record(
      {
        eq: data,
        ne: scalars,
        gt: numbers,
        gte: numbers,
        lt: numbers,
        lte: fc.constantFrom('2026-01-01', '2026-01-01T00:00:00Z'),
        between: fc.constantFrom([0, 2], ['1', 10.5], [1, 1]),
        in: items,
        nin: items,
        all: items,
        contains: fc.oneof(texts, fc.integer()),
        startsWith: texts,
        endsWith: texts,
        like,
        size: fc.nat(3),
        exists: fc.boolean(),
        any: tie('filter'),
        not: tie('operators'),
      },
      { requiredKeys: [] },
    )
    .map((all) => Object.fromEntries(Object.entries(all).slice(0, 2)))
    .filter((some) => Object.keys(some).length > 0),
  condition: fc.oneof({ maxDepth: 3, depthIdentifier: 'filter' }, scalars, items, tie('operators')),
  filter: fc
    .tuple(
      fc.dictionary(paths, tie('condition'), { maxKeys: 3 }),
      fc.option(fc.constantFrom('and', 'or', 'not'), { freq: 3 }),
      fc.oneof(
        { maxDepth: 3, depthIdentifier: 'filter' },
        fc.constant<Json[]>([]),
        fc.array(tie('filter'), { minLength: 1, maxLength: 2 }),
      ),
    )
    .map(([fields, word, inner]) => {
      const [first] = inner;
      if (word === null || first === undefined) return fields;
      if (word !== 'not') return { ...fields, [word]: inner };
      return Object.keys(first).length === 0 ? fields : { ...fields, not: first };
    }),
}));
const filters = filter.filter((json) => issuesOf(json).length === 0);

/** The same JSON with every object's keys in the opposite order. */
function reversed(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(reversed);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .toReversed()
      .map(([key, value]) => [key, reversed(value)]),
  );
}

const sortedIssues = (json: unknown): string[] =>
  issuesOf(json)
    .map((issue) => JSON.stringify(issue))
    .toSorted();

const isWellFormed = ({ path, code, message }: FilterIssue): boolean =>
  path.startsWith('filters') &&
  ['type', 'operator', 'operand', 'path', 'limit'].includes(code) &&
  message.length > 20;

const many = { numRuns: runs(1_000) };

describe('for random filters and data', () => {
  it('reading gives a filter or a FilterError with at least one problem, whatever is read', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
      withBoxedValues: true,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          anything,
          filter,
          fc.dictionary(paths, anything),
          fc.record({ and: anything, or: anything, not: anything }),
        ),
        (json) => {
          const issues = issuesOf(json);
          expect(issues.filter((issue) => !isWellFormed(issue))).toEqual([]);
          const kept = issues.length > 0 ? undefined : JSON.stringify(parseFilter(json));
          expect(kept).toBe(issues.length > 0 ? undefined : JSON.stringify(json ?? {}));
        },
      ),
      many,
    );
  });

  it('matching gives true or false, whatever the data', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(filters, fc.oneof(anything, fc.dictionary(names, anything)), (json, value) => {
        expect(typeof matchFilter(parseFilter(json), value)).toBe('boolean');
      }),
      many,
    );
  });

  it('the order of keys changes neither the answer nor the problems', () => {
    fc.assert(
      fc.property(filter, payloads, (json, payload) => {
        const other = reversed(json);
        expect(sortedIssues(other)).toEqual(sortedIssues(json));
        if (issuesOf(json).length > 0) return;
        expect(matchFilter(parseFilter(other), reversed(payload))).toBe(
          matchFilter(parseFilter(json), payload),
        );
      }),
      many,
    );
  });

  it('data matches in the same way as the JSON that it becomes', () => {
    const host = fc.dictionary(
      names,
      fc.oneof(data, fc.date(), fc.constantFrom(undefined, Number.NaN, new Date(0), new Map(), Symbol('s'))),
    );
    fc.assert(
      fc.property(filters, host, (json, payload) => {
        const parsed = parseFilter(json);
        expect(matchFilter(parsed, payload)).toBe(matchFilter(parsed, JSON.parse(JSON.stringify(payload))));
      }),
      many,
    );
  });

  it('a logical not matches exactly the data that its filter does not match', () => {
    fc.assert(
      fc.property(filters, payloads, (json, payload) => {
        const negated = { not: json };
        fc.pre(issuesOf(negated).length === 0);
        expect(matchFilter(parseFilter(negated), payload)).toBe(!matchFilter(parseFilter(json), payload));
      }),
      many,
    );
  });

  it('a filter matches if and only if each of its entries matches', () => {
    fc.assert(
      fc.property(filters, payloads, (json, payload) => {
        const each = Object.entries(json).map(([key, value]) =>
          matchFilter(parseFilter({ [key]: value }), payload),
        );
        expect(matchFilter(parseFilter(json), payload)).toBe(each.every(Boolean));
      }),
      many,
    );
  });

  it('an explanation agrees with the match, and its parts with the whole', () => {
    fc.assert(
      fc.property(filters, payloads, (json, payload) => {
        const parsed = parseFilter(json);
        const explained = explainFilter(parsed, payload);
        expect(explained.matched).toBe(matchFilter(parsed, payload));
        const top = Object.keys(json);
        const groups = explained.groups.filter((group) =>
          top.some((key) => group.place === `filters.${key}`),
        );
        const conditions = explained.conditions.filter((condition) =>
          top.some(
            (key) =>
              condition.path === key &&
              [`filters.${key}`, `filters.${key}.${condition.operator}`].includes(condition.place),
          ),
        );
        expect([...groups, ...conditions].every((part) => part.matched)).toBe(explained.matched);
      }),
      many,
    );
  });

  it('an index matches the same filters as a loop, after every change', () => {
    const changes = fc.array(fc.tuple(fc.nat(5), fc.option(filters, { freq: 4 })), { maxLength: 12 });
    fc.assert(
      fc.property(changes, fc.array(payloads, { minLength: 1, maxLength: 3 }), (list, events) => {
        const index = new FilterIndex<number>();
        const model = new Map<number, ReturnType<typeof parseFilter>>();
        for (const [id, json] of list) {
          if (json !== null) index.add(id, parseFilter(json));
          const known = json === null ? model.delete(id) : Boolean(model.set(id, parseFilter(json)));
          expect(json !== null || index.remove(id)).toBe(known);
        }
        expect(index.size).toBe(model.size);
        for (const event of events) {
          const expected = [...model].filter(([, one]) => matchFilter(one, event)).map(([id]) => id);
          expect(index.match(event)).toEqual(expected);
        }
      }),
      { numRuns: runs(300) },
    );
  });
});
