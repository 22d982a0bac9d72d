import type { FieldPath } from '../field-path.js';
import type { MatchRun } from '../match-run.js';
import type { LeadKey } from './lead.js';
import { Lookup, type Visit } from './lookup.js';

// As in scalar-key.ts: texts of digits are not hashed as what they are.
const SECRET = '=';

/** By the beginning or the end of a text: one look for each length that is in use, of which there are few. */
export class AffixLookup<Posting> extends Lookup<Posting> {
  private readonly postings = new Map<string, Posting>();
  /** Keys of each length. */
  private readonly perLength: number[] = [];
  private lengths: readonly number[] = [];

  constructor(
    id: string,
    path: FieldPath,
    private readonly atEnd: boolean,
    private readonly ignoreCase: boolean,
  ) {
    super(id, path);
  }

  get size(): number {
    return this.postings.size;
  }

  get(key: LeadKey): Posting | undefined {
    return this.postings.get(SECRET + (key as string));
  }

  set(key: LeadKey, posting: Posting): void {
    const { length } = key as string;
    const own = SECRET + (key as string);
    if (!this.postings.has(own)) this.count(length, 1);
    this.postings.set(own, posting);
  }

  delete(key: LeadKey): void {
    if (this.postings.delete(SECRET + (key as string))) this.count((key as string).length, -1);
  }

  protected visitValue(value: unknown, run: MatchRun, visit: Visit<Posting>): void {
    if (typeof value !== 'string') return;
    const text = this.ignoreCase ? run.fold(value) : value;
    run.spend(2 * this.lengths.length);
    for (const length of this.lengths) {
      if (length > text.length) break;
      const affix = this.atEnd ? text.slice(-length) : text.slice(0, length);
      const posting = this.postings.get(SECRET + affix);
      if (posting !== undefined) visit(posting, true);
    }
  }

  private count(length: number, change: number): void {
    const before = this.perLength[length] ?? 0;
    this.perLength[length] = before + change;
    if (before > 0 && before + change > 0) return;
    this.lengths = Array.from(this.perLength.keys()).filter((each) => (this.perLength[each] ?? 0) > 0);
  }
}
