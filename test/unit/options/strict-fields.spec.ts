import { fieldsProblem, hasOwnFields } from '../../../lib/options/strict-fields.js';

const KNOWN = ['status', 'reason'];

class Base {
  reason?: string;
}
/** As class-transformer makes it for `@Query()`. */
class Dto extends Base {
  status?: string;
}
class WithAccessor {
  get status(): string {
    return 'exhausted';
  }
}
class WithAccessorBelow extends WithAccessor {
  reason = 'loop';
}
class WithMethod {
  readonly #status = 'exhausted';
  statusOf(): string {
    return this.#status;
  }
}
class OfMap extends Map {}
class Onto {
  declare status: string;
}
Object.defineProperty(Onto.prototype, 'status', { value: 'exhausted' });

describe('an argument of named fields', () => {
  it.each<[string, object]>([
    ['a plain object', { status: 'exhausted' }],
    ['an object without a prototype', Object.assign(Object.create(null), { status: 'exhausted' })],
    ['an instance of a class of fields', Object.assign(new Dto(), { status: 'exhausted' })],
    ['such an instance that has none of them', new Dto()],
    ['what JSON.parse made', JSON.parse('{"reason":"loop"}')],
  ])('may be %s', (_, given) => {
    expect(fieldsProblem('the filter', given, KNOWN)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['a class with an accessor', new WithAccessor()],
    ['a class below one with an accessor', new WithAccessorBelow()],
    ['a class with methods, whose data is private', new WithMethod()],
    ['a class with a field on its prototype', new Onto()],
    ['inherited fields', Object.create({ status: 'exhausted' })],
    ['inherited fields further up', Object.create(Object.create({ status: 'exhausted' }))],
    ['a Map', new Map([['status', 'exhausted']])],
    ['a class below Map', new OfMap()],
    ['a Date', new Date(0)],
    ['an error', new Error('status')],
    ['a proxy above it', Object.create(new Proxy(Dto.prototype, {}))],
    ['many classes', Array.from({ length: 20 }).reduce<object>((above) => Object.create(above), {})],
  ])('may not be of %s', (_, given) => {
    expect(fieldsProblem('the filter', given, KNOWN)).toEqual({
      field: 'the filter',
      message:
        'the filter is not a plain object: give { status, reason }; of an instance of a class with methods or accessors, { ...it }',
    });
    expect(hasOwnFields(given)).toBe(typeof given === 'object' && Object.keys(given as object).length > 0);
  });

  it('of an instance has known fields with values alone, as of a plain object', () => {
    const misspelt = Object.assign(new Dto(), { stauts: 'exhausted' });
    expect(fieldsProblem('the filter', misspelt, KNOWN)?.message).toContain('did you mean status?');
    const getter = Object.defineProperty(new Dto(), 'status', { get: () => 'exhausted' });
    expect(fieldsProblem('the filter', getter, KNOWN)?.message).toBe('status is a getter; give its value');
  });
});
