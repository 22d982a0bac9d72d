import type { MatchRun } from '../match-run.js';
import type { IndexEntry, Place } from './index-entry.js';
import { IF_READABLE } from './lead.js';
import type { Visit } from './lookup.js';

/** Filters that share the way that leads to them. */
export interface LeadingOn<Id> {
  /**
   * Tells those that the data may match.
   *
   * @throws StepsUsedUp
   */
  gather(to: Gathering<Id>): void;
}

/** Gathers the entries of an index that one piece of data may match. */
export class Gathering<Id> {
  /** Those that match. */
  readonly proved: IndexEntry<Id>[] = [];
  /** Those that have to be asked. */
  readonly asked: IndexEntry<Id>[] = [];
  /** Whether the way so far holds of the data; otherwise what it proves is to be asked. */
  private isExact = true;
  private visiting: Visit<Place<Id> | LeadingOn<Id>> | undefined;

  /**
   * @param mark differs from that of every other gathering
   * @param now entries that were added later are none
   */
  constructor(
    readonly run: MatchRun,
    readonly mark: number,
    private readonly now: number,
  ) {}

  /**
   * Goes on to what a lookup has led to. One function for all lookups, since making one takes as long as a lookup; none where
   * there are no lookups.
   */
  get visit(): Visit<Place<Id> | LeadingOn<Id>> {
    return (this.visiting ??= (posting, isHit) => {
      const before = this.isExact;
      this.isExact &&= isHit;
      if ('entry' in posting) this.tellPlace(posting);
      else posting.gather(this);
      this.isExact = before;
    });
  }

  /** Tells the entry of a place. */
  tellPlace({ entry, unproved }: Place<Id>): void {
    this.tell(entry, unproved === 0 || (unproved === IF_READABLE && this.run.isReadable));
  }

  /**
   * Tells an entry, once however many ways lead to it.
   *
   * @param isProved whether the entry matches if the way to it holds of the data
   */
  tell(entry: IndexEntry<Id>, isProved: boolean): void {
    if (entry.mark === this.mark) return;
    entry.mark = this.mark;
    if (entry.since <= this.now) (isProved && this.isExact ? this.proved : this.asked).push(entry);
  }
}
