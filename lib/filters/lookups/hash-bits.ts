/** Bits for each hash: one in sixteen absent hashes still has to be looked up in the map. */
const BITS_EACH = 16;
const FEWEST_BITS = 8;

/** The current bits, for many look-ups in a row. */
export interface BitTable {
  readonly words: Uint32Array;
  readonly shift: number;
}

/** Whether the hash may be present. */
export function mayHave({ words, shift }: BitTable, hash: number): boolean {
  const at = hash >>> shift;
  return ((words[at >>> 5] as number) & (1 << (at & 31))) !== 0;
}

/**
 * Rules out most absent hashes in a fraction of the time that the map takes. Removed hashes stay until the table is
 * rebuilt, which happens when additions have filled it.
 */
export class HashBits implements BitTable {
  words = new Uint32Array(1);
  shift = 27;
  private added = 0;

  /**
   * Adds a hash.
   *
   * @param all all present hashes, including this one
   */
  add(hash: number, all: ReadonlyMap<number, unknown>): void {
    this.added += 1;
    if (this.added * BITS_EACH <= this.words.length * 32) return this.mark(hash);
    const size = Math.max(FEWEST_BITS, Math.ceil(Math.log2(all.size * BITS_EACH * 2)));
    this.words = new Uint32Array(2 ** size / 32);
    this.shift = 32 - size;
    this.added = all.size;
    for (const each of all.keys()) this.mark(each);
  }

  private mark(hash: number): void {
    const at = hash >>> this.shift;
    this.words[at >>> 5] = (this.words[at >>> 5] as number) | (1 << (at & 31));
  }
}
