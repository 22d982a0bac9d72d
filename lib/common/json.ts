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
  const safe = UNSTORABLE.test(text)
    ? text.replace(ESCAPES, (escape) => (UNSTORABLE_ESCAPE.test(escape) ? '\\ufffd' : escape))
    : text;
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
// Consumes `\\` as a pair, so that the text `\\u0000` (an escaped backslash before "u0000") is left alone.
const ESCAPES = /\\u[0-9a-f]{4}|\\[^]/gi;
/** Numbers that a double may not hold as they are written. */
const ODD_NUMBER = /\d{300}|\d[eE][+-]?\d{3}/;
const UNSTORABLE_ESCAPE = /^\\u(0000|d[89a-f])/i;

/** True for an object literal's kind of value: not null, not a list. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
