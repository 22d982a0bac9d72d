/** What versions of Node.js after 20 add to the global object. */
interface Newer {
  Iterator?: { from(source: object): { drop(count: number): object } };
  SuppressedError?: ErrorConstructor;
}

/**
 * Makes a realm fit to be used by one run after another: freezes every object that can be reached, so that nothing can
 * be left in it, and gives a function that tells whether the global object is as it was. The global object stays open,
 * because a script may use a variable it has not declared; a realm in which one did is not used again.
 *
 * Freezing `Object.prototype.toString` would forbid `object.toString = …` on every object (the "override mistake" of the
 * language), so what authors override by assignment becomes an accessor that defines the property on the object itself.
 * The hidden state of the language is closed too: the statics of `RegExp` and the settings of stacks.
 *
 * Its text is compiled in the isolate: see index.ts.
 */
export function freezeRealm(): () => boolean {
  'use strict';
  const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, isExtensible } = Object;
  const { ownKeys } = Reflect;
  const NativeTypeError = TypeError;
  const realm = globalThis;

  for (const key of ownKeys(RegExp)) {
    if (key !== Symbol.species && getOwnPropertyDescriptor(RegExp, key)!.get) delete (RegExp as never)[key];
  }
  defineProperty(Error, 'stackTraceLimit', { value: 10, writable: false, configurable: false });
  defineProperty(Error, 'prepareStackTrace', { value: undefined, writable: false, configurable: false });

  /** Objects that only a call leads to: the getters of what may be overridden. */
  const behindGetters: unknown[] = [];
  function allowOverride(object: object): void {
    for (const key of ownKeys(object)) {
      const { value, writable, configurable, enumerable } = getOwnPropertyDescriptor(object, key)!;
      if (!writable || !configurable) continue;
      behindGetters.push(value);
      const { get, set } = {
        get: () => value as unknown,
        set(this: unknown, own: unknown) {
          if (this === object) throw new NativeTypeError("Built-in objects can't be changed");
          const descriptor = {
            __proto__: null,
            value: own,
            writable: true,
            enumerable: true,
            configurable: true,
          };
          defineProperty(this as object, key, descriptor as object);
        },
      };
      defineProperty(object, key, { get, set, enumerable, configurable: false });
    }
  }

  const errors = [
    Error,
    AggregateError,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  ];
  const { Iterator, SuppressedError } = realm as unknown as Newer;
  if (SuppressedError) errors.push(SuppressedError);
  for (const { prototype } of [Object, Function, ...errors]) allowOverride(prototype as object);

  const segments = new Intl.Segmenter().segment('');
  /** Objects of the language that no property of the global object leads to. */
  const hidden = [
    () => 1,
    async () => {},
    function* () {},
    async function* () {},
    [].values(),
    new Map().values(),
    new Set().values(),
    ''[Symbol.iterator](),
    'a'.matchAll(/a/g),
    segments,
    segments[Symbol.iterator](),
    // The iterators of `[].values().map(…)` and of `Iterator.from(…)`.
    ...(Iterator ? [Iterator.from([]).drop(0), Iterator.from({ next: () => ({}) })] : []),
  ].map(getPrototypeOf);

  const seen = new Set<unknown>([realm]);
  // From Node.js 22 on every error has a stack of its own with the accessors of all.
  const stack = getOwnPropertyDescriptor(new Error(), 'stack');
  const waiting: unknown[] = [...hidden, ...behindGetters, stack?.get, stack?.set];
  const visit = (object: object): void => {
    waiting.push(getPrototypeOf(object));
    for (const key of ownKeys(object)) {
      const { value, get, set } = getOwnPropertyDescriptor(object, key)! as {
        value?: unknown;
        get?: unknown;
        set?: unknown;
      };
      waiting.push(value, get, set);
    }
  };
  visit(realm);
  while (waiting.length > 0) {
    const next = waiting.pop();
    if ((typeof next !== 'object' && typeof next !== 'function') || next === null || seen.has(next)) continue;
    seen.add(next);
    freeze(next);
    visit(next);
  }
  for (const key of ownKeys(realm)) defineProperty(realm, key, { writable: false, configurable: false });

  const names = ownKeys(realm).length;
  const parent = getPrototypeOf(realm) as unknown;
  return () => ownKeys(realm).length === names && isExtensible(realm) && getPrototypeOf(realm) === parent;
}
