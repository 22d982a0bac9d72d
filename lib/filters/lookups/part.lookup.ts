import type { FieldPath } from '../field-path.js';
import type { MatchRun } from '../match-run.js';
import { mayHave } from './hash-bits.js';
import { HashedTexts } from './hashed-texts.js';
import type { LeadKey } from './lead.js';
import { Lookup, type Visit } from './lookup.js';
import { hashOfSix, hashOfText, hashOfThree, hashOfUnit } from './text-hash.js';

/**
 * Lengths of the parts that texts are looked up by; the longest that fits is used. One is twice the other, so that the
 * hash of a longer part is made from the hashes of two shorter ones.
 */
export const PART_LENGTHS = [6, 3] as const;
const [LONG, SHORT] = PART_LENGTHS;

/** Finds a part of a text in one pass. */
export class PartLookup<Posting> extends Lookup<Posting> {
  private readonly long = new HashedTexts<Posting>();
  private readonly short = new HashedTexts<Posting>();

  constructor(
    id: string,
    path: FieldPath,
    private readonly ignoreCase: boolean,
  ) {
    super(id, path);
  }

  get size(): number {
    return this.long.size + this.short.size;
  }

  get(key: LeadKey): Posting | undefined {
    return this.of(key as string).get(hashOfText(key as string), key as string);
  }

  set(key: LeadKey, posting: Posting): void {
    this.of(key as string).set(hashOfText(key as string), key as string, posting);
  }

  delete(key: LeadKey): void {
    this.of(key as string).delete(hashOfText(key as string));
  }

  protected visitValue(value: unknown, run: MatchRun, visit: Visit<Posting>): void {
    if (typeof value !== 'string') return;
    const text = this.ignoreCase ? run.fold(value) : value;
    // A search takes some 10 ns a unit.
    run.spend(1 + (text.length >>> 1));
    this.visitParts(text, visit);
  }

  private visitParts(text: string, visit: Visit<Posting>): void {
    const { long, short } = this;
    const longBits = long.bits();
    const shortBits = short.bits();
    // Hashes of the two units before, and of the three units that end one, two and three units before.
    let unit1 = 0;
    let unit2 = 0;
    let three1 = 0;
    let three2 = 0;
    let three3 = 0;
    for (let at = 0; at < text.length; at += 1) {
      const unit = hashOfUnit(text.charCodeAt(at));
      const three = hashOfThree(unit2, unit1, unit);
      if (mayHave(shortBits, three) && at >= SHORT - 1) short.visit(three, text, at - SHORT + 1, visit);
      const six = hashOfSix(three3, three);
      if (mayHave(longBits, six) && at >= LONG - 1) long.visit(six, text, at - LONG + 1, visit);
      unit2 = unit1;
      unit1 = unit;
      three3 = three2;
      three2 = three1;
      three1 = three;
    }
  }

  private of(part: string): HashedTexts<Posting> {
    return part.length === LONG ? this.long : this.short;
  }
}
