import { types } from 'node:util';

/** Where an application keeps its providers and controllers. Nest's `DiscoveryService` fits. */
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

/** Lists the methods of a class and those it inherits. Nest's `MetadataScanner` fits. */
export interface MethodScanner {
  getAllMethodNames(prototype: object): readonly string[];
}

/** A method that a decorator has marked. */
export interface DecoratedMethod<Metadata> {
  metadata: Metadata;
  /** `OrderEvents.toShipped` */
  where: string;
  /** Whether there is one instance, made when the application starts. */
  isSingleton: boolean;
  /** Whether it is an `async` method, as far as the compiler has left it one. */
  isAsync: boolean;
  /** Calls it on its instance. */
  call: (...args: unknown[]) => unknown;
}

/**
 * Looks through every provider and controller of an application for methods that a decorator has marked.
 *
 * @param metadataOf what the decorator left on a method; `undefined` for any other value
 */
export function* decoratedMethods<Metadata>(
  places: Places,
  scanner: MethodScanner,
  metadataOf: (method: unknown) => Metadata | undefined,
): Iterable<DecoratedMethod<Metadata>> {
  for (const place of [...places.getProviders(), ...places.getControllers()]) {
    const { instance } = place;
    if (place.isAlias || typeof instance !== 'object' || instance === null) continue;
    const prototype: unknown = Object.getPrototypeOf(instance);
    if (typeof prototype !== 'object' || prototype === null) continue;
    for (const name of scanner.getAllMethodNames(prototype)) {
      const method: unknown = Reflect.get(prototype, name);
      const metadata = metadataOf(method);
      if (metadata === undefined) continue;
      yield {
        metadata,
        where: `${instance.constructor.name}.${name}`,
        isSingleton: place.isDependencyTreeStatic() && !place.isTransient,
        isAsync: types.isAsyncFunction(method),
        call: (...args) => (method as (...given: unknown[]) => unknown).apply(instance, args),
      };
    }
  }
}
