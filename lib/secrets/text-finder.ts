import { randomInt } from 'node:crypto';

/** Shortest text to find, and so shortest value of a secret, in characters. The search begins with this many first characters of each text. */
export const FEWEST_CHARACTERS = 8;
const LIKELY_BITS = 16;
/**
 * Bases of hashes are 5 modulo 8. The powers of most other numbers repeat early, so that texts with the same letters
 * would get the same hash.
 */
const STEP = 8;
const REST = 5;

/** A text to find, or the beginning of a longer one. */
interface Beginning {
  /** The second hash of the text. */
  readonly check: number;
  /** The longest text to find that this one begins with, if any. */
  readonly longest: string | undefined;
  /** The next entry with the same first hash. */
  readonly next: Beginning | undefined;
}

/** The hashes of all beginnings of a text for one base. */
class Hashes {
  private constructor(
    private readonly of: Int32Array,
    private readonly powers: Int32Array,
  ) {}

  static of(text: string, base: number, powers: Int32Array): Hashes {
    const hashes = new Int32Array(text.length + 1);
    let hash = 0;
    for (let at = 0; at < text.length; at++)
      hashes[at + 1] = hash = (Math.imul(hash, base) + text.charCodeAt(at) + 1) | 0;
    return new Hashes(hashes, powers);
  }

  /** The hash of a part of the text. */
  part(at: number, length: number): number {
    return (this.of[at + length]! - Math.imul(this.of[at]!, this.powers[length]!)) | 0;
  }
}

/** Makes hashes of one base. */
class Hashing {
  private readonly base = randomInt(2 ** 28) * STEP + REST;
  private readonly powers: Int32Array;

  constructor(longest: number) {
    this.powers = new Int32Array(longest + 1);
    this.powers[0] = 1;
    for (let at = 1; at <= longest; at++) this.powers[at] = Math.imul(this.powers[at - 1]!, this.base);
  }

  hashesOf(text: string): Hashes {
    return Hashes.of(text, this.base, this.powers);
  }
}

/** A text to find, or one to search, with its hashes. */
interface Hashed {
  readonly text: string;
  readonly first: Hashes;
  readonly second: Hashes;
}

/**
 * Finds texts in another text. The time depends on the length of the searched text, and hardly on the number and the
 * similarity of the texts to find. A tenant chooses both, and the search of the JavaScript engine takes seconds for
 * the worst of them.
 *
 * Beginnings are compared by two rolling hashes. A binary search over lengths finds the longest text at a position:
 * if some text begins with the same characters, it continues among the longer ones, otherwise among the shorter ones.
 */
export class TextFinder {
  /** The lengths of the texts, ascending. */
  private readonly lengths: readonly number[];
  private readonly beginnings = new Map<number, Beginning>();
  private readonly first: Hashing;
  private readonly second: Hashing;
  /** Whether the first characters of some text have this hash. */
  private readonly likely = new Uint8Array(2 ** LIKELY_BITS);

  /** @param texts the texts to find; those with fewer than 8 characters are left out */
  constructor(texts: Iterable<string>) {
    const long = [...new Set(texts)].filter(({ length }) => length >= FEWEST_CHARACTERS);
    this.lengths = [...new Set(long.map(({ length }) => length))].toSorted((a, b) => a - b);
    const longest = this.lengths.at(-1) ?? FEWEST_CHARACTERS;
    this.first = new Hashing(longest);
    this.second = new Hashing(longest);
    const hashed = long.map((text) => this.hashed(text));
    for (const one of hashed) {
      this.enter(one, one.text.length, one.text);
      this.likely[bucket(one.first.part(0, FEWEST_CHARACTERS))] = 1;
    }
    for (const one of hashed) this.enterBeginnings(one);
  }

  /** Replaces every occurrence of one of the texts. Where several begin, the longest one counts. */
  replace(text: string, by: (found: string) => string): string {
    let replaced = '';
    let from = 0;
    for (const { at, found } of this.matches(text)) {
      replaced += text.slice(from, at) + by(found);
      from = at + found.length;
    }
    return from === 0 ? text : replaced + text.slice(from);
  }

  /**
   * Every occurrence of one of the texts, in order and without overlaps. Where several begin, the longest one counts.
   */
  matches(text: string): { at: number; found: string }[] {
    if (this.lengths.length === 0 || text.length < FEWEST_CHARACTERS) return [];
    const matches: { at: number; found: string }[] = [];
    const hashed = this.hashed(text);
    for (let at = 0; at <= text.length - FEWEST_CHARACTERS; at++) {
      if (this.likely[bucket(hashed.first.part(at, FEWEST_CHARACTERS))] === 0) continue;
      const found = this.longestAt(hashed, at);
      // Hashes may be equal by chance.
      if (found === undefined || !text.startsWith(found, at)) continue;
      matches.push({ at, found });
      at += found.length - 1;
    }
    return matches;
  }

  /** Adds the beginnings that {@link longestAt} looks up on its way to this text. */
  private enterBeginnings(hashed: Hashed): void {
    const { text } = hashed;
    let longest: string | undefined;
    let next = 0;
    let low = 0;
    let high = this.lengths.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const length = this.lengths[middle]!;
      if (length > text.length) {
        high = middle - 1;
        continue;
      }
      for (; next <= middle; next++) longest = this.at(hashed, 0, this.lengths[next]!)?.longest ?? longest;
      if (!this.at(hashed, 0, length)) this.enter(hashed, length, longest);
      low = middle + 1;
    }
  }

  private longestAt(hashed: Hashed, at: number): string | undefined {
    let longest: string | undefined;
    let low = 0;
    let high = this.lengths.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const beginning = this.at(hashed, at, this.lengths[middle]!);
      if (beginning) {
        longest = beginning.longest ?? longest;
        low = middle + 1;
      } else high = middle - 1;
    }
    return longest;
  }

  /** The entry for the characters at a position, if there is one of this length. */
  private at({ text, first, second }: Hashed, at: number, length: number): Beginning | undefined {
    if (at + length > text.length) return undefined;
    let found = this.beginnings.get(keyOf(first.part(at, length), length));
    if (found === undefined) return undefined;
    const check = second.part(at, length);
    while (found && found.check !== check) found = found.next;
    return found;
  }

  private enter({ first, second }: Hashed, length: number, longest: string | undefined): void {
    const key = keyOf(first.part(0, length), length);
    const check = second.part(0, length);
    this.beginnings.set(key, { check, longest, next: this.beginnings.get(key) });
  }

  private hashed(text: string): Hashed {
    return { text, first: this.first.hashesOf(text), second: this.second.hashesOf(text) };
  }
}

const keyOf = (hash: number, length: number): number => (hash ^ Math.imul(length, 0x9e3779b1)) | 0;

const bucket = (hash: number): number => (hash ^ (hash >>> LIKELY_BITS)) & (2 ** LIKELY_BITS - 1);
