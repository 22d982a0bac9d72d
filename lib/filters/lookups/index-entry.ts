import type { Filter } from '../filter.js';
import type { Cover, LeadKey, Unproved } from './lead.js';

/** A filter in the index. */
export class IndexEntry<Id> {
  /** The last gathering that found it; prevents a second find. */
  mark = 0;
  /** Where it is found: at each lead of a cover. */
  places: EntryPlace<Id>[] | undefined;

  /**
   * @param order its position in a result
   * @param since when it was added
   */
  constructor(
    readonly id: Id,
    readonly filter: Filter,
    readonly order: number,
    readonly since: number,
  ) {}

  /** Removes the entry from all its places. */
  remove(): void {
    for (const place of this.places ?? []) place.home.leave(place);
    this.places = undefined;
  }
}

/** One place of an entry. */
export interface EntryPlace<Id> {
  readonly entry: IndexEntry<Id>;
  /** What remains to be proved of the filter when it is found here. */
  readonly unproved: Unproved;
  home: IndexPart<Id>;
  /** The position in a node's list, or the key in a lookup. */
  at: number | LeadKey;
  /** What else has to hold for the filter to match when it is found here. */
  readonly also: readonly Cover[];
}

/** What has places: the list of a node, or a lookup. */
export interface IndexPart<Id> {
  /** Removes a place that is in it. */
  leave(place: EntryPlace<Id>): void;
}
