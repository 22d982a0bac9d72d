import { suggestName } from './suggest-name.js';
import { nameInWords } from './unknown-names.js';

/** What is wrong with an argument that is read by its fields. */
export interface FieldProblem {
  field: string;
  message: string;
}

/**
 * What is wrong with an argument of named fields, in words that say what to give; `undefined` when nothing is. It has to
 * be a plain object with own, known fields: a list, a `Map`, an instance of a class or inherited fields would be read as
 * an object without any, and a misspelt field as one that was left out. Both would do more than was asked.
 *
 * @param what the argument, such as `the filter`
 */
export function fieldsProblem(
  what: string,
  given: unknown,
  known: readonly string[],
): FieldProblem | undefined {
  if (!isPlain(given))
    return { field: what, message: `${what} is not a plain object: give { ${known.join(', ')} }` };
  for (const key of Reflect.ownKeys(given)) {
    if (typeof key === 'string' && known.includes(key)) continue;
    const name = nameInWords(String(key));
    const near = typeof key === 'string' ? suggestName(key, known) : undefined;
    const meant = near === undefined ? '' : `; did you mean ${near}?`;
    const kind = what === 'the filter' ? 'condition' : 'option';
    return { field: name, message: `${name} is no ${kind}; give ${known.join(', ')}${meant}` };
  }
  return undefined;
}

/** True for `{…}` of any realm and for objects without a prototype, when no field is inherited. */
function isPlain(given: unknown): given is object {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  // oxlint-disable-next-line guard-for-in -- inherited names are what is looked for
  for (const name in given) if (!Object.hasOwn(given, name)) return false;
  return true;
}
