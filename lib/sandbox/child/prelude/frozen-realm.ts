/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
/** What versions of Node.js after 20 add to the global object. */
interface Newer {
  Iterator?: { from(source: object): { drop(count: number): object } };
  SuppressedError?: ErrorConstructor;
}

/** Freezes a realm, and checks it after runs. */
export interface FrozenRealm {
  /**
   * Freezes the realm.
   *
   * @param plan what an earlier call in another realm of this process returned, or nothing
   * @returns the plan for others, if there was none or it did not fit; otherwise nothing
   */
  freeze(plan: string): string;
  /** Whether the global object is as it was. */
  isUntouched(): boolean;
}

/** How to reach the objects of a realm, so that they need not be searched for. */
interface Plan {
  /** For each root: left alone, frozen, or frozen and followed. */
  roots: number[];
  /** For each followed object: its number of keys, and three numbers per step: key, part, whether to follow. */
  lines: number[][];
}

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
export function freezeRealm(): FrozenRealm {
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
  const PROTOTYPE = -1;
  const VALUE = 0;
  const GETTER = 1;
  const isObject = (value: unknown): value is object =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';

  const partsOf = (object: object, key: PropertyKey): unknown[] => {
    const { value, get, set } = getOwnPropertyDescriptor(object, key)! as Record<string, unknown>;
    return [value, get, set];
  };

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
    const rootKinds: number[] = roots.map((root) => (isNew(root) ? END : SKIP));
    const steps: number[][] = [];
    for (let at = 0; at < found.length; at++) {
      const object = found[at]!;
      const keys = ownKeys(object);
      const line = [keys.length];
      if (isNew(getPrototypeOf(object))) line.push(PROTOTYPE, 0, END);
      for (let key = 0; key < keys.length; key++) {
        const parts = partsOf(object, keys[key]!);
        for (let part = 0; part < parts.length; part++) if (isNew(parts[part])) line.push(key, part, END);
      }
      steps.push(line);
    }
    // Objects were found in the order of the steps that led to them.
    const goesOn = (at: number): number => (steps[at]!.length > 1 ? GO_ON : END);
    let at = 1;
    for (let root = 0; root < rootKinds.length; root++)
      if (rootKinds[root] === END) rootKinds[root] = goesOn(at++);
    for (const line of steps) for (let step = 3; step < line.length; step += 3) line[step] = goesOn(at++);
    return { roots: rootKinds, lines: steps.filter((line) => line.length > 1) };
  }

  /**
   * False if this realm differs from the one the plan was made in. Part of it is then frozen.
   *
   * Each home does this once, in the interpreter, where a call costs as much as the rest of a step: so there are no
   * functions of ours in the loops.
   */
  function follow({ roots: kinds, lines }: Plan): boolean {
    const count = kinds.length;
    if (count !== roots.length) return false;
    const nodes: object[] = [realm];
    let known = 1;
    for (let root = 0; root < count; root++) {
      const kind = kinds[root]!;
      if (kind === SKIP) continue;
      const value = roots[root];
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
      freeze(value);
      if (kind === GO_ON) nodes[known++] = value;
    }
    const length = lines.length;
    for (let at = 0; at < length; at++) {
      const line = lines[at]!;
      const node = nodes[at];
      if (node === undefined) return false;
      const keys = ownKeys(node);
      if (keys.length !== line[0]) return false;
      const end = line.length;
      for (let step = 1; step < end; step += 3) {
        const key = line[step]!;
        let value: unknown;
        if (key === PROTOTYPE) value = getPrototypeOf(node);
        else {
          const part = line[step + 1];
          if (part === VALUE) value = (node as Record<PropertyKey, unknown>)[keys[key]!];
          else {
            const descriptor = getOwnPropertyDescriptor(node, keys[key]!)!;
            value = part === GETTER ? descriptor.get : descriptor.set;
          }
        }
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
        freeze(value);
        if (line[step + 2] === GO_ON) nodes[known++] = value;
      }
    }
    return known === length;
  }

  let names = 0;
  const parent = getPrototypeOf(realm) as unknown;
  return {
    freeze: (text) => {
      const made = text !== '' && follow(JSON.parse(text) as Plan) ? '' : JSON.stringify(walk());
      for (const key of ownKeys(realm)) defineProperty(realm, key, { writable: false, configurable: false });
      names = ownKeys(realm).length;
      return made;
    },
    isUntouched: () =>
      ownKeys(realm).length === names && isExtensible(realm) && getPrototypeOf(realm) === parent,
  };
}
