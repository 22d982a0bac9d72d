/** How many characters of a tenant's text are shown in a line. A script's message is stored with at most 2 KB. */
const MAX_PRINTED = 2_000;

const LONGEST_NAME = 200;
/** How many characters of a place, such as the path of a field, a sentence shows. An issue has more of it. */
export const LONGEST_PLACE = 120;
/** The longest escape of one character, `\u{e0001}`, in characters. */
const LONGEST_ESCAPE = 10;
const DEEPEST = 6;
const MOST_MEMBERS = 100;

/**
 * Characters that are not shown as they are: controls (line ends, ESC, C1), format characters (bidi controls, joiners,
 * tags), line and paragraph separators, lone surrogates, and characters that are invisible.
 * https://www.unicode.org/reports/tr36/, https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text of a tenant as one printable line. Characters that move the cursor, change the direction of writing or are
 * invisible become escapes: `\n`, `\x1b`, `\u202e`. Text longer than `max` characters is cut, with a mark that says
 * how much. Never throws.
 *
 * Use it wherever a tenant's text is shown: log lines, alerts, webhooks, reports of the command line, errors. Rows
 * keep the text unchanged.
 *
 * @param max a whole number, or `Infinity` for text that is already limited
 */
export function printable(text: string, max = MAX_PRINTED): string {
  const kept = cut(text, max);
  const shown = kept.replace(UNPRINTABLE, escapeOf);
  return kept.length === text.length ? shown : `${shown}… (${text.length - kept.length} more characters)`;
}

/**
 * {@link printable}, but line ends remain, for our own texts that have several lines on purpose. A tenant's text in
 * them must be {@link quoted}.
 */
export const printableLines = (text: string, max = MAX_PRINTED): string =>
  text
    .split('\n')
    .map((line) => printable(line, max))
    .join('\n');

/**
 * A name for use in a sentence: {@link printable}, in double quotes, with quotes and backslashes escaped, at most 200
 * characters. The result never has more than 400 characters, so less is shown of a name that is mostly escapes.
 */
export function quoted(name: string): string {
  const shown = quotedTo(LONGEST_NAME, name);
  return shown.length <= 2 * LONGEST_NAME ? shown : quotedTo(LONGEST_NAME / LONGEST_ESCAPE, name);
}

/** Who called, as a sentence names them: {@link quoted}, or in words if nobody was named. */
export const callerOf = (actor: string | null): string =>
  actor === null ? 'an unnamed caller' : quoted(actor);

function quotedTo(max: number, name: string): string {
  const kept = cut(name, max);
  return printable(JSON.stringify(kept.length === name.length ? name : `${kept}…`), Infinity);
}

/**
 * Several problems in one message: as many sentences as fit, and how many more there are. The first one is always
 * there, cut if it alone is too long.
 *
 * @param max characters of the whole message
 */
export function listed(sentences: readonly string[], max = 800): string {
  const shown: string[] = [];
  let left = max;
  for (const sentence of sentences) {
    left -= sentence.length + 1;
    if (left < 0 && shown.length > 0) break;
    shown.push(printable(sentence, max));
  }
  const rest = sentences.length - shown.length;
  return rest > 0 ? `${shown.join(' ')} … and ${rest} more.` : shown.join(' ');
}

/**
 * What was given instead of the expected value, for an error message: text as {@link quoted}, large values by their
 * kind. Never throws.
 */
export function valueInWords(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'object' && value !== null) return objectInWords(value);
  return NAMED_BY_KIND.has(typeof value) ? `a ${typeof value}` : String(value);
}

/** The text of a bigint can be as long as memory allows. */
const NAMED_BY_KIND: ReadonlySet<string> = new Set(['function', 'symbol', 'bigint']);

function objectInWords(value: object): string {
  try {
    if (Array.isArray(value)) return value.length === 0 ? '[]' : 'a list';
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date';
  } catch {
    // A proxy may throw for any property.
  }
  return 'an object';
}

/** A value for a structured log line: every text in it is printable, including field names, and its size is limited. */
export function printableValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return printable(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth === DEEPEST) return '…';
  if (Array.isArray(value))
    return value.slice(0, MOST_MEMBERS).map((item) => printableValue(item, depth + 1));
  const members = Object.entries(value).slice(0, MOST_MEMBERS);
  return Object.fromEntries(
    members.map(([name, member]) => [printable(name, LONGEST_NAME), printableValue(member, depth + 1)]),
  );
}

/**
 * JSON text in which every character is visible: what {@link printable} escapes is written as `\uXXXX`, so that the
 * parsed value is the same. Line ends between members remain.
 *
 * @param json what `JSON.stringify` returned
 */
export const shownJson = (json: string): string => json.replace(UNPRINTABLE, jsonEscapeOf);

/** {@link shownJson} with `<`, `>` and `&` written as `\uXXXX` too: harmless wherever it is pasted. */
export const printableJson = (json: string): string => shownJson(json).replace(/[<>&]/g, jsonEscapeOf);

function cut(text: string, max: number): string {
  // If the cut splits a surrogate pair, the whole pair is left out.
  return text.length <= max ? text : text.slice(0, max).replace(/[\ud800-\udbff]$/, '');
}

function escapeOf(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) as number;
  const hex = code.toString(16);
  if (code > 0xffff) return `\\u{${hex}}`;
  return code > 0xff ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`;
}

function jsonEscapeOf(character: string): string {
  if (character === '\n') return character;
  // JSON escapes single UTF-16 units only.
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
