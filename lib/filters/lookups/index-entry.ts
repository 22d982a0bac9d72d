import type { Filter } from '../filter.js';
import type { Cover, LeadKey, Unproved } from './lead.js';

/** A filter in the index. */
export class IndexEntry<Id> {
  /** The last gathering that found it, so that it is found once. */
  mark = 0;
  /** Where it is found: at each lead of a cover. */
  places: Place<Id>[] | undefined;

  /**
   * @param order where it comes in an answer
   * @param since when it was added
   */
  constructor(
    readonly id: Id,
    readonly filter: Filter,
    readonly order: number,
    readonly since: number,
  ) {}

  /** Takes it out of all its places. */
  remove(): void {
    for (const place of this.places ?? []) place.home.leave(place);
    this.places = undefined;
  }
}

/** One place of an entry. */
export interface Place<Id> {
  readonly entry: IndexEntry<Id>;
  /** What the way that leads here does not prove of the filter. */
  readonly unproved: Unproved;
  home: Home<Id>;
  /** The position in a node's list, or the key in a lookup. */
  at: number | LeadKey;
  /** What else has to hold for the filter to match by the way that leads here. */
  readonly also: readonly Cover[];
}

/** What has places: the list of a node, or a lookup. */
export interface Home<Id> {
  /** Takes out the place, which is in it. */
  leave(place: Place<Id>): void;
}
