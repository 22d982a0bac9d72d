import type { MatchRun } from '../match-run.js';
import type { IndexEntry, EntryPlace } from './index-entry.js';
import { IF_READABLE } from './lead.js';
import type { Visit } from './lookup.js';

/** Filters that are reached by the same leads. */
export interface LeadingOn<Id> {
  /**
   * Adds those that the data may match.
   *
   * @throws StepsUsedUp
   */
  gather(to: Gathering<Id>): void;
}

/** Gathers the entries of an index that one piece of data may match. */
export class Gathering<Id> {
  /** Entries that match. */
  readonly proved: IndexEntry<Id>[] = [];
  /** Entries that have to be checked. */
  readonly asked: IndexEntry<Id>[] = [];
  /** Whether the data meets all conditions so far exactly. If not, the filter has to be checked. */
  private isExact = true;
  private visiting: Visit<EntryPlace<Id> | LeadingOn<Id>> | undefined;

  /**
   * @param mark differs from that of every other gathering
   * @param now entries that were added later are ignored
   */
  constructor(
    readonly run: MatchRun,
    readonly mark: number,
    private readonly now: number,
  ) {}

  /**
   * Continues with what a lookup has found. All lookups share one function, because creating one takes as long as a
   * look-up. Created only if there are lookups.
   */
  get visit(): Visit<EntryPlace<Id> | LeadingOn<Id>> {
    return (this.visiting ??= (posting, isHit) => {
      const before = this.isExact;
      this.isExact &&= isHit;
      if ('entry' in posting) this.tellPlace(posting);
      else posting.gather(this);
      this.isExact = before;
    });
  }

  /** Adds the entry of a place. */
  tellPlace({ entry, unproved }: EntryPlace<Id>): void {
    this.tell(entry, unproved === 0 || (unproved === IF_READABLE && this.run.isReadable));
  }

  /**
   * Adds an entry once, however many leads reach it.
   *
   * @param isProved whether it matches if all conditions so far hold
   */
  tell(entry: IndexEntry<Id>, isProved: boolean): void {
    if (entry.mark === this.mark) return;
    entry.mark = this.mark;
    if (entry.since <= this.now) (isProved && this.isExact ? this.proved : this.asked).push(entry);
  }
}
