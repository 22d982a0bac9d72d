/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
/** Globals that versions of Node.js after 20 add. */
interface Newer {
  Iterator?: { from(source: object): { drop(count: number): object } };
  SuppressedError?: ErrorConstructor;
}

/** A realm that was frozen. */
export interface FrozenRealm {
  /** How to freeze further realms of this process; undefined if the given plan fitted. */
  plan: Plan | undefined;
  /** Whether no script has added a global, or changed the global object's prototype or extensibility. */
  isUntouched(): boolean;
}

/**
 * Freezes the realm.
 *
 * @param plan the plan that an earlier call in another realm of this process returned, as 32-bit numbers
 */
export type FreezeRealm = (plan?: ArrayBuffer) => FrozenRealm;

/**
 * The steps that lead to every object of a realm, so that another realm can be frozen without a search. A plan is a
 * flat list of numbers, because each home reads it. First comes the kind of each root: skipped, frozen, or frozen and
 * followed. Then comes, for each followed object, its number of keys, its number of steps, and the steps. A step says
 * which key to read, which part of it, and whether to follow the object found there.
 */
export type Plan = number[];

/**
 * Prepares a realm for one run after another: freezes every object but the global one, so that a run can leave nothing
 * in them, and returns a function that tells whether the global object has changed. The existing globals can't be
 * changed. New ones can be added, because a script may assign to a variable that it has not declared; a realm in which
 * a script did so is not used again.
 *
 * Looking at every property takes three times as long as freezing. Realms of one engine and one prelude are alike, so
 * only the first realm of a process is searched, and the plan found there leads to the objects of the others. A realm
 * that does not fit the plan is searched too: one in which an object has another number of keys, or a step leads to no
 * object.
 *
 * Freezing `Object.prototype.toString` would forbid `object.toString = …` on every object (the "override mistake" of
 * the language). So each property that authors override by assignment becomes an accessor that defines the property on
 * the object itself. The hidden state of the language is closed too: the statics of `RegExp` and the settings of
 * stacks.
 *
 * The text of this function is compiled in the isolate: see index.ts.
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
  // From Node.js 22 on, `stack` is an accessor on each error, and all errors share its getter and setter, which must be
  // frozen. On Node.js 20, reading the descriptor makes the stack's text; without frames, that takes no time.
  Error.stackTraceLimit = 0;
  const stack = getOwnPropertyDescriptor(new Error(), 'stack');
  defineProperty(Error, 'stackTraceLimit', { value: 10, writable: false, configurable: false });
  defineProperty(Error, 'prepareStackTrace', { value: undefined, writable: false, configurable: false });

  /** The values that the getters below return. Looking at properties does not find them. */
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
  /** Objects of the language to which no property of the global object leads. */
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
  // A step: the place of the key, times 8, plus twice the part, plus 1 if the object found there is followed.
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
    // `lines` has its objects in the order of the steps that led to them.
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
   * Freezes the realm as the plan says. Returns false if this realm differs from the one in which the plan was made;
   * part of this realm is then frozen.
   *
   * Each home calls this once, in the interpreter, where a call costs as much as the rest of a step. So the loops call
   * no functions of ours.
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
