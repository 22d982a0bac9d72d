import { type FieldPath, parseFieldPath } from './field-path.js';
import { FILTER_LIMITS } from './filter.limits.js';
import { elementOf, memberOf } from './json-form.js';

/** Reads a field of some data as a key. */
export type FieldKey = (data: unknown) => string | undefined;

/**
 * Makes a reader that returns the value at a field path as text, if it is text, a number, true or false. The reader
 * returns `undefined` if the field is missing, null, an object or a list, or if the path passes through a list without
 * picking one element.
 *
 * Returns null if the text is not a field path.
 */
export function fieldKey(path: string): FieldKey | null {
  const parsed = parseFieldPath(path);
  if ('kind' in parsed || parsed.parts.length > FILTER_LIMITS.pathParts) return null;
  return (data) => keyAt(parsed, data);
}

/** A path through a list has no key, because it is unclear which element it would be. */
function keyAt({ parts }: FieldPath, data: unknown): string | undefined {
  let value = data;
  for (const { name, index } of parts) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (!Array.isArray(value)) value = memberOf(value, name);
    else value = index !== undefined && index < value.length ? elementOf(value, index) : undefined;
  }
  const simple = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return simple ? String(value) : undefined;
}
