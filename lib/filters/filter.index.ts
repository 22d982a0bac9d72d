import type { Filter } from './filter.js';
import { FilterInquiry, type FilterSource, inOrder, type MatchingSteps, runOn } from './filter.inquiry.js';
import { Gathering } from './lookups/gathering.js';
import { IndexEntry } from './lookups/index-entry.js';
import { IndexNode } from './lookups/index-node.js';
import type { MatchRun } from './match-run.js';

/**
 * How the filters of an index are reached, for a gauge.
 *
 * @publicApi
 */
export interface FilterIndexStats {
  /** Filters in the index. */
  size: number;
  /** Filters that are looked up by one of their conditions. */
  indexed: number;
  /** Filters that are compared one by one with every event. */
  scanned: number;
}

/** The number of the last addition or inquiry, counted over all indexes so that each number is unique. */
let latest = 0;

/** A removed filter, and a link to the next removal. */
interface Removal<Id> {
  entry?: IndexEntry<Id>;
  next?: Removal<Id>;
}

/**
 * Finds which of many filters match some data. The cost grows with the number of filters that match, not with all
 * filters: conditions that can be looked up lead to their filters, and look-ups alone prove most matches.
 *
 * Up to 16 filters are checked one by one, which is fastest: each field is read once for all of them. Filters are added
 * and removed one at a time, and nothing is rebuilt.
 *
 * @typeParam Id what names a filter; compared as a key of a `Map`
 * @publicApi
 */
export class FilterIndex<Id> {
  private readonly entries = new Map<Id, IndexEntry<Id>>();
  private readonly root = new IndexNode<Id>();
  /**
   * Where the next removal will be written. An inquiry keeps an earlier one; without inquiries, removals are garbage
   * collected.
   */
  private removals: Removal<Id> = {};
  /** How many filters read the data. The others match any data. */
  private looking = 0;

  /** How many filters are in the index. */
  get size(): number {
    return this.entries.size;
  }

  /**
   * How many of them are compared one by one with every event.
   *
   * @internal
   */
  get scanned(): number {
    return this.root.scanned;
  }

  /**
   * Adds a filter, in some tens of microseconds. An existing id gets the new filter and keeps its place in the order.
   * Inquiries that have begun keep what they began with.
   */
  add(id: Id, filter: Filter): void {
    const known = this.entries.get(id);
    if (known) this.takeOut(known);
    const since = (latest += 1);
    const entry = new IndexEntry(id, filter, known?.order ?? since, since);
    this.entries.set(id, entry);
    this.root.add(entry);
    if (!filter.matchesEverything) this.looking += 1;
  }

  /** Removes a filter; false if the id is unknown. */
  remove(id: Id): boolean {
    const known = this.entries.get(id);
    if (!known) return false;
    this.entries.delete(id);
    this.takeOut(known);
    return true;
  }

  /**
   * Ids of the filters that match the data, in the order in which they were added. Never throws, whatever the data. It
   * checks every filter to its end, however long that takes; {@link ask} does so in parts.
   */
  match(data: unknown): Id[] {
    const run = runOn(() => data);
    if (!run) return [];
    const { proved, asked } = this.reachedBy(run, latest);
    for (const entry of asked) if (entry.filter.decide(run)) proved.push(entry);
    return inOrder(proved);
  }

  /**
   * Starts checking which filters match, in parts.
   *
   * @param read gives the data; called once, with the first part
   * @param steps what the filters may take; default `MATCHING_LIMITS`
   */
  ask(read: () => unknown, steps?: MatchingSteps): FilterInquiry<Id> {
    return new FilterInquiry([this.asItIs()], read, steps);
  }

  /** How many filters are reached in which way. Computed from counters, whatever the number of filters. */
  stats(): FilterIndexStats {
    const { size, scanned } = this;
    return { size, indexed: size - scanned, scanned };
  }

  /**
   * The filters that are in the index now; later changes have no effect.
   *
   * @internal
   */
  asItIs(): FilterSource<Id> {
    const { size, removals, looking } = this;
    const now = latest;
    return {
      size,
      looksAtData: looking > 0,
      all: () => [...thereAt(now, this.entries.values()), ...thereAt(now, removedFrom(removals))],
      reachedBy: (run) => {
        const reached = this.reachedBy(run, now);
        if (removals.entry) reached.asked.push(...thereAt(now, removedFrom(removals)));
        return reached;
      },
    };
  }

  private reachedBy(run: MatchRun, now: number): Gathering<Id> {
    const gathering = new Gathering<Id>(run, (latest += 1), now);
    this.root.gather(gathering);
    return gathering;
  }

  private takeOut(entry: IndexEntry<Id>): void {
    entry.remove();
    if (!entry.filter.matchesEverything) this.looking -= 1;
    this.removals.entry = entry;
    this.removals = this.removals.next = {};
  }
}

/** The entries present at a time. */
function* thereAt<Id>(time: number, entries: Iterable<IndexEntry<Id>>): Generator<IndexEntry<Id>> {
  for (const entry of entries) if (entry.since <= time) yield entry;
}

function* removedFrom<Id>(first: Removal<Id>): Generator<IndexEntry<Id>> {
  for (let { entry, next } = first; entry; { entry, next } = next as Removal<Id>) yield entry;
}
