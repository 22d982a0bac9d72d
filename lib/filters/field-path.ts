/** One name of a field path. */
export interface PathPart {
  name: string;
  /** The position when the name is a whole number: on a list it picks that element. */
  index: number | undefined;
}

/** Where a condition looks in the data. */
export interface FieldPath {
  /** The path as its author wrote it. */
  text: string;
  /** The path as a JSON Pointer: the same text for the same field, in whichever notation its author wrote it. */
  pointer: string;
  parts: readonly PathPart[];
  /** Ids of the index's lookups on this path. */
  lookupIds: string[] | undefined;
}

/** Why a key is not a field path; `dollar` names a part that looks like an operator of another language. */
export type PathProblem = { kind: 'empty' | 'proto' | 'escape' } | { kind: 'dollar'; part: string };

const INDEX = /^(?:0|[1-9]\d{0,15})$/;

/** Paths that were read before. All filters on a field share one path, which saves memory and is faster to follow. */
const known = new Map<string, FieldPath>();
const MOST_KNOWN = { paths: 4_096, characters: 128 };

/**
 * Reads a dotted path (`client.address.city`, `items.0.sku`) or a JSON Pointer (RFC 6901, `/client/full.name`), which
 * can express names that contain dots, begin with `$` or are words of the language.
 */
export function parseFieldPath(text: string): FieldPath | PathProblem {
  const before = known.get(text);
  if (before !== undefined) return before;
  const path = readFieldPath(text);
  if ('kind' in path || text.length > MOST_KNOWN.characters) return path;
  if (known.size >= MOST_KNOWN.paths) known.clear();
  known.set(text, path);
  return path;
}

function readFieldPath(text: string): FieldPath | PathProblem {
  const pointer = text.startsWith('/');
  if (pointer && /~(?![01])/.test(text)) return { kind: 'escape' };
  const names = pointer ? text.slice(1).split('/').map(unescapePointer) : text.split('.');
  // In a JSON Pointer an empty name is valid: `/` is the field with the name "" (RFC 6901, section 5).
  if (!pointer && names.includes('')) return { kind: 'empty' };
  // Data may have this name as an own property, but a path with it is an attack or a mistake.
  if (names.includes('__proto__')) return { kind: 'proto' };
  const dollar = pointer ? undefined : names.find((name) => name.startsWith('$'));
  if (dollar !== undefined) return { kind: 'dollar', part: dollar };
  const parts = names.map((name) => ({ name, index: INDEX.test(name) ? Number(name) : undefined }));
  return { text, pointer: pointer ? text : names.map(pointerTo).join(''), parts, lookupIds: undefined };
}

/** The path of a nested field, in the same notation. */
export function childPath(text: string, name: string): string {
  const simple = name !== '' && !/[./$~]/.test(name);
  if (text.startsWith('/')) return `${text}/${escapePointer(name)}`;
  return simple ? `${text}.${name}` : `/${[...text.split('.'), name].map(escapePointer).join('/')}`;
}

/** A single name as a JSON Pointer. */
export const pointerTo = (name: string): string => `/${escapePointer(name)}`;

const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
const unescapePointer = (name: string): string => name.replaceAll('~1', '/').replaceAll('~0', '~');
