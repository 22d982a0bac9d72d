import { types } from 'node:util';
import { isId } from '../common/id.js';

/**
 * Reads a declared field of the host's object: its own enumerable data, or a getter of its class. Methods, hidden
 * properties and what every object inherits are not data and read as `undefined`. Throws what a getter throws.
 */
export function readField(source: object, field: string): unknown {
  return quieted(valueOf(source, field));
}

/**
 * Returns the value unchanged. If it is a promise that only this package has seen, such as the result of an async
 * getter, its rejection must not end the host.
 */
export function quieted<T>(value: T): T {
  // The promise of `then` can't reject: its handler returns.
  if (types.isPromise(value)) void Promise.prototype.then.call(value, undefined, () => undefined);
  return value;
}

function valueOf(source: object, field: string): unknown {
  if (Object.hasOwn(source, field))
    return isEnumerable.call(source, field) ? Reflect.get(source, field) : undefined;
  let prototype: unknown = Object.getPrototypeOf(source);
  while (isObject(prototype) && prototype !== Object.prototype) {
    const property = Object.getOwnPropertyDescriptor(prototype, field);
    if (property) return property.get ? Reflect.get(source, field) : undefined;
    prototype = Object.getPrototypeOf(prototype);
  }
  return undefined;
}

/** An id as text: what {@link isId} allows, or a number. `undefined` for anything else. */
export function toId(value: unknown): string | undefined {
  if (isId(value)) return value;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value);
  return undefined;
}

const isEnumerable = Object.prototype.propertyIsEnumerable;

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
