import type { JsonScalar } from '../filter.types.js';
import type { MatchRun } from '../match-run.js';
import { placeAmongNumbers } from './order-number.js';

// Engines hash numbers, and texts of digits, in ways that anybody can work out beforehand: a tenant could choose
// thousands that all meet in one place of a map. With this in front they are hashed as other texts are, with a secret.
const NUMBER = '#';
const DIGITS = '=';

/** The key of a scalar; the same for all that one value may equal. */
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
