import { parseDuration } from '../common/duration.js';
import { byteLength, type JsonValue } from '../common/json.js';
import { printable, quoted, valueInWords } from '../common/printable.js';
import { decimalSum, MOST_DECIMALS } from './decimal-sum.js';
import type { SeenRange } from './store.types.js';

/** Longest key, in characters. */
const LONGEST_KEY = 200;
/** Bytes of one value as JSON. */
export const MOST_VALUE_BYTES = 64 * 1024;
/** Keys in one page, unless the caller says so, and at most. */
const PAGE_KEYS = { usual: 100, most: 1_000 };

const SHORTEST_TTL_MS = 1_000;
const LONGEST_TTL_MS = 366 * 86_400_000;
/** Ends every range of keys with a prefix. */
const NONCHARACTERS = /\p{Noncharacter_Code_Point}/u;

/** A problem in words, or what was read. */
export type Read<T> = { readonly problem: string } | { readonly value: T };

const problem = (text: string): { problem: string } => ({ problem: text });

/** A key of the store, or a part of one that keys begin with. */
export function readKey(given: unknown, name: 'key' | 'prefix' | 'cursor'): Read<string> {
  const least = name === 'key' ? 1 : 0;
  const rule = `${name} must be text of ${least} to ${LONGEST_KEY} printable characters`;
  if (typeof given !== 'string') return problem(`${rule}, not ${valueInWords(given)}`);
  if (given.length < least || given.length > LONGEST_KEY) return problem(`${rule}; it has ${given.length}`);
  if (printable(given, LONGEST_KEY) !== given || NONCHARACTERS.test(given))
    return problem(`${rule}: it has one that is not shown, such as a control character`);
  return { value: given };
}

/** JSON text of a value. */
export function readValueText(text: string): Read<string> {
  const bytes = byteLength(text);
  return bytes <= MOST_VALUE_BYTES
    ? { value: text }
    : problem(`the value has ${bytes} bytes as JSON; the limit is ${MOST_VALUE_BYTES}`);
}

/** How long a value stays; null: for ever. */
export function readTtl(given: unknown): Read<number | null> {
  if (given === undefined || given === null) return { value: null };
  const ms = parseDuration(given);
  if (ms !== undefined && ms >= SHORTEST_TTL_MS && ms <= LONGEST_TTL_MS) return { value: Math.round(ms) };
  return problem(
    `ttl must be a time from 1s to 366d, such as "12h", or a number of milliseconds, not ${valueInWords(given)}`,
  );
}

/** A number to add, as text. */
export function readAmount(given: unknown): Read<string> {
  const text = typeof given === 'number' ? decimalSum(String(given), '0') : undefined;
  if (text !== undefined) return { value: text };
  return problem(
    `by must be a number up to 2^53 - 1 with up to ${MOST_DECIMALS} decimals, not ${valueInWords(given)}`,
  );
}

export function readLimit(given: unknown): Read<number> {
  if (given === undefined || given === null) return { value: PAGE_KEYS.usual };
  if (Number.isInteger(given) && (given as number) >= 1 && (given as number) <= PAGE_KEYS.most)
    return { value: given as number };
  return problem(`limit must be a whole number from 1 to ${PAGE_KEYS.most}, not ${valueInWords(given)}`);
}

/** Bytes that a key with its value counts for. */
export const entryBytes = (key: string, text: string): number => byteLength(key) + byteLength(text);

/** In the order of code points, as the database has keys. */
export const compareKeys = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right));

/** The last key that a prefix may begin. */
const endOf = (prefix: string): string => `${prefix}\u{10FFFF}`;

/** What `{}` in JSON has under a name of its own. */
export const fieldOf = (input: Record<string, unknown>, name: string): JsonValue | undefined =>
  Object.hasOwn(input, name) ? (input[name] as JsonValue) : undefined;

/** Why a value can't be added to. */
export const notANumber = (key: string): string =>
  `what ${quoted(key)} holds can't be added to: it is no number, the sum is over 2^53 - 1, or has more than 15 decimals`;

/** The last key of a range. */
export const lastOf = ({ prefix, upTo }: Pick<SeenRange, 'prefix' | 'upTo'>): string => upTo ?? endOf(prefix);
