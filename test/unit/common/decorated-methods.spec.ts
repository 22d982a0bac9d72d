import {
  decoratedMethods,
  MethodMark,
  type Places,
  unprovidedLine,
} from '../../../lib/common/decorated-methods.js';

const MARK = new MethodMark<string>('Mark');
const Mark =
  (what: string) =>
  (target: object, name: string | symbol, descriptor: PropertyDescriptor): void =>
    MARK.put(target, name, descriptor, what);

/** Replaces the method with another function and copies nothing, as packages for tracing and transactions do. */
const Traced = () => (_target: object, _name: string | symbol, descriptor: PropertyDescriptor) => {
  const original = descriptor.value as (...args: unknown[]) => unknown;
  descriptor.value = function traced(this: unknown, ...args: unknown[]) {
    return `traced ${String(original.apply(this, args))}`;
  };
  return descriptor;
};

/** Replaces the method with a getter, as decorators for bound methods do. */
const Bound =
  () =>
  (_target: object, _name: string | symbol, { value }: PropertyDescriptor) => ({
    configurable: true,
    get(this: object): () => string {
      return (value as () => string).bind(this);
    },
  });

const place = (instance: unknown) => ({
  instance,
  isAlias: false,
  isTransient: false,
  isDependencyTreeStatic: () => true,
});
const placesOf = (...instances: unknown[]): Places => ({
  getProviders: () => instances.map(place),
  getControllers: () => [],
});
const found = (...instances: unknown[]) => [...decoratedMethods(placesOf(...instances), MARK)];
const answers = (...instances: unknown[]) =>
  found(...instances).map(({ metadata, where, kind, call }) => [metadata, where, kind, call()]);

const NAME = Symbol('name');

class Base {
  private readonly own = 'own';

  @Mark('plain')
  plain() {
    return `plain ${this.own}`;
  }

  @Traced()
  @Mark('under')
  under() {
    return `under ${this.own}`;
  }

  @Mark('above')
  @Traced()
  above() {
    return `above ${this.own}`;
  }

  @Bound()
  @Mark('bound')
  bound() {
    return `bound ${this.own}`;
  }

  @Mark('once')
  @Mark('twice')
  twice() {
    return `twice ${this.own}`;
  }

  @Mark('symbol')
  [NAME]() {
    return `symbol ${this.own}`;
  }
}

const ALL = [
  ['plain', 'Base.plain', 'method', 'plain own'],
  ['under', 'Base.under', 'method', 'traced under own'],
  ['above', 'Base.above', 'method', 'traced above own'],
  ['bound', 'Base.bound', 'method', 'bound own'],
  ['twice', 'Base.twice', 'method', 'twice own'],
  ['once', 'Base.twice', 'method', 'twice own'],
  ['symbol', 'Base.Symbol(name)', 'method', 'symbol own'],
];

describe('a method that a decorator marks', () => {
  it('is found above and below other decorators, with a symbol as its name, and once for each mark', () => {
    expect(answers(new Base())).toEqual(ALL);
  });

  it('is inherited: the override of a subclass is called, and a mark of the subclass replaces the inherited one', () => {
    class Sub extends Base {
      override plain() {
        return 'overridden';
      }

      @Mark('anew')
      override above() {
        return 'anew';
      }
    }
    const inherited = answers(new Sub());
    expect(inherited).toHaveLength(ALL.length);
    expect(inherited).toContainEqual(['plain', 'Sub.plain', 'method', 'overridden']);
    expect(inherited).toContainEqual(['anew', 'Sub.above', 'method', 'anew']);
    expect(answers(new Base())).toEqual(ALL);
  });

  it('is found once in an instance that several providers share', () => {
    const one = new Base();
    expect(answers(one, one)).toEqual(ALL);
    expect(answers(one, new Base())).toEqual([...ALL, ...ALL]);
  });

  it('is looked up at each call, so that an instance may replace it', () => {
    const one = new Base();
    const [plain] = found(one);
    one.plain = () => 'wrapped later';
    expect(plain?.call()).toBe('wrapped later');
  });

  it('is known as async, or as replaced by something that is not a method', () => {
    class Changed extends Base {
      // @ts-expect-error -- a subclass in JavaScript may
      override async plain(): Promise<never> {
        throw new Error('not called');
      }
    }
    const one = new Changed();
    Object.defineProperty(one, 'above', { value: 'a text' });
    Object.defineProperty(one, 'under', {
      get() {
        throw new Error('not connected yet');
      },
    });
    const kinds = Object.fromEntries(found(one).map(({ metadata, kind }) => [metadata, kind]));
    expect(kinds).toMatchObject({ plain: 'async method', above: 'no method', under: 'no method' });
  });

  it('is searched for without reading other properties, whatever value a provider is', () => {
    const untouched = {
      get connection(): never {
        throw new Error('touched');
      },
    };
    const closed = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new Error('no prototype');
        },
      },
    );
    const nameless: object = Object.create(Base.prototype, { constructor: { value: undefined } }) as object;
    expect(found(untouched, closed, null, undefined, 0, Object.create(null), () => 1, [1])).toEqual([]);
    expect(found(nameless).map(({ where }) => where)).toContain('a class without a name.plain');
  });

  it.each<[string, () => unknown]>([
    [
      'a static method',
      () => {
        class Holder {
          static run() {
            return 1;
          }
        }
        Mark('x')(Holder, 'run', Object.getOwnPropertyDescriptor(Holder, 'run')!);
        return Holder;
      },
    ],
    [
      'a getter',
      () => {
        class Holder {
          @Mark('x')
          get run() {
            return 1;
          }
        }
        return Holder;
      },
    ],
    [
      'a field',
      () => Mark('x')(class Holder {}.prototype, 'run', undefined as unknown as PropertyDescriptor),
    ],
  ])('must be a method of an instance: %s is refused when its class is defined', (_what, make) => {
    expect(make).toThrow(
      '@Mark on Holder.run: put it on an instance method, not on a static method, a getter or a field that holds a function.',
    );
  });
});

describe('the methods of classes that nobody provides', () => {
  const LOST = new MethodMark<string>('Lost');
  const put = (type: { prototype: object }, method: string, what: string): void =>
    LOST.put(type.prototype, method, Object.getOwnPropertyDescriptor(type.prototype, method), what);
  class Parent {
    one(): void {}
  }
  class Child extends Parent {
    two(): void {}
    three(): void {}
  }
  class Other {
    four(): void {}
  }
  put(Parent, 'one', 'first');
  put(Child, 'two', 'second');
  put(Child, 'two', 'second again');
  put(Child, 'three', 'third');
  put(Other, 'four', 'fourth');
  const lost = () => [...LOST.unprovided()].map(({ where, metadata }) => `${where} ${metadata}`);

  it('are reported until an application has an instance, even of a subclass', () => {
    const all = [
      'Parent.one first',
      'Child.two second',
      'Child.two second again',
      'Child.three third',
      'Other.four fourth',
    ];
    expect(lost()).toEqual(all);
    expect([...decoratedMethods(placesOf(new Parent()), LOST)]).toHaveLength(1);
    expect(lost()).toEqual(all.slice(1));
    expect([...decoratedMethods(placesOf(new (class extends Child {})()), LOST)]).toHaveLength(4);
    expect(lost()).toEqual(['Other.four fourth']);
  });

  it('are named in one line, ten at most', () => {
    const methods = Array.from({ length: 12 }, (_, n) => ({ where: `A.m${n}`, what: `t${n}` }));
    expect(unprovidedLine('MapDomainEvent', methods.slice(0, 2), 'no script gets these events')).toBe(
      'No module provides the class of @MapDomainEvent A.m0 (t0), A.m1 (t1): no script gets these events. ' +
        'Add the class to the providers or controllers of a module that the application imports.',
    );
    expect(unprovidedLine('MapDomainEvent', methods, 'x')).toContain('A.m9 (t9), 2 more: x.');
  });
});
