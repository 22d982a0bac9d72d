import { escapeHtml } from '../common/html.js';

/**
 * The longest value of which all forms are masked, in characters. All forms of longer values would slow down every
 * run.
 */
const MOST_CHARACTERS = 512;

/**
 * The forms in which another server may send a value back: unchanged, in upper or lower case, escaped in JSON or HTML,
 * encoded in a URL, in base64 or hex, and each of these inside JSON text. A value of letters and digits has few
 * different forms. For a value with more than 512 characters, such as a private key, the forms of other serialisers and
 * those inside JSON text are left out. {@link ValueFinder} finds other mixtures of escapes.
 */
export function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const url = encodeURIComponent(value);
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  if (value.length > MOST_CHARACTERS) {
    const slashed = json.replaceAll('/', String.raw`\/`);
    return [
      ...new Set([
        value,
        withoutBreaks(value),
        json,
        slashed,
        url,
        form,
        hex,
        hex.toUpperCase(),
        ...base64Forms(bytes),
      ]),
    ];
  }
  const plain = [
    value,
    withoutBreaks(value),
    value.toLowerCase(),
    value.toUpperCase(),
    value.normalize('NFC'),
    value.normalize('NFD'),
    // UTF-16 that is read as UTF-8.
    value.split('').join('\0'),
    ...numberForms(value),
    json,
    escapeHtml(value),
    // A server may take each byte of UTF-8 in a header for a character.
    Buffer.from(value).toString('latin1'),
    url,
    withLowerEscapes(url),
    // The form of `encodeURI`, which many servers use.
    encodeURI(value),
    form,
    withLowerEscapes(form),
    url.replaceAll('%20', '+'),
    ...base64Forms(bytes),
    hex,
    hex.toUpperCase(),
  ];
  const all = new Set(plain);
  for (const text of plain)
    if (ESCAPED_IN_JSON.test(text)) for (const escaped of jsonForms(text)) all.add(escaped);
  return [...all];
}

/** {@link ValueFinder} searches a text without its line breaks as well. */
const withoutBreaks = (value: string): string => value.replaceAll(/[\r\n]/g, '');

/** A number loses zeros at its beginning, and digits beyond the 17th. */
const numberForms = (value: string): string[] => (/^\d+(\.\d+)?$/.test(value) ? [String(Number(value))] : []);

/** Characters that some JSON serialiser escapes. */
const ESCAPED_IN_JSON = /["\\/<>&']|[^ -~]/;

/**
 * The forms of serialisers in other languages: with `\/`, with everything outside ASCII escaped, or safe inside HTML.
 */
function jsonForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replaceAll(/[^\u0020-\u007e]/g, unicodeEscape);
  const html = ascii.replaceAll(/[<>&']/g, unicodeEscape);
  const slashed = ascii.replaceAll('/', String.raw`\/`);
  return [
    json,
    ascii,
    html,
    html.replaceAll('/', String.raw`\/`),
    slashed,
    json.replaceAll('/', String.raw`\/`),
  ];
}

const unicodeEscape = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const withLowerEscapes = (text: string): string =>
  text.replaceAll(/%[\dA-F]{2}/g, (escape) => escape.toLowerCase());

const BITS = 8;
const BITS_OF_DIGIT = 6;

/** The base64 digits that depend on the value alone if 0, 1 or 2 other bytes precede it in its group of three. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const first = Math.ceil((before * BITS) / BITS_OF_DIGIT);
    const end = Math.floor(((before + bytes.length) * BITS) / BITS_OF_DIGIT);
    const digits = text.slice(first, end);
    return [digits, digits.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(digits)];
  });
}
