import type { JsonScalar } from '../filter.types.js';
import type { MatchRun } from '../match-run.js';
import { placeAmongNumbers } from './order-number.js';

// JavaScript engines hash numbers, and texts of digits, predictably: a tenant could choose thousands with the same
// hash. With these prefixes, they are hashed like other texts, with a random seed.
const NUMBER = '#';
const DIGITS = '=';

/** The key of a scalar. Scalars that equal the same value have the same key. */
export function scalarKey(value: JsonScalar): string | boolean | null {
  if (typeof value === 'number') return NUMBER + String(value);
  return typeof value === 'string' ? textKey(value) : value;
}

/** The text or the number of a key. */
export function scalarOf(key: string): string | number {
  if (key.startsWith(NUMBER)) return Number(key.slice(NUMBER.length));
  return key.startsWith(DIGITS) ? key.slice(DIGITS.length) : key;
}

/** The key of a text. */
export function textKey(text: string): string {
  const first = text.charCodeAt(0);
  return (first >= 48 && first <= 57) || first === 35 || first === 61 ? DIGITS + text : text;
}

/** The key of a value of data as a number, if it is one: a double stands for every text that is read as it. */
export function numberKey(value: unknown, run: MatchRun): string | undefined {
  const place = placeAmongNumbers(value, run);
  return place === undefined ? undefined : NUMBER + String(place);
}
