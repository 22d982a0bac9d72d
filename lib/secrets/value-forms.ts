/** Longest value of which all forms are known. Every form of a longer one would take time in every run. */
const MOST_CHARACTERS = 512;

/**
 * The forms in which another server may send a value back: as it is, escaped in JSON or HTML, encoded in a URL, in base64 or hex,
 * and each of these inside a text in JSON. A value of letters and digits has few different forms. Of a value with more
 * than 512 characters, such as a private key, those of other serialisers and those inside a text in JSON are left out.
 */
export function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const url = encodeURIComponent(value);
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  if (value.length > MOST_CHARACTERS) {
    const slashed = json.replaceAll('/', String.raw`\/`);
    return [...new Set([value, json, slashed, url, form, hex, ...base64Forms(bytes)])];
  }
  const plain = [
    value,
    json,
    inHtml(value),
    // UTF-8 in a header, which is read as one character a byte.
    Buffer.from(value).toString('latin1'),
    url,
    withLowerEscapes(url),
    // What `encodeURI` leaves, and what many servers do.
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

/** What some serialiser of JSON escapes. */
const ESCAPED_IN_JSON = /["\\/<>&']|[^ -~]/;

/** As serialisers of other languages write it: with `\/`, with everything outside ASCII escaped, safe inside HTML. */
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

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const inHtml = (value: string): string => value.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);

const withLowerEscapes = (text: string): string =>
  text.replaceAll(/%[\dA-F]{2}/g, (escape) => escape.toLowerCase());

const BITS = 8;
const BITS_OF_DIGIT = 6;

/** The digits that are the value's alone, when 0, 1 or 2 bytes of something else stand before it in its group of three. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const first = Math.ceil((before * BITS) / BITS_OF_DIGIT);
    const end = Math.floor(((before + bytes.length) * BITS) / BITS_OF_DIGIT);
    const digits = text.slice(first, end);
    return [digits, digits.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(digits)];
  });
}
