import type { JsonValue } from '../editor.types.js';

/** A value as indented JSON. */
export const written = (value: JsonValue): string => JSON.stringify(value, null, 2);

/** The value of a JSON text; `undefined` if the text is not JSON. */
export function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

export const isObject = (value: JsonValue | undefined): value is Record<string, JsonValue> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
