import { parseDuration } from '../common/duration.js';
import { byteLength, type JsonValue } from '../common/json.js';
import { printable, quoted, valueInWords } from '../common/printable.js';
import { decimalSum, MOST_DECIMALS } from './decimal-sum.js';
import type { SeenRange } from './store.types.js';

/** Longest key, in characters. */
export const LONGEST_KEY = 200;
/** Bytes of one value as JSON. */
export const MOST_VALUE_BYTES = 64 * 1024;
/** Keys in one page: the default and the maximum. */
const PAGE_KEYS = { usual: 100, most: 1_000 };

const SHORTEST_TTL_MS = 1_000;
const LONGEST_TTL_MS = 366 * 86_400_000;
/**
 * Characters that no key may contain. Noncharacters, because one of them marks the end of a range of keys. U+FFFD,
 * because it replaces U+0000 and lone surrogates in what a script sends, and so different keys would become equal.
 */
const NO_PART_OF_A_KEY = /\p{Noncharacter_Code_Point}|\uFFFD/u;

/** The value that was read, or a message that says what is wrong. */
export type Read<T> = { readonly problem: string } | { readonly value: T };

const problem = (text: string): { problem: string } => ({ problem: text });

/** Reads a key, or the prefix of keys. */
export function readKey(given: unknown, name: 'key' | 'prefix' | 'cursor'): Read<string> {
  const least = name === 'key' ? 1 : 0;
  const rule = `${name} must be text of ${least} to ${LONGEST_KEY} printable characters`;
  if (typeof given !== 'string') return problem(`${rule}, not ${valueInWords(given)}`);
  if (given.length < least || given.length > LONGEST_KEY) return problem(`${rule}; it has ${given.length}`);
  if (printable(given, LONGEST_KEY) !== given || NO_PART_OF_A_KEY.test(given))
    return problem(
      `${rule}; this one contains a character that isn't printable, such as a control character`,
    );
  return { value: given };
}

/** Reads the JSON text of a value. */
export function readValueText(text: string): Read<string> {
  const bytes = byteLength(text);
  return bytes <= MOST_VALUE_BYTES
    ? { value: text }
    : problem(`the value has ${bytes} bytes as JSON; the limit is ${MOST_VALUE_BYTES}`);
}

/** Reads how long a value stays, in milliseconds. null: it doesn't expire. */
export function readTtl(given: unknown): Read<number | null> {
  if (given === undefined) return { value: null };
  const ms = parseDuration(given);
  if (ms !== undefined && ms >= SHORTEST_TTL_MS && ms <= LONGEST_TTL_MS) return { value: Math.round(ms) };
  return problem(
    `ttl must be a time from 1s to 366d, such as "12h", or a number of milliseconds, not ${inWords(given)}`,
  );
}

/** What was given, for an author who may never have written `null`. */
const inWords = (given: unknown): string =>
  given === null ? 'null, which is also what NaN and Infinity are as JSON' : valueInWords(given);

/** Reads a number to add. Returns it as text. Left out: 1. */
export function readAmount(given: unknown = 1): Read<string> {
  const text = typeof given === 'number' ? decimalSum(String(given), '0') : undefined;
  if (text !== undefined) return { value: text };
  return problem(
    `by must be a number up to 2^53 - 1 with up to ${MOST_DECIMALS} decimals, not ${inWords(given)}; ` +
      'round the result of a calculation, as in Number(sum.toFixed(2))',
  );
}

export function readLimit(given: unknown): Read<number> {
  if (given === undefined) return { value: PAGE_KEYS.usual };
  if (Number.isInteger(given) && (given as number) >= 1 && (given as number) <= PAGE_KEYS.most)
    return { value: given as number };
  return problem(`limit must be a whole number from 1 to ${PAGE_KEYS.most}, not ${inWords(given)}`);
}

/** Bytes that a key and its value count towards the quota. */
export const entryBytes = (key: string, text: string): number => byteLength(key) + byteLength(text);

/** Compares keys by code points, as the database orders them. */
export const compareKeys = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right));

/** The end of the range of keys that begin with a prefix. */
const endOf = (prefix: string): string => `${prefix}\u{10FFFF}`;

/** A field of an object that came from JSON, without inherited ones. */
export const fieldOf = (input: Record<string, unknown>, name: string): JsonValue | undefined =>
  Object.hasOwn(input, name) ? (input[name] as JsonValue) : undefined;

/** Why a number can't be added to a value. */
export const notANumber = (key: string): string =>
  `nothing can be added to the value of ${quoted(key)}: it isn't a number, or the sum is beyond 2^53 - 1 or has more than 15 decimals`;

/** The last key of a range. */
export const lastOf = ({ prefix, upTo }: Pick<SeenRange, 'prefix' | 'upTo'>): string => upTo ?? endOf(prefix);
