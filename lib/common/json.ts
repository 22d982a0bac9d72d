/** A value that JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { [key: string]: JsonValue };

/** A value that is JSON text already: saves making the text twice. */
export class JsonText {
  /** @param text what `JSON.stringify` returned */
  constructor(readonly text: string) {}
}

/** Why a value could not become JSON text. */
export type JsonProblem = 'not-an-object' | 'cyclic' | 'bigint' | 'too-large' | 'unserializable';

/** Size of a text in UTF-8 bytes, the unit of every `…Bytes` limit. */
export const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/**
 * Makes JSON text storable as `jsonb`. PostgreSQL refuses U+0000 and lone surrogates, which `JSON.stringify` writes as
 * escapes; each becomes U+FFFD. It also refuses numbers of very many digits, which JavaScript's `JSON.rawJSON` can write;
 * they become what JavaScript reads, and null where that is infinite. Nearly all text has neither and is returned as it
 * is. Throws for text that is no JSON, but need not.
 */
export function toStorableJson(text: string): string {
  const safe = UNSTORABLE.test(text) ? text.replace(UNSTORABLE_ESCAPES, '$1\\ufffd') : text;
  return ODD_NUMBER.test(safe) ? JSON.stringify(JSON.parse(safe)) : safe;
}

/** The same for text that goes into a `text` column. */
export function toStorableText(text: string): string {
  return text.replace(UNSTORABLE_CHARACTERS, '\ufffd');
}

const UNSTORABLE_CHARACTERS =
  // oxlint-disable-next-line no-control-regex -- U+0000 is exactly what has to go
  /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const UNSTORABLE = /\\u0000|\\ud[89a-f]/i;
// A backslash after an even number of them begins an escape; the text `\\u0000` (an escaped backslash before "u0000") is
// none. Counted from the first backslash of a row only, or a text of nothing else would take minutes.
const UNSTORABLE_ESCAPES = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi;
/**
 * Numbers that a double may not hold as they are written. Digits are counted from their first one only: from each of them,
 * a text of many short runs would take minutes.
 */
const ODD_NUMBER = /(?<!\d)\d{300}|\d[eE][+-]?\d{3}/;

/** True for an object literal's kind of value: not null, not a list. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
