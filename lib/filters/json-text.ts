import { printable } from '../common/printable.js';
import type { JsonValue } from '../common/json.types.js';

const LONGEST_TEXT = 60;

/** True for what JSON calls an object, from any realm: not for a list, a `Map`, a `Date` or an instance of a class. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What a value is, in the words of a message: `the text "abc"`, `the number 5`, `an empty list`. */
export function describe(value: unknown): string {
  if (value === null || typeof value === 'boolean' || value === undefined) return String(value);
  if (typeof value === 'string') return value === '' ? 'an empty text' : `the text ${quote(value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'bigint') return "a bigint, which JSON doesn't support";
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (!isJsonObject(value)) return "a value that JSON doesn't support";
  return isEmpty(value) ? 'an empty object' : 'an object';
}

/** True for an object without entries. */
export function isEmpty(object: object): boolean {
  for (const name in object) if (Object.hasOwn(object, name)) return false;
  return true;
}

/** A text in quotes, shortened when long. */
export const quote = (text: string): string => printable(JSON.stringify(clip(text, LONGEST_TEXT)), Infinity);

/** The text, cut after `longest` characters with a visible mark. */
export function clip(text: string, longest: number): string {
  if (text.length <= longest) return text;
  // The cut must not leave half of a surrogate pair.
  return `${text.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** JSON text of a filter's operand for a message, shortened when long. */
export const showOperand = (operand: JsonValue): string =>
  printable(clip(JSON.stringify(operand), 200), Infinity);
