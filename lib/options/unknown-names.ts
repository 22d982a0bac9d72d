import { printable } from '../common/printable.js';
import { suggestName } from '../common/suggest-name.js';

/** How many unknown names are shown one by one. */
const LISTED = 5;
/** How many characters of a name are shown. */
const SHOWN_CHARACTERS = 60;

/** The unknown field names of an object. */
export interface UnknownNames {
  /** The first of them, safe to print, each with the known name that it probably misspells. */
  listed: { shown: string; near: string | undefined }[];
  /** How many more there are. */
  more: number;
}

/**
 * Finds the fields that are set and not among the known ones. The answer stays small, however many and long the names
 * are.
 */
export function unknownNames(given: object, known: readonly string[]): UnknownNames {
  const names = Object.keys(given).filter((name) => !known.includes(name) && isGiven(given, name));
  return unknownAmong(names, known);
}

/** A getter counts as set, and is not called. */
function isGiven(given: object, name: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(given, name);
  return descriptor !== undefined && (!('value' in descriptor) || descriptor.value !== undefined);
}

/** A name as shown in a message: printable and short. */
export const nameInWords = (name: string): string => printable(name, SHOWN_CHARACTERS);

/** The same for a list of unknown names. */
export const unknownAmong = (names: readonly string[], known: readonly string[]): UnknownNames => ({
  listed: names
    .slice(0, LISTED)
    .map((name) => ({ shown: nameInWords(name), near: suggestName(name, known) })),
  more: Math.max(0, names.length - LISTED),
});
