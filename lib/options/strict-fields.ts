import { types } from 'node:util';
import { suggestName } from '../common/suggest-name.js';
import { nameInWords } from './unknown-names.js';

/** A problem of an argument with named fields. */
export interface FieldProblem {
  field: string;
  message: string;
}

/**
 * Returns what is wrong with an argument of named fields and what to pass, or `undefined`. The argument must be a
 * plain object with known fields of its own. A list, a `Map`, an instance of a class or inherited fields would be
 * read as an object without fields, and a misspelt field as one that was left out; both would do more than was asked.
 * Proxies and getters are refused without a call to them, because they may throw or return one value to the check and
 * another one later.
 *
 * @param what the argument, such as `the filter`
 */
export function fieldsProblem(
  what: string,
  given: unknown,
  known: readonly string[],
): FieldProblem | undefined {
  if (!isPlain(given))
    return { field: what, message: `${sentence(what)} must be a plain object: { ${known.join(', ')} }` };
  for (const key of Reflect.ownKeys(given)) {
    if (typeof key === 'string' && known.includes(key)) continue;
    const name = nameInWords(String(key));
    const near = typeof key === 'string' ? suggestName(key, known) : undefined;
    const meant = near === undefined ? '' : ` (did you mean "${near}"?)`;
    const kind = what === 'the filter' ? 'filter' : 'option';
    return { field: name, message: `Unknown ${kind} "${name}"${meant}. Allowed: ${known.join(', ')}` };
  }
  return getterProblem(given, known);
}

/** The first of the fields that is a getter. The getter is not called. */
export function getterProblem(given: object, known: readonly string[]): FieldProblem | undefined {
  const field = known.find((name) => !isValue(Object.getOwnPropertyDescriptor(given, name)));
  return field === undefined ? undefined : { field, message: `${field} is a getter; pass its value` };
}

/**
 * True if the fields of the value may be read, whatever its class. False for a list, a proxy, a `Map` or anything else
 * whose content is not in fields.
 */
export function hasOwnFields(given: unknown): given is Record<string, unknown> {
  if (typeof given !== 'object' || given === null || types.isProxy(given) || Array.isArray(given))
    return false;
  return isPlain(given) || Object.keys(given).length > 0;
}

/**
 * The entries of a list, read once; `undefined` if it is not a list, has more than `max` entries, or throws when read.
 */
export function entriesOf(value: unknown, max: number): unknown[] | undefined {
  if (types.isProxy(value) || !Array.isArray(value) || value.length > max) return undefined;
  try {
    return Array.from({ length: value.length }, (_, at) => value[at] as unknown);
  } catch {
    return undefined;
  }
}

/** True for a valid `Date`; false for a proxy of one. */
export const isMoment = (value: unknown): value is Date =>
  types.isDate(value) && !Number.isNaN(Date.prototype.getTime.call(value));

/** True for an `AbortSignal`, without calling into a proxy. */
export const isSignal = (value: unknown): value is AbortSignal =>
  !types.isProxy(value) && value instanceof AbortSignal;

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const isValue = (descriptor: PropertyDescriptor | undefined): boolean => !descriptor || 'value' in descriptor;

/** True for a plain object of any realm, and for an object without a prototype, if it inherits no field. */
function isPlain(given: unknown): given is object {
  if (typeof given !== 'object' || given === null || types.isProxy(given) || Array.isArray(given))
    return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  if (types.isProxy(prototype)) return false;
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  // oxlint-disable-next-line guard-for-in -- inherited names are what is looked for
  for (const name in given) if (!Object.hasOwn(given, name)) return false;
  return true;
}
