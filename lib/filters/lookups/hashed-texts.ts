import { type BitTable, HashBits } from './hash-bits.js';
import type { Visit } from './lookup.js';

/** The posting of a hash. */
interface Under<Posting> {
  /** The text; undefined if several have the same hash. Then the filter has to be checked. */
  text: string | undefined;
  posting: Posting;
}

/** Postings by texts of one length. They are found by hash, so that parts of a longer text need not be cut out. */
export class HashedTexts<Posting> {
  private readonly postings = new Map<number, Under<Posting>>();
  private readonly there = new HashBits();

  /** How many hashes have a posting. */
  get size(): number {
    return this.postings.size;
  }

  /** Bits that rule out most hashes without a posting; valid until the next {@link set}. */
  bits(): BitTable {
    const { words, shift } = this.there;
    return { words, shift };
  }

  /** The posting of a text, or of another text with the same hash. */
  get(hash: number, text: string): Posting | undefined {
    const under = this.postings.get(hash);
    if (under === undefined) return undefined;
    // The caller may add a filter for `text` to the posting without calling `set`.
    if (under.text !== text) under.text = undefined;
    return under.posting;
  }

  /** Sets the posting of a text, in place of the one that {@link get} returns. */
  set(hash: number, text: string, posting: Posting): void {
    const known = this.postings.get(hash);
    if (known) known.posting = posting;
    else this.there.add(hash, this.postings.set(hash, { text, posting }));
  }

  /** Removes the posting of a hash. */
  delete(hash: number): void {
    this.postings.delete(hash);
  }

  /** Visits the posting of the part of a text that begins at `start` and has this hash. */
  visit(hash: number, text: string, start: number, visit: Visit<Posting>): void {
    const under = this.postings.get(hash);
    if (under === undefined) return;
    if (under.text === undefined) visit(under.posting, false);
    else if (text.startsWith(under.text, start)) visit(under.posting, true);
  }
}
