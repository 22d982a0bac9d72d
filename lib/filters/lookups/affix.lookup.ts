import type { FieldPath } from '../field-path.js';
import type { MatchRun } from '../match-run.js';
import { mayHave } from './hash-bits.js';
import { HashedTexts } from './hashed-texts.js';
import type { LeadKey } from './lead.js';
import { Lookup, type Visit } from './lookup.js';
import { hashWith } from './text-hash.js';

/** Beginnings or ends of one length. */
interface OfLength<Posting> {
  readonly length: number;
  readonly texts: HashedTexts<Posting>;
}

/** Finds filters by the beginning or end of a text: one look-up for each of the few lengths in use. */
export class AffixLookup<Posting> extends Lookup<Posting> {
  /** The shortest first. */
  private readonly byLength: OfLength<Posting>[] = [];

  constructor(
    id: string,
    path: FieldPath,
    private readonly atEnd: boolean,
    private readonly ignoreCase: boolean,
  ) {
    super(id, path);
  }

  get size(): number {
    return this.byLength.reduce((sum, { texts }) => sum + texts.size, 0);
  }

  get(key: LeadKey): Posting | undefined {
    return this.of(key as string)?.texts.get(this.hashOf(key as string), key as string);
  }

  set(key: LeadKey, posting: Posting): void {
    const { length } = key as string;
    let of = this.of(key as string);
    if (!of) {
      of = { length, texts: new HashedTexts() };
      const behind = this.byLength.findIndex((each) => each.length > length);
      this.byLength.splice(behind === -1 ? this.byLength.length : behind, 0, of);
    }
    of.texts.set(this.hashOf(key as string), key as string, posting);
  }

  delete(key: LeadKey): void {
    const of = this.of(key as string);
    of?.texts.delete(this.hashOf(key as string));
    if (of?.texts.size === 0) this.byLength.splice(this.byLength.indexOf(of), 1);
  }

  protected visitValue(value: unknown, run: MatchRun, visit: Visit<Posting>): void {
    if (typeof value !== 'string') return;
    const text = this.ignoreCase ? run.fold(value) : value;
    run.spend(2 * this.byLength.length);
    let hash = 0;
    let hashed = 0;
    for (const { length, texts } of this.byLength) {
      if (length > text.length) break;
      for (; hashed < length; hashed += 1) hash = hashWith(hash, this.unitAt(text, hashed));
      if (mayHave(texts.bits(), hash)) texts.visit(hash, text, this.atEnd ? text.length - length : 0, visit);
    }
  }

  private of(affix: string): OfLength<Posting> | undefined {
    return this.byLength.find(({ length }) => length === affix.length);
  }

  /**
   * Hashes beginnings from their first character and ends from their last, so that a longer affix continues the hash of
   * a shorter one.
   */
  private hashOf(affix: string): number {
    let hash = 0;
    for (let at = 0; at < affix.length; at += 1) hash = hashWith(hash, this.unitAt(affix, at));
    return hash;
  }

  private unitAt(text: string, at: number): number {
    return text.charCodeAt(this.atEnd ? text.length - 1 - at : at);
  }
}
