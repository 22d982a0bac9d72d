import { type BitTable, HashBits } from './hash-bits.js';
import type { Visit } from './lookup.js';

/** What stands under a hash. */
interface Under<Posting> {
  /** The text; undefined once there were several with the same hash, which are told apart by asking the filter. */
  text: string | undefined;
  posting: Posting;
}

/** What stands under texts of one length. They are found by their hashes, so that nothing is cut out of a longer text. */
export class HashedTexts<Posting> {
  private readonly postings = new Map<number, Under<Posting>>();
  private readonly there = new HashBits();

  /** Hashes that something stands under. */
  get size(): number {
    return this.postings.size;
  }

  /** Bits that say of most hashes that nothing stands under them; those that are there until the next {@link set}. */
  bits(): BitTable {
    const { words, shift } = this.there;
    return { words, shift };
  }

  /** What stands under a text, or under another one with the same hash. */
  get(hash: number, text: string): Posting | undefined {
    const under = this.postings.get(hash);
    if (under === undefined) return undefined;
    // Whoever asks may put a filter there without another word.
    if (under.text !== text) under.text = undefined;
    return under.posting;
  }

  /** Puts something under a text, in place of what {@link get} says of it. */
  set(hash: number, text: string, posting: Posting): void {
    const known = this.postings.get(hash);
    if (known) known.posting = posting;
    else this.there.add(hash, this.postings.set(hash, { text, posting }));
  }

  /** Takes out what stands under a hash. */
  delete(hash: number): void {
    this.postings.delete(hash);
  }

  /** Visits what stands under the part of a text that begins at `start` and has this hash. */
  visit(hash: number, text: string, start: number, visit: Visit<Posting>): void {
    const under = this.postings.get(hash);
    if (under === undefined) return;
    if (under.text === undefined) visit(under.posting, false);
    else if (text.startsWith(under.text, start)) visit(under.posting, true);
  }
}
