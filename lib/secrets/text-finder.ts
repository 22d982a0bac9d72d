import { randomInt } from 'node:crypto';

/** Texts are looked for by their first so many characters before anything else. */
const FEWEST_CHARACTERS = 8;
const LIKELY_BITS = 16;
const HASHES = 2 ** 31;

/** A text that is looked for, or the beginning of a longer one. */
interface Beginning {
  /** The longest of the texts that it begins with, if any. */
  longest: string | undefined;
}

/**
 * Finds texts in another one. The time depends on how long that one is, and hardly on how many texts are looked for or how much
 * alike they are: a tenant chooses both sides, and the engine's own search takes seconds for the worst of them.
 *
 * Beginnings are compared by a hash that slides. The longest text at a place is found by halving: whoever knows that some text has
 * the same first characters looks among the longer ones, else among the shorter ones.
 */
export class TextFinder {
  /** Every length that occurs, ascending. */
  private readonly lengths: readonly number[];
  private readonly beginnings = new Map<number, Beginning>();
  private readonly base = randomInt(HASHES) | 1;
  /** The base to the power of each length, up to the longest. */
  private readonly powers: Int32Array;
  /** Whether some text has first characters of this hash. */
  private readonly likely = new Uint8Array(2 ** LIKELY_BITS);

  /** @param texts those with fewer than 8 characters are left out */
  constructor(texts: Iterable<string>) {
    const long = [...new Set(texts)].filter(({ length }) => length >= FEWEST_CHARACTERS);
    this.lengths = [...new Set(long.map(({ length }) => length))].toSorted((a, b) => a - b);
    this.powers = new Int32Array((this.lengths.at(-1) ?? FEWEST_CHARACTERS) + 1);
    this.powers[0] = 1;
    for (let at = 1; at < this.powers.length; at++)
      this.powers[at] = Math.imul(this.powers[at - 1]!, this.base);
    const hashes = long.map((text) => this.hashesOf(text));
    for (const [at, text] of long.entries()) this.add(text, hashes[at]!);
    for (const [at, text] of long.entries()) this.addBeginnings(text, hashes[at]!);
  }

  /** The text with something else wherever one of the texts stands, the longest one where several begin. */
  replace(text: string, by: (found: string) => string): string {
    if (this.lengths.length === 0 || text.length < FEWEST_CHARACTERS) return text;
    const hashes = this.hashesOf(text);
    let replaced = '';
    let from = 0;
    for (let at = 0; at <= text.length - FEWEST_CHARACTERS; at++) {
      if (this.likely[bucket(this.hash(hashes, at, FEWEST_CHARACTERS))] === 0) continue;
      const found = this.longestAt(hashes, at);
      // Two texts may have one hash.
      if (found === undefined || !text.startsWith(found, at)) continue;
      replaced += text.slice(from, at) + by(found);
      from = at + found.length;
      at = from - 1;
    }
    return from === 0 ? text : replaced + text.slice(from);
  }

  private add(text: string, hashes: Int32Array): void {
    this.beginnings.set(this.key(hashes, 0, text.length), { longest: text });
    this.likely[bucket(this.hash(hashes, 0, FEWEST_CHARACTERS))] = 1;
  }

  /** Enters the beginnings that {@link longestAt} asks for on its way to this text. */
  private addBeginnings(text: string, hashes: Int32Array): void {
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
      for (; next <= middle; next++) {
        const known = this.beginnings.get(this.key(hashes, 0, this.lengths[next]!))?.longest;
        if (known !== undefined && text.startsWith(known)) longest = known;
      }
      const key = this.key(hashes, 0, length);
      if (!this.beginnings.has(key)) this.beginnings.set(key, { longest });
      low = middle + 1;
    }
  }

  private longestAt(hashes: Int32Array, at: number): string | undefined {
    let longest: string | undefined;
    let low = 0;
    let high = this.lengths.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const length = this.lengths[middle]!;
      const beginning =
        at + length < hashes.length ? this.beginnings.get(this.key(hashes, at, length)) : undefined;
      if (beginning) {
        longest = beginning.longest ?? longest;
        low = middle + 1;
      } else high = middle - 1;
    }
    return longest;
  }

  /** The hashes of the text's first 0, 1, 2, … characters. */
  private hashesOf(text: string): Int32Array {
    const hashes = new Int32Array(text.length + 1);
    let hash = 0;
    for (let at = 0; at < text.length; at++)
      hashes[at + 1] = hash = (Math.imul(hash, this.base) + text.charCodeAt(at) + 1) | 0;
    return hashes;
  }

  private hash(hashes: Int32Array, at: number, length: number): number {
    return (hashes[at + length]! - Math.imul(hashes[at]!, this.powers[length]!)) | 0;
  }

  private key(hashes: Int32Array, at: number, length: number): number {
    return (this.hash(hashes, at, length) ^ Math.imul(length, 0x9e3779b1)) | 0;
  }
}

const bucket = (hash: number): number => (hash ^ (hash >>> LIKELY_BITS)) & (2 ** LIKELY_BITS - 1);
