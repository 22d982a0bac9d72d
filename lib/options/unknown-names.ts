import { printable } from '../common/printable.js';
import { suggestName } from '../common/suggest-name.js';

/** Unknown names that are told one by one. */
const LISTED = 5;
/** Characters of a name that are shown. */
const SHOWN_CHARACTERS = 60;

/** Names of an object that do not belong there. */
export interface UnknownNames {
  /** The first of them, as they may be repeated, each with the known name it is most likely a slip of. */
  listed: { shown: string; near: string | undefined }[];
  /** How many there are besides. */
  more: number;
}

/**
 * The names of an object whose value is not `undefined` and that are none of the known ones. What comes of it is small,
 * however many and long the names are.
 */
export function unknownNames(given: object, known: readonly string[]): UnknownNames {
  const names = Object.keys(given).filter((name) => !known.includes(name) && isGiven(given, name));
  return unknownAmong(names, known);
}

/** A getter counts as given, and is not asked. */
function isGiven(given: object, name: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(given, name);
  return descriptor !== undefined && (!('value' in descriptor) || descriptor.value !== undefined);
}

/** A name as it may be repeated in a message: printable, and short. */
export const nameInWords = (name: string): string => printable(name, SHOWN_CHARACTERS);

/** The same for names that are unknown already. */
export const unknownAmong = (names: readonly string[], known: readonly string[]): UnknownNames => ({
  listed: names
    .slice(0, LISTED)
    .map((name) => ({ shown: nameInWords(name), near: suggestName(name, known) })),
  more: Math.max(0, names.length - LISTED),
});
