export type { JsonObject, JsonValue } from './json.types.js';

/** A value that is already JSON text, so that the text isn't made twice. */
export class JsonText {
  /** @param text what `JSON.stringify` returned */
  constructor(readonly text: string) {}
}

/** Size of a text in UTF-8 bytes, the unit of every `…Bytes` limit. */
export const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/**
 * Whether a plain value takes more than `maxBytes` as JSON text without white space. Reads no more of the value than it
 * needs to decide. A value that contains itself, or is nested deeper than 1,000 levels, exceeds every limit.
 */
export const jsonExceeds = (value: unknown, maxBytes: number): boolean => spentOn(value, maxBytes) < 0;

/** More levels than any limit allows, and few enough for the call stack. */
const DEEPEST = 1_000;

/** What is left of `left` bytes after the value, or a negative number as soon as they are used up. */
function spentOn(value: unknown, left: number, depth = 0): number {
  if (depth > DEEPEST) return -1;
  if (typeof value === 'string') {
    // Each UTF-16 unit takes at least one byte, and the quotes take two.
    return value.length + 2 > left ? -1 : left - byteLength(JSON.stringify(value));
  }
  if (typeof value !== 'object' || value === null) return left - String(value).length;
  let rest = left - 2;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && rest >= 0; index += 1)
      rest = spentOn(value[index], rest - (index === 0 ? 0 : 1), depth + 1);
    return rest;
  }
  let separator = 0;
  for (const name of Object.keys(value)) {
    if (rest < 0) break;
    const member: unknown = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    rest = spentOn(member, spentOn(name, rest - 1 - separator), depth + 1);
    separator = 1;
  }
  return rest;
}

/**
 * Makes JSON text storable as `jsonb`. PostgreSQL refuses U+0000 and lone surrogates, which `JSON.stringify` writes as
 * escapes: each becomes U+FFFD. It also refuses numbers with very many digits, which JavaScript's `JSON.rawJSON` can
 * write: they become what JavaScript reads, or null if that is infinite. Nearly all text has neither and is returned
 * unchanged. May throw for text that isn't JSON.
 */
export function toStorableJson(text: string): string {
  const safe = UNSTORABLE.test(text) ? text.replace(UNSTORABLE_ESCAPES, '$1\\ufffd') : text;
  return ODD_NUMBER.test(safe) ? JSON.stringify(JSON.parse(safe)) : safe;
}

/**
 * The text of a `jsonb` column as `JSON.stringify` writes it. PostgreSQL adds spaces, and writes numbers in full:
 * `1e+300` with 301 digits. So its text may have many times the bytes that were measured when the value was stored.
 */
export const withoutPadding = (text: string): string => JSON.stringify(JSON.parse(text));

/** Makes text storable in a `text` column: U+0000 and lone surrogates become U+FFFD. */
export function toStorableText(text: string): string {
  return text.replace(UNSTORABLE_CHARACTERS, '\ufffd');
}

/** Whether a `text` column stores this text unchanged. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && !LONE_SURROGATE.test(text);

const LONE_SURROGATE = /\p{Surrogate}/u;

const UNSTORABLE_CHARACTERS =
  // oxlint-disable-next-line no-control-regex -- U+0000 is exactly what has to go
  /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const UNSTORABLE = /\\u0000|\\ud[89a-f]/i;
// A backslash after an even number of backslashes begins an escape, but the text `\\u0000` (an escaped backslash before
// "u0000") is not one. Counting starts only at the first backslash of a run; otherwise a text of nothing but
// backslashes would take minutes.
const UNSTORABLE_ESCAPES = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi;
/**
 * Numbers that a double may not be able to represent. Counting starts only at the first digit of a number; otherwise a
 * text of many short runs would take minutes.
 */
const ODD_NUMBER = /(?<!\d)\d{300}|\d[eE][+-]?\d{3}/;

/** True for an object that is neither null nor a list. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
