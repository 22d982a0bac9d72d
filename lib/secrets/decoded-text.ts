const HEX = 16;
const LAST_CODE_POINT = 0x10ffff;
const LAST_UNIT = 0xffff;

const PERCENT = 0x25;
const AMPERSAND = 0x26;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
/** Characters of one percent-encoded byte. */
const BYTE_WIDTH = 3;

const AFTER_BACKSLASH: ReadonlyMap<string, string> = new Map([
  ...[...`"'\`\\/`].map((one): [string, string] => [one, one]),
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/** Named entities of ASCII characters: those that HTML escapes, and those of encoders that escape every character. */
const NAMED: ReadonlyMap<string, string> = new Map(
  (
    'amp& lt< gt> quot" apos\' sol/ bsol\\ plus+ equals= num# percnt% excl! lpar( rpar) ast* comma, period. colon: semi; ' +
    'lowbar_ dollar$ commat@ quest? grave`'
  )
    .split(' ')
    .map((one) => [one.slice(0, -1), one.slice(-1)]),
);

/** What stands for a character: its code, and how many characters that takes. */
interface Escape {
  readonly code: number;
  readonly width: number;
}

/**
 * A text after its escapes were decoded once: percent encoding, escapes of JSON and JavaScript, entities of HTML and
 * XML. Line breaks, as in base64, are removed. Maps each character to its place in the original text.
 */
export class DecodedText {
  private constructor(
    readonly text: string,
    /** Where a stretch begins in this text. */
    private readonly starts: readonly number[],
    /** Where it begins in the text that was decoded. */
    private readonly origins: readonly number[],
    private readonly before: DecodedText | undefined,
  ) {}

  /** Undefined for a text without escapes. */
  static of(text: string, before?: DecodedText): DecodedText | undefined {
    // Writes codes into an array, which is faster than joining texts: every answer to a run with secrets is decoded.
    const units = new Uint16Array(text.length);
    const starts = [0];
    const origins = [0];
    let length = 0;
    const stretch = (origin: number): void => {
      starts.push(length);
      origins.push(origin);
    };
    for (let at = 0; at < text.length;) {
      const unit = text.charCodeAt(at);
      const escape = isSpecial(unit) ? escapeAt(text, at, unit) : undefined;
      if (escape === undefined) {
        units[length++] = unit;
        at += 1;
        continue;
      }
      stretch(at);
      if (escape.code > LAST_UNIT) {
        const [high, low] = [0, 1].map((index) => String.fromCodePoint(escape.code).charCodeAt(index));
        units[length++] = high!;
        units[length++] = low!;
      } else if (escape.code >= 0) units[length++] = escape.code;
      at += escape.width;
      stretch(at);
    }
    if (starts.length === 1) return undefined;
    const decoded = Buffer.from(units.buffer, 0, length * 2).toString('utf16le');
    return new DecodedText(decoded, starts, origins, before);
  }

  /** Decodes this text once more. */
  again(): DecodedText | undefined {
    return DecodedText.of(this.text, this);
  }

  /** The place in the original text at which the character at `at` begins. */
  beginOf(at: number): number {
    const index = this.stretchOf(at);
    // The one character of an escape, or the second half of a pair, begins where the escape does.
    const begin = isEscape(index) ? this.origins[index]! : this.origins[index]! + at - this.starts[index]!;
    return this.before ? this.before.beginOf(begin) : begin;
  }

  /** The place in the original text at which the character at `at` ends. */
  endOf(at: number): number {
    const index = this.stretchOf(at);
    const end = isEscape(index)
      ? this.origins[index + 1]!
      : this.origins[index]! + at + 1 - this.starts[index]!;
    return this.before ? this.before.endOf(end - 1) : end;
  }

  /** The last stretch that begins at or before a character. */
  private stretchOf(at: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.starts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Stretches are text and escapes in turn, beginning with text, which may be empty. */
const isEscape = (index: number): boolean => index % 2 === 1;

const isSpecial = (unit: number): boolean =>
  unit === PERCENT || unit === BACKSLASH || unit === AMPERSAND || unit === LINE_FEED || unit === RETURN;

function escapeAt(text: string, at: number, unit: number): Escape | undefined {
  switch (unit) {
    case PERCENT:
      return text.charAt(at + 1).toLowerCase() === 'u' ? coded(text, at + 2, 4, 6) : percentAt(text, at);
    case BACKSLASH:
      return backslashAt(text, at);
    case AMPERSAND:
      return entityAt(text, at);
    default:
      return { code: -1, width: 1 };
  }
}

/** The number of some digits, or -1. */
function digitsAt(text: string, at: number, count: number): number {
  if (at + count > text.length) return -1;
  let number = 0;
  for (let index = at; index < at + count; index++) {
    const digit = Number.parseInt(text.charAt(index), HEX);
    if (Number.isNaN(digit)) return -1;
    number = number * HEX + digit;
  }
  return number;
}

function coded(text: string, at: number, digits: number, width: number): Escape | undefined {
  const code = digitsAt(text, at, digits);
  return code < 0 ? undefined : { code, width };
}

function byteAt(text: string, at: number): number {
  return text.charCodeAt(at) === PERCENT ? digitsAt(text, at + 1, 2) : -1;
}

/** A character of percent-encoded UTF-8. A byte that is not part of one counts as a character by itself. */
function percentAt(text: string, at: number): Escape | undefined {
  const first = byteAt(text, at);
  if (first < 0) return undefined;
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
  let code = more === 0 ? first : first & (0x3f >> more);
  for (let index = 1; index <= more; index++) {
    const next = byteAt(text, at + index * BYTE_WIDTH);
    if ((next & 0xc0) !== 0x80 || next < 0) return { code: first, width: BYTE_WIDTH };
    code = (code << 6) | (next & 0x3f);
  }
  return code > LAST_CODE_POINT
    ? { code: first, width: BYTE_WIDTH }
    : { code, width: (more + 1) * BYTE_WIDTH };
}

function backslashAt(text: string, at: number): Escape | undefined {
  const kind = text.charAt(at + 1);
  if (kind === 'x') return coded(text, at + 2, 2, 4);
  if (kind === 'u') {
    const [whole, digits] = /^\\u\{([\da-f]{1,6})\}/i.exec(text.slice(at, at + 10)) ?? [];
    if (whole === undefined || digits === undefined) return coded(text, at + 2, 4, 6);
    return within(Number.parseInt(digits, HEX), whole.length);
  }
  const character = AFTER_BACKSLASH.get(kind);
  return character === undefined ? undefined : { code: character.charCodeAt(0), width: 2 };
}

const LONGEST_ENTITY = 11;

function entityAt(text: string, at: number): Escape | undefined {
  const [whole, decimal, hex, name] =
    /^&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/i.exec(text.slice(at, at + LONGEST_ENTITY)) ?? [];
  if (whole === undefined) return undefined;
  if (name !== undefined) {
    const character = NAMED.get(name.toLowerCase());
    return character === undefined ? undefined : { code: character.charCodeAt(0), width: whole.length };
  }
  const code = decimal === undefined ? Number.parseInt(hex ?? '', HEX) : Number(decimal);
  return within(code, whole.length);
}

const within = (code: number, width: number): Escape | undefined =>
  code <= LAST_CODE_POINT ? { code, width } : undefined;
