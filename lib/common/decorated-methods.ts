import 'reflect-metadata';
import { types } from 'node:util';

/** Where to find an application's providers and controllers, such as Nest's `DiscoveryService`. */
export interface Places {
  getProviders(): readonly Place[];
  getControllers(): readonly Place[];
}

/** One provider or controller, as Nest wraps it. */
interface Place {
  readonly instance: unknown;
  readonly isAlias: boolean;
  readonly isTransient: boolean;
  isDependencyTreeStatic(): boolean;
}

/** A method that a decorator has marked. */
export interface DecoratedMethod<Metadata> {
  metadata: Metadata;
  /** `OrderEvents.toShipped` */
  where: string;
  /** Whether it is a singleton, created when the application starts. */
  isSingleton: boolean;
  /**
   * What the method is now. Another decorator may have replaced it with a function of its own, or with something else.
   */
  kind: 'method' | 'async method' | 'no method';
  /** Calls the method as it is at that time. */
  call: (...args: unknown[]) => unknown;
}

/** What an error says about {@link DecoratedMethod.kind} `no method`. */
export const NO_METHOD =
  'another decorator or the constructor replaced it with something that is not a method; keep it a method';

type MethodName = string | symbol;

/**
 * The mark that a decorator leaves on a class for a method's name. It isn't kept on the function, because another
 * decorator (tracing, transactions) may replace the function and a subclass may override it. The method stays marked.
 */
export class MethodMark<Metadata> {
  private readonly key: symbol;
  /** Prototypes with marked methods. Weak references, so that an application that is gone leaves nothing behind. */
  private readonly marked = new Set<WeakRef<object>>();
  /** The prototypes of which an application has an instance. */
  private readonly provided = new WeakSet<object>();

  /** @param name the name of the decorator; another copy of this package uses the same marks */
  constructor(private readonly name: string) {
    this.key = Symbol.for(`nestjs-scripts-event:${name}`);
  }

  /**
   * Marks a method. A method can have several marks.
   *
   * @throws TypeError if it is not a method of instances
   */
  put(
    target: object,
    method: MethodName,
    descriptor: PropertyDescriptor | undefined,
    metadata: Metadata,
  ): void {
    if (typeof descriptor?.value !== 'function' || typeof target === 'function') {
      const problem =
        'put it on an instance method, not on a static method, a getter or a field that holds a function';
      throw new TypeError(`@${this.name} on ${nameOf(target)}.${String(method)}: ${problem}.`);
    }
    const marks = this.ownMarksOf(target) ?? new Map<MethodName, Metadata[]>();
    marks.set(method, [...(marks.get(method) ?? []), metadata]);
    if (marks.size === 1 && marks.get(method)?.length === 1) this.marked.add(new WeakRef(target));
    Reflect.defineMetadata(this.key, marks, target);
  }

  /** Call it for each prototype of which an application has an instance. */
  provide(prototype: object): void {
    for (let owner: object | null = prototype; owner !== null; owner = Object.getPrototypeOf(owner) as object)
      if (this.ownMarksOf(owner)) this.provided.add(owner);
  }

  /**
   * Marked methods of classes of which no application in this process has an instance, as `OrderEvents.toShipped`.
   * Their decorators have no effect.
   */
  *unprovided(): Iterable<{ where: string; metadata: Metadata }> {
    for (const reference of this.marked) {
      const prototype = reference.deref();
      if (prototype === undefined) this.marked.delete(reference);
      else if (!this.provided.has(prototype)) {
        for (const [method, marks] of this.ownMarksOf(prototype) ?? [])
          for (const metadata of marks) yield { where: `${nameOf(prototype)}.${String(method)}`, metadata };
      }
    }
  }

  /**
   * Every marked method of a class, including inherited ones. If a subclass marks a method again, only its own marks
   * count.
   */
  *of(prototype: object): Iterable<[MethodName, Metadata]> {
    const seen = new Set<MethodName>();
    for (
      let owner: object | null = prototype;
      owner !== null;
      owner = Object.getPrototypeOf(owner) as object
    ) {
      for (const [method, marks] of this.ownMarksOf(owner) ?? []) {
        if (seen.has(method)) continue;
        seen.add(method);
        for (const metadata of marks) yield [method, metadata];
      }
    }
  }

  private ownMarksOf(target: object): Map<MethodName, Metadata[]> | undefined {
    return Reflect.getOwnMetadata(this.key, target) as Map<MethodName, Metadata[]> | undefined;
  }
}

/** Finds the methods that a decorator has marked, in every provider and controller of an application. */
export function* decoratedMethods<Metadata>(
  places: Places,
  mark: MethodMark<Metadata>,
): Iterable<DecoratedMethod<Metadata>> {
  const seen = new Set<unknown>();
  for (const place of [...places.getProviders(), ...places.getControllers()]) {
    const { instance } = place;
    if (place.isAlias || typeof instance !== 'object' || instance === null) continue;
    // A factory may return the instance of another provider.
    if (seen.has(instance)) continue;
    seen.add(instance);
    for (const [method, metadata] of marksOf(instance, mark)) {
      const current = (): unknown => Reflect.get(instance, method);
      yield {
        metadata,
        where: `${nameOf(instance)}.${String(method)}`,
        isSingleton: place.isDependencyTreeStatic() && !place.isTransient,
        kind: kindOf(current),
        call: (...args) => (current() as (...given: unknown[]) => unknown).apply(instance, args),
      };
    }
  }
}

/** How many methods one log line names. */
const MOST_NAMED = 10;

/** The log line about methods of classes that no module provides. */
export function unprovidedLine(
  decorator: string,
  lost: readonly { where: string; what: string }[],
  consequence: string,
): string {
  const named = lost.slice(0, MOST_NAMED).map(({ where, what }) => `${where} (${what})`);
  const more = lost.length > MOST_NAMED ? [`${lost.length - MOST_NAMED} more`] : [];
  return (
    `No module provides the class of @${decorator} ${[...named, ...more].join(', ')}: ` +
    `${consequence}. Add the class to the providers or controllers of a module that the application imports.`
  );
}

function marksOf<Metadata>(instance: object, mark: MethodMark<Metadata>): [MethodName, Metadata][] {
  try {
    const prototype = Object.getPrototypeOf(instance) as object | null;
    if (prototype === null) return [];
    mark.provide(prototype);
    return [...mark.of(prototype)];
  } catch {
    // A proxy that hides its prototype can't be a class with methods of ours.
    return [];
  }
}

function kindOf(current: () => unknown): DecoratedMethod<unknown>['kind'] {
  try {
    const method = current();
    if (typeof method !== 'function') return 'no method';
    return types.isAsyncFunction(method) ? 'async method' : 'method';
  } catch {
    return 'no method';
  }
}

/** The class of an instance, a prototype, or a class itself. */
function nameOf(target: object): string {
  const type: unknown = typeof target === 'function' ? target : Reflect.get(target, 'constructor');
  return typeof type === 'function' && type.name !== '' ? type.name : 'a class without a name';
}
