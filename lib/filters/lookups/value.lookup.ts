import type { FieldPath } from '../field-path.js';
import type { MatchRun } from '../match-run.js';
import type { LeadKey } from './lead.js';
import { Lookup, type Visit } from './lookup.js';
import { isExactAsDouble } from './order-number.js';
import { numberKey, textKey } from './scalar-key.js';

type Key = string | boolean | null;

/** Finds a whole value. */
export class ValueLookup<Posting> extends Lookup<Posting> {
  private readonly postings = new Map<Key, Posting>();

  constructor(
    id: string,
    path: FieldPath,
    private readonly ignoreCase: boolean,
  ) {
    super(id, path);
  }

  get size(): number {
    return this.postings.size;
  }

  get(key: LeadKey): Posting | undefined {
    return this.postings.get(key as Key);
  }

  set(key: LeadKey, posting: Posting): void {
    this.postings.set(key as Key, posting);
  }

  delete(key: LeadKey): void {
    this.postings.delete(key as Key);
  }

  protected visitValue(value: unknown, run: MatchRun, visit: Visit<Posting>): void {
    run.spend(2);
    if (typeof value === 'string') this.look(textKey(this.ignoreCase ? run.fold(value) : value), true, visit);
    else if (typeof value === 'boolean' || value === null) this.look(value, true, visit);
    // Text such as `5` is a number too.
    const number = numberKey(value, run);
    if (number !== undefined) this.look(number, isExactAsDouble(value), visit);
  }

  private look(key: Key, isExact: boolean, visit: Visit<Posting>): void {
    const posting = this.postings.get(key);
    if (posting !== undefined) visit(posting, isExact);
  }
}
