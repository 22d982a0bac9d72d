/** Finds a fixed text: its position in `text` at or after `from`, or -1. */
type Finder = (text: string, from: number) => number;

// The cost of String.indexOf grows with the product of the lengths: it takes 48 ms to miss a periodic text of 1,023
// characters in 256 KiB. Up to this length it is still the fastest.
const SHORT = 32;

/** Lower case without regard to any language: the same on every machine. */
export function foldCase(text: string): string {
  // toLowerCase writes a capital sigma differently at the end of a word, so that a part of a text would differ from
  // the same part of a longer one.
  return text.toLowerCase().replaceAll('ς', 'σ');
}

/** Finds `needle` in time linear in the text, whatever the needle. */
export function createFinder(needle: string): Finder {
  if (needle.length <= SHORT) return (text, from) => text.indexOf(needle, from);
  // Reading single units costs three times as much.
  const units = Uint16Array.from({ length: needle.length }, (_, index) => needle.charCodeAt(index));
  const fallback = fallbackTable(units);
  return (text, from) => knuthMorrisPratt(text, units, fallback, from);
}

/**
 * A test for text of the form `a*b`: the whole text, `*` for any run of characters, `\*` for a star and `\\` for a
 * backslash. Each part is taken at its first place after the one before: no other choice could leave more room for the
 * rest, so no backtracking is needed.
 */
export function createLike(pattern: string): (text: string) => boolean {
  const parts = likeParts(pattern);
  const first = parts[0] as string;
  if (parts.length === 1) return (text) => text === first;
  const last = parts.at(-1) as string;
  const finders = parts.slice(1, -1).map((part) => ({ length: part.length, find: createFinder(part) }));
  return (text) => {
    const end = text.length - last.length;
    if (first.length > end || !text.startsWith(first) || !text.endsWith(last)) return false;
    let position = first.length;
    for (const { find, length } of finders) {
      const found = find(text, position);
      if (found === -1 || found + length > end) return false;
      position = found + length;
    }
    return true;
  };
}

/** True when a backslash in the pattern stands before anything but `*` or `\`. */
export const hasStrayBackslash = (pattern: string): boolean => /\\/.test(pattern.replace(/\\[*\\]/g, ''));

/** The fixed texts between the stars; the first and the last may be empty, an empty one between them is left out. */
export function likeParts(pattern: string): string[] {
  const parts: string[] = [''];
  for (const [token] of pattern.matchAll(/\\[*\\]|\*|[^*\\]+/g)) {
    if (token === '*') parts.push('');
    else parts[parts.length - 1] += token.startsWith('\\') ? token.slice(1) : token;
  }
  return parts.filter((part, index) => part !== '' || index === 0 || index === parts.length - 1);
}

/** For each position, how much of the needle's beginning ends there: Knuth, Morris, Pratt 1977. */
function fallbackTable(needle: Uint16Array): Uint16Array {
  const table = new Uint16Array(needle.length);
  for (let position = 1, matched = 0; position < needle.length; position += 1) {
    while (matched > 0 && needle[position] !== needle[matched]) matched = table[matched - 1] as number;
    if (needle[position] === needle[matched]) matched += 1;
    table[position] = matched;
  }
  return table;
}

function knuthMorrisPratt(text: string, needle: Uint16Array, fallback: Uint16Array, from: number): number {
  const { length } = needle;
  let matched = 0;
  for (let position = from; position < text.length; position += 1) {
    const unit = text.charCodeAt(position);
    while (matched > 0 && unit !== needle[matched]) matched = fallback[matched - 1] as number;
    if (unit === needle[matched]) matched += 1;
    if (matched === length) return position - matched + 1;
  }
  return -1;
}
