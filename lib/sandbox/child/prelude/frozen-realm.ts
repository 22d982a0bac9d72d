/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
/** What versions of Node.js after 20 add to the global object. */
interface Newer {
  Iterator?: { from(source: object): { drop(count: number): object } };
  SuppressedError?: ErrorConstructor;
}

/** A realm that was frozen. */
export interface FrozenRealm {
  /** How to freeze further realms of this process, if no plan was given or the given one did not fit. */
  plan: Plan | undefined;
  /** Whether the global object is as it was. */
  isUntouched(): boolean;
}

/**
 * Freezes the realm.
 *
 * @param plan what an earlier call in another realm of this process returned, as 32-bit numbers, if there was one
 */
export type FreezeRealm = (plan?: ArrayBuffer) => FrozenRealm;

/**
 * How to reach the objects of a realm, so that they need not be searched for. As numbers in a row, because each home reads
 * it: the kind of each root (left alone, frozen, or frozen and followed); then for each followed object its number of keys,
 * its number of steps, and the steps. A step holds a key, its part, and whether to follow what is found there.
 */
export type Plan = number[];

/**
 * Makes a realm fit to be used by one run after another: freezes every object that can be reached, so that nothing can
 * be left in it, and tells whether the global object is as it was. The global object stays open, because a script may use a
 * variable it has not declared; a realm in which one did is not used again.
 *
 * Looking at every property takes three times as long as freezing. Realms of one engine and one prelude are alike, so the
 * first one of a process is walked through and the others go the ways that were found in it. Where one has another number of
 * keys, or no object at the end of a way, it is walked through as well.
 *
 * Freezing `Object.prototype.toString` would forbid `object.toString = …` on every object (the "override mistake" of the
 * language), so what authors override by assignment becomes an accessor that defines the property on the object itself.
 * The hidden state of the language is closed too: the statics of `RegExp` and the settings of stacks.
 *
 * Its text is compiled in the isolate: see index.ts.
 */
export function freezeRealm(given?: ArrayBuffer): FrozenRealm {
  'use strict';
  const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, isExtensible } = Object;
  const { ownKeys } = Reflect;
  const NativeTypeError = TypeError;
  const realm = globalThis;

  for (const key of ownKeys(RegExp)) {
    if (key !== Symbol.species && getOwnPropertyDescriptor(RegExp, key)!.get) delete (RegExp as never)[key];
  }
  // From Node.js 22 on every error has a stack of its own with the accessors of all. Before, to ask for it is to make its text:
  // of no frames, which takes no time.
  Error.stackTraceLimit = 0;
  const stack = getOwnPropertyDescriptor(new Error(), 'stack');
  defineProperty(Error, 'stackTraceLimit', { value: 10, writable: false, configurable: false });
  defineProperty(Error, 'prepareStackTrace', { value: undefined, writable: false, configurable: false });

  /** Objects that can be reached only by calling a function: the getters of what may be overridden. */
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
  /** Objects of the language that can't be reached from the global object. */
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

  const roots: unknown[] = [...hidden, ...behindGetters, stack?.get, stack?.set];
  const SKIP = 0;
  const END = 1;
  const GO_ON = 2;
  // A step: the place of the key, times 8, plus twice the part, plus 1 if what is found there is followed.
  const KEY_SHIFT = 3;
  const PART_SHIFT = 1;
  const FOLLOWED = 1;
  const VALUE = 0;
  const GETTER = 1;
  const SETTER = 2;
  const PROTOTYPE = 3;
  const isObject = (value: unknown): value is object =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';

  function walk(): Plan {
    const seen = new Set<unknown>([realm]);
    const found: object[] = [realm];
    const isNew = (value: unknown): boolean => {
      if (!isObject(value) || seen.has(value)) return false;
      seen.add(value);
      found.push(value);
      freeze(value);
      return true;
    };
    const kinds: number[] = roots.map((root) => (isNew(root) ? END : SKIP));
    const lines: { keys: number; steps: number[] }[] = [];
    for (let at = 0; at < found.length; at++) {
      const object = found[at]!;
      const keys = ownKeys(object);
      const steps: number[] = [];
      if (isNew(getPrototypeOf(object))) steps.push(PROTOTYPE << PART_SHIFT);
      keys.forEach((key, place) => {
        const { value, get, set } = getOwnPropertyDescriptor(object, key)!;
        if (isNew(value)) steps.push((place << KEY_SHIFT) | (VALUE << PART_SHIFT));
        if (isNew(get)) steps.push((place << KEY_SHIFT) | (GETTER << PART_SHIFT));
        if (isNew(set)) steps.push((place << KEY_SHIFT) | (SETTER << PART_SHIFT));
      });
      lines.push({ keys: keys.length, steps });
    }
    // Objects were found in the order of the steps that led to them.
    const isFollowed = (at: number): boolean => lines[at]!.steps.length > 0;
    let at = 1;
    const plan = kinds.map((kind) => (kind === END && isFollowed(at++) ? GO_ON : kind));
    for (const { keys, steps } of lines) {
      const marked = steps.map((step) => (isFollowed(at++) ? step | FOLLOWED : step));
      if (steps.length > 0) plan.push(keys, steps.length, ...marked);
    }
    return plan;
  }

  /**
   * False if this realm differs from the one the plan was made in. Part of it is then frozen.
   *
   * Each home does this once, in the interpreter, where a call costs as much as the rest of a step: so there are no
   * functions of ours in the loops.
   */
  function follow(plan: Int32Array): boolean {
    const count = roots.length;
    const nodes: object[] = [realm];
    let known = 1;
    for (let root = 0; root < count; root++) {
      const kind = plan[root]!;
      if (kind === SKIP) continue;
      const value = roots[root];
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
      freeze(value);
      if (kind === GO_ON) nodes[known++] = value;
    }
    const length = plan.length;
    let at = count;
    let followed = 0;
    while (at < length) {
      const node = nodes[followed++];
      if (node === undefined) return false;
      const keys = ownKeys(node);
      if (keys.length !== plan[at++]) return false;
      const end = at + 1 + plan[at]!;
      if (!(end <= length)) return false;
      while (++at < end) {
        const step = plan[at]!;
        const part = (step >> PART_SHIFT) & 3;
        let value: unknown;
        if (part === VALUE) value = (node as Record<PropertyKey, unknown>)[keys[step >> KEY_SHIFT]!];
        else if (part === PROTOTYPE) value = getPrototypeOf(node);
        else {
          const descriptor = getOwnPropertyDescriptor(node, keys[step >> KEY_SHIFT]!)!;
          value = part === GETTER ? descriptor.get : descriptor.set;
        }
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
        freeze(value);
        if ((step & FOLLOWED) !== 0) nodes[known++] = value;
      }
    }
    return known === followed;
  }

  const closed = { writable: false, configurable: false };
  const plan = given && follow(new Int32Array(given)) ? undefined : walk();
  const names = ownKeys(realm);
  for (const key of names) defineProperty(realm, key, closed);
  const parent = getPrototypeOf(realm) as unknown;
  return {
    plan,
    isUntouched: () =>
      ownKeys(realm).length === names.length && isExtensible(realm) && getPrototypeOf(realm) === parent,
  };
}
