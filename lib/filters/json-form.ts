import { types } from 'node:util';

/**
 * The value as JSON would carry it, one level at a time: `toJSON` is called, boxed values are unwrapped, NaN and the
 * infinities become null. `undefined` means that JSON leaves it out. Plain JSON is returned without a copy.
 *
 * Bigints are kept, to compare exactly.
 */
export function jsonForm(value: unknown, key: string | number): unknown {
  switch (typeof value) {
    case 'object':
      return value === null || isPlain(value) ? value : hostForm(value, key);
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'function':
    case 'symbol':
      return undefined;
    default:
      return value;
  }
}

/** The own property `name` of an object in its JSON form, or `undefined` when the object has none. */
export function memberOf(object: object, name: string): unknown {
  if (Object.getPrototypeOf(object) === Object.prototype) {
    const value = (object as Record<string, unknown>)[name];
    // A value may be inherited. Checked second, because most fields are absent.
    if (value === undefined || !Object.hasOwn(object, name)) return undefined;
    return typeof value === 'string' ? value : jsonForm(value, name);
  }
  // The message of an error is an own property, but not part of its JSON form. Getters of a class are not called.
  if (!isEnumerable.call(object, name)) return undefined;
  return jsonForm((object as Record<string, unknown>)[name], name);
}

/** An element of a list in its JSON form: what JSON leaves out is null there. */
export function elementOf(list: readonly unknown[], index: number): unknown {
  return jsonForm(list[index], index) ?? null;
}

const isEnumerable = Object.prototype.propertyIsEnumerable;

function isPlain(value: object): boolean {
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function hostForm(value: object, key: string | number): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  const form: unknown = typeof toJSON === 'function' ? toJSON.call(value, String(key)) : value;
  if (typeof form !== 'object') return jsonForm(form, key);
  if (types.isBoxedPrimitive(form)) return jsonForm(form.valueOf(), key);
  return form;
}
