import { randomInt } from 'node:crypto';
import type { FieldPath } from '../field-path.js';
import type { MatchRun } from '../match-run.js';
import { PART_LENGTHS } from './covers.js';
import { HashBits } from './hash-bits.js';
import type { LeadKey } from './lead.js';
import { Lookup, type Visit } from './lookup.js';

// Odd numbers that nobody outside can know, so that nobody can choose parts that meet under one key.
const [START, FACTOR] = [randomInt(2 ** 31), randomInt(2 ** 30) * 2 + 1];

/** What stands under a hash. */
interface Part<Posting> {
  /** The part; undefined once there were several with the same hash, which are told apart by asking the filter. */
  text: string | undefined;
  posting: Posting;
}

/** Parts of one length. */
interface OfLength<Posting> {
  readonly length: number;
  /** `FACTOR` to the power of the length, to take the oldest unit out of a running hash. */
  readonly oldest: number;
  readonly postings: Map<number, Part<Posting>>;
  /** Most parts of a text are not there. */
  readonly bits: HashBits;
}

/** By a part of a text: the text is read once for each length of parts. */
export class PartLookup<Posting> extends Lookup<Posting> {
  private readonly byLength: readonly OfLength<Posting>[] = PART_LENGTHS.map((length) => ({
    length,
    oldest: power(FACTOR, length),
    postings: new Map(),
    bits: new HashBits(),
  }));

  constructor(
    id: string,
    path: FieldPath,
    private readonly ignoreCase: boolean,
  ) {
    super(id, path);
  }

  get size(): number {
    return this.byLength.reduce((sum, { postings }) => sum + postings.size, 0);
  }

  get(key: LeadKey): Posting | undefined {
    const part = this.of(key as string).postings.get(hashOf(key as string));
    if (part === undefined) return undefined;
    // Whoever asks may put a filter there without another word.
    if (part.text !== key) part.text = undefined;
    return part.posting;
  }

  set(key: LeadKey, posting: Posting): void {
    const { postings, bits } = this.of(key as string);
    const hash = hashOf(key as string);
    const known = postings.get(hash);
    if (known) known.posting = posting;
    else bits.add(hash, postings.set(hash, { text: key as string, posting }));
  }

  delete(key: LeadKey): void {
    this.of(key as string).postings.delete(hashOf(key as string));
  }

  protected visitValue(value: unknown, run: MatchRun, visit: Visit<Posting>): void {
    if (typeof value !== 'string') return;
    const text = this.ignoreCase ? run.fold(value) : value;
    for (const parts of this.byLength)
      if (parts.postings.size > 0 && parts.length <= text.length) eachPart(text, parts, run, visit);
  }

  private of(part: string): OfLength<Posting> {
    return this.byLength.find(({ length }) => length === part.length) as OfLength<Posting>;
  }
}

function eachPart<Posting>(
  text: string,
  { length, oldest, postings, bits }: OfLength<Posting>,
  run: MatchRun,
  visit: Visit<Posting>,
): void {
  // A look takes some 15 ns a unit.
  run.spend(1 + (text.length >>> 1));
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) {
    hash = (Math.imul(hash, FACTOR) + mixed(text.charCodeAt(at))) | 0;
    if (at >= length) hash = (hash - Math.imul(mixed(text.charCodeAt(at - length)), oldest)) | 0;
    if (at < length - 1 || !bits.mayHave(hash)) continue;
    const part = postings.get(hash);
    if (part === undefined) continue;
    visit(part.posting, part.text !== undefined && text.startsWith(part.text, at - length + 1));
  }
}

function hashOf(part: string): number {
  let hash = 0;
  for (let at = 0; at < part.length; at += 1)
    hash = (Math.imul(hash, FACTOR) + mixed(part.charCodeAt(at))) | 0;
  return hash;
}

const mixed = (unit: number): number => Math.imul(unit ^ START, FACTOR);

function power(base: number, exponent: number): number {
  let result = 1;
  for (let times = 0; times < exponent; times += 1) result = Math.imul(result, base);
  return result;
}
