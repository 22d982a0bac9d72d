import { types } from 'node:util';
import { isBlank } from '../common/id.js';
import { isStorableText } from '../common/json.js';
import type { ScriptIssues } from './script-issues.js';

/** The longest name and the longest id, in characters. */
export const MAX_NAME = 200;
export const UNREADABLE_LIST = "Expected a plain list; this one can't be read.";

/** Returns the value to store, or undefined after reporting what is wrong. */
export function readText(
  path: string,
  value: unknown,
  max: number,
  issues: ScriptIssues,
): string | undefined {
  if (typeof value !== 'string')
    return issues.add(path, typeCode(value), `Expected text, got ${kindOf(value)}.`);
  if (value.length > max) {
    return issues.add(path, 'length', `Expected at most ${max} characters, got ${value.length}.`);
  }
  if (isBlank(value)) return issues.add(path, 'required', 'Must not be empty.');
  if (!isStorableText(value)) return issues.add(path, 'characters', UNSTORABLE);
  return value;
}

export const UNSTORABLE =
  "Contains U+0000 or half of a surrogate pair, which PostgreSQL can't store. Remove it, or write it as an escape.";

export function checkWhole(
  path: string,
  value: unknown,
  [low, high]: [number, number],
  issues: ScriptIssues,
  source = '',
): boolean {
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return true;
  const shown = typeof value === 'number' ? String(value) : kindOf(value);
  issues.add(path, 'range', `Expected a whole number from ${low} to ${high}${source}, got ${shown}.`);
  return false;
}

/** A proxy doesn't count as a list, and isn't read. */
export const isList = (value: unknown): value is unknown[] => !types.isProxy(value) && Array.isArray(value);

/** The issue code for a value of the wrong type: it is missing, or has another type. */
export const typeCode = (value: unknown): string => (value === undefined ? 'required' : 'type');

/** Names the kind of a value, without its content. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (isList(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** True for what the version column can hold. */
export const isVersion = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 2 ** 31 - 1;
