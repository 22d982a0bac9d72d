import type { Filter } from './filter.js';
import { FilterInquiry, type MatchingSteps } from './filter.inquiry.js';

/**
 * How the filters of an index are reached, for a gauge.
 *
 * @publicApi
 */
export interface FilterIndexStats {
  /** Filters in the index. */
  size: number;
  /** Those reached through one of their conditions, without being tried. */
  indexed: number;
  /** Those tried one by one for every event. */
  scanned: number;
}

const UNBOUNDED: MatchingSteps = {
  filterSteps: Number.MAX_SAFE_INTEGER,
  eventSteps: Number.MAX_SAFE_INTEGER,
};

/**
 * Many filters, asked at once which of them match.
 *
 * @typeParam Id what names a filter; compared as a key of a `Map`
 * @publicApi
 */
export class FilterIndex<Id> {
  // A loop of compiled filters is the fastest way up to some 16 of them and right for any number.
  private readonly filters = new Map<Id, Filter>();
  /** The same as a list that is never changed: inquiries that are under way share it. */
  private listed: readonly (readonly [Id, Filter])[] | undefined;

  /** How many filters are in the index. */
  get size(): number {
    return this.filters.size;
  }

  /** Adds a filter. An id that is there already gets the new filter and keeps its place in the order. */
  add(id: Id, filter: Filter): void {
    this.filters.set(id, filter);
    this.listed = undefined;
  }

  /** Takes a filter out; false when the id is unknown. */
  remove(id: Id): boolean {
    this.listed = undefined;
    return this.filters.delete(id);
  }

  /**
   * Ids of the filters that match the data, in the order in which they were added. Never throws, whatever the data. It
   * asks every filter to its end, however long that takes: {@link ask} is for who must not be held up by it.
   */
  match(data: unknown): Id[] {
    const inquiry = new FilterInquiry(this.list(), () => data, UNBOUNDED);
    inquiry.advance();
    return [...inquiry.matched];
  }

  /**
   * Begins to ask which filters match, to go on with in parts.
   *
   * @param read gives the data; called once, with the first part
   * @param steps what the filters may cost; default `MATCHING_LIMITS`
   */
  ask(read: () => unknown, steps?: MatchingSteps): FilterInquiry<Id> {
    return new FilterInquiry(this.list(), read, steps);
  }

  /** How many filters are reached in which way. */
  stats(): FilterIndexStats {
    return { size: this.filters.size, indexed: 0, scanned: this.filters.size };
  }

  private list(): readonly (readonly [Id, Filter])[] {
    return (this.listed ??= [...this.filters]);
  }
}
