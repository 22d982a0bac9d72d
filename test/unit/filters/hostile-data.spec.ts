import { issuesOf, matches } from './filter-helpers';

const thrower = (): never => {
  throw new Error('host data throws');
};
const nestedList = (levels: number, inner: unknown): unknown => {
  let value = inner;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
};

describe('data that throws', () => {
  it.each([
    ['a toJSON', { x: { toJSON: thrower } }],
    ['a toJSON of the whole', { toJSON: thrower }],
    ['a getter', Object.defineProperty({}, 'x', { enumerable: true, get: thrower })],
    ['a proxy', { x: new Proxy({}, { get: thrower, getPrototypeOf: thrower }) }],
    [
      'a revoked proxy',
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return { x: proxy };
      })(),
    ],
  ])('matches no filter that reads it, not even a negated one: %s', (_, data) => {
    for (const filter of [
      { x: 1 },
      { x: { ne: 1 } },
      { not: { x: 1 } },
      { 'x.y': { exists: false } },
      { or: [{ x: 1 }, { x: 2 }] },
    ]) {
      expect(matches(filter, data)).toBe(false);
    }
  });

  it('does not matter to a filter that does not read it', () => {
    expect(matches({ a: 1 }, { a: 1, x: { toJSON: thrower } })).toBe(true);
  });
});

describe('data of odd shape', () => {
  it('is read in lists of lists down to a limit, and not endlessly in a list that contains itself', () => {
    expect(matches({ x: 5 }, { x: nestedList(90, 5) })).toBe(true);
    expect(matches({ 'x.y': 5 }, { x: nestedList(90, { y: 5 }) })).toBe(true);
    expect(matches({ x: 5 }, { x: nestedList(50_000, 5) })).toBe(false);
    expect(matches({ 'x.y': 5 }, { x: nestedList(50_000, { y: 5 }) })).toBe(false);
    const loop: unknown[] = [];
    loop.push(loop, loop);
    expect(matches({ x: 5 }, { x: loop })).toBe(false);
    expect(matches({ 'x.y': { ne: 5 } }, { x: loop })).toBe(false);
  });

  it('may be an object that contains itself', () => {
    const loop: Record<string, unknown> = { a: 1 };
    loop.self = loop;
    expect(matches({ x: { eq: { a: 1 } } }, { x: loop })).toBe(false);
    expect(matches({ 'x.self.self.a': 1 }, { x: loop })).toBe(true);
  });

  it('is read without a call of its functions or inherited getters', () => {
    const called = jest.fn();
    class Host {
      get x(): number {
        called();
        return 1;
      }
      y(): number {
        called();
        return 1;
      }
    }
    expect(matches({ x: 1 }, new Host())).toBe(false);
    expect(matches({ y: { exists: true } }, { ...new Host(), y: called })).toBe(false);
    expect(called).not.toHaveBeenCalled();
  });

  it('is not changed by a match', () => {
    const data = Object.freeze({ items: Object.freeze([Object.freeze({ sku: 'a', at: new Date(0) })]) });
    expect(matches({ 'items.at': { lt: '2000-01-01' }, 'items.sku': { like: '*' } }, data)).toBe(true);
    expect(JSON.stringify(data)).toBe('{"items":[{"sku":"a","at":"1970-01-01T00:00:00.000Z"}]}');
  });

  it('has no field that another library added to every object', () => {
    const everyObject = Object.prototype as { added?: unknown };
    everyObject.added = 1;
    try {
      expect(matches({ added: 1 }, {})).toBe(false);
      expect(matches({ 'a.added': { exists: false } }, { a: {} })).toBe(true);
      expect(matches({ added: 1 }, { added: 1 })).toBe(true);
    } finally {
      delete everyObject.added;
    }
  });

  it('may be an object without a prototype', () => {
    const data = Object.assign(Object.create(null) as object, { a: { b: 1 } });
    expect(matches({ 'a.b': 1 }, data)).toBe(true);
    expect(issuesOf(Object.assign(Object.create(null) as object, { a: 1 }))).toEqual([]);
  });
});

describe('filters written to be slow', () => {
  // Each would take minutes to years without the limits of the matcher; the time limit of the test is the bound.
  const text = 'a'.repeat(262_144);

  it.each([
    ['many stars', { x: { like: `${'*a'.repeat(500)}*b*` } }],
    ['a periodic text that is nearly there', { x: { contains: `${'a'.repeat(512)}b${'a'.repeat(511)}` } }],
    ['a long number', { x: { gt: '9'.repeat(64) } }],
    ['a text of stars', { x: { like: `${'*'.repeat(1000)}b` } }],
  ])('end in time: %s', (_, filter) => {
    expect(matches(filter, { x: text })).toBe(false);
  });

  it('end in time with five hundred values against a hundred thousand elements', () => {
    const values = Array.from({ length: 500 }, (_, index) => `k${index}`);
    const list = Array.from({ length: 100_000 }, (_, index) => `z${index}`);
    expect(matches({ x: { all: values } }, { x: list })).toBe(false);
    expect(matches({ x: { all: values } }, { x: [...list, ...values] })).toBe(true);
    expect(matches({ x: values }, { x: [...list, 'k499'] })).toBe(true);
  });
});
