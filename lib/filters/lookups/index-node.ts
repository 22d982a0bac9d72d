import { StepsUsedUp } from '../steps.js';
import type { Gathering, LeadingOn } from './gathering.js';
import type { IndexPart, IndexEntry, EntryPlace } from './index-entry.js';
import { type Cover, type Lead, type LeadKey, leftAfter, type Unproved } from './lead.js';
import type { Lookup } from './lookup.js';
import { makeLookup } from './make-lookup.js';
import { rankOfCover } from './rank.js';
import { recentCoversOf } from './recent-covers.js';
import { MOST_SIEVED, Sieve } from './sieve.js';

/** Most nested nodes. */
const DEEPEST = 6;

const NOTHING: readonly Cover[] = [];

/** What a key of a lookup leads to. */
type Posting<Id> = EntryPlace<Id> | IndexNode<Id>;

/** A lookup with the node that it belongs to. */
class Branch<Id> implements IndexPart<Id> {
  constructor(
    readonly owner: IndexNode<Id>,
    readonly lookup: Lookup<Posting<Id>>,
  ) {}

  leave(place: EntryPlace<Id>): void {
    this.owner.release(this, place.at as LeadKey, 1);
  }
}

/**
 * Some filters, and how to find those that data may match. Few filters stay in a list with a sieve, which is fastest.
 * More are stored under the leads of the cover with the fewest filters. A key may lead to a node, whose filters share
 * that lead and differ in others.
 */
export class IndexNode<Id> implements IndexPart<Id>, LeadingOn<Id> {
  /** Filters checked whenever data gets here. */
  private list: EntryPlace<Id>[] = [];
  private branches: Map<string, Branch<Id>> | undefined;
  private divided = false;
  /** Rules out filters of the list, until lookups divide them. */
  private sieve: Sieve | undefined;
  private count = 0;
  private mark = 0;
  private readonly depth: number;

  constructor(
    private readonly parent?: Branch<Id>,
    private readonly key?: LeadKey,
  ) {
    this.depth = parent ? parent.owner.depth + 1 : 0;
  }

  /** Filters checked for any data that gets here. */
  get scanned(): number {
    return this.list.length;
  }

  /** Puts an entry under the leads by which it is found; an `or` has several. */
  add(entry: IndexEntry<Id>): void {
    const { covers, unproved } = recentCoversOf(entry.filter);
    this.insert(entry, NOTHING, unproved, covers);
  }

  gather(to: Gathering<Id>): void {
    // Every path to this node leads to the same entries.
    if (this.mark === to.mark) return;
    this.mark = to.mark;
    if (this.sieve) this.gatherSieved(this.sieve, to);
    else for (const place of this.list) to.tellPlace(place);
    if (this.branches !== undefined) for (const { lookup } of this.branches.values()) gatherBy(lookup, to);
  }

  private gatherSieved(sieve: Sieve, to: Gathering<Id>): void {
    const passing = sieve.passing(to.run);
    for (let left = passing & 0xffff; left !== 0; left &= left - 1) {
      const at = 31 - Math.clz32(left & -left);
      to.tell((this.list[at] as EntryPlace<Id>).entry, ((passing >>> 16) & (1 << at)) !== 0);
    }
  }

  private insert(
    entry: IndexEntry<Id>,
    also: readonly Cover[],
    unproved: Unproved,
    covers: readonly Cover[],
  ): void {
    if (!this.divided && !this.isFull) return this.enlist(entry, also, unproved, covers);
    if (!this.divided) this.divide();
    this.direct(entry, also, unproved, covers);
  }

  private get isFull(): boolean {
    return this.depth < DEEPEST && this.list.length >= MOST_SIEVED;
  }

  /** From now on, lookups divide the filters: those already here and all new ones. */
  private divide(): void {
    this.divided = true;
    const places = this.list;
    this.list = [];
    this.sieve = undefined;
    for (const place of places) {
      const { entry, also, unproved } = place;
      entry.places = entry.places?.filter((each) => each !== place);
      this.counted(-1);
      this.direct(entry, also, unproved, recentCoversOf(entry.filter).covers);
    }
  }

  /** Stores a filter under its best cover, or in the list if all its covers are already used on the way here. */
  private direct(
    entry: IndexEntry<Id>,
    also: readonly Cover[],
    unproved: Unproved,
    covers: readonly Cover[],
  ): void {
    const cover = this.best(also.length === 0 ? covers : [...covers, ...also]);
    if (!cover) return this.enlist(entry, also, unproved, covers);
    for (const lead of cover)
      this.put(
        entry,
        lead,
        lead.also ? [...also, ...lead.also] : also,
        leftAfter(unproved, lead.proof),
        covers,
      );
  }

  private put(
    entry: IndexEntry<Id>,
    lead: Lead,
    also: readonly Cover[],
    unproved: Unproved,
    covers: readonly Cover[],
  ): void {
    const branch = this.branchFor(lead);
    const { lookup } = branch;
    const known = lookup.get(lead.key);
    if (known === undefined) {
      const place: EntryPlace<Id> = { entry, unproved, home: branch, at: lead.key, also };
      entry.places = append(entry.places, place);
      lookup.set(lead.key, place);
      this.counted(1);
      return;
    }
    if (known instanceof IndexNode) return known.insert(entry, also, unproved, covers);
    const node = new IndexNode<Id>(branch, lead.key);
    this.counted(-1);
    node.relist(known, recentCoversOf(known.entry.filter).covers);
    lookup.set(lead.key, node);
    node.insert(entry, also, unproved, covers);
  }

  /** The cover that leads to the fewest filters, judged by its kind, then by the filters already stored there. */
  private best(covers: readonly Cover[]): Cover | undefined {
    const [only] = covers;
    if (only && covers.length === 1) return this.usesOne(only) ? undefined : only;
    let best: Cover | undefined;
    let bestRank = Infinity;
    let bestCount = Infinity;
    for (const cover of covers) {
      const rank = rankOfCover(cover);
      if (rank > bestRank || this.usesOne(cover)) continue;
      const most = rank === bestRank ? bestCount : Infinity;
      const count = this.countUnderAll(cover, most);
      if (count >= most) continue;
      [best, bestRank, bestCount] = [cover, rank, count];
    }
    return best;
  }

  /** Whether a lookup of the cover is already used on the way to this node. */
  private usesOne(cover: Cover): boolean {
    if (!this.parent) return false;
    for (const { lookupId } of cover) if (this.isUsed(lookupId)) return true;
    return false;
  }

  /** Counts the filters under its leads, plus one for each lead; stops at `most`. */
  private countUnderAll(cover: Cover, most: number): number {
    let count = 0;
    for (const lead of cover) {
      count += 1 + this.countUnder(lead);
      if (count >= most) break;
    }
    return count;
  }

  private isUsed(lookupId: string): boolean {
    for (let { parent } = this as IndexNode<Id>; parent; { parent } = parent.owner)
      if (parent.lookup.id === lookupId) return true;
    return false;
  }

  private countUnder(lead: Lead): number {
    const posting = this.branches?.get(lead.lookupId)?.lookup.get(lead.key);
    if (posting === undefined) return 0;
    return posting instanceof IndexNode ? posting.count : 1;
  }

  private branchFor(lead: Lead): Branch<Id> {
    const { lookupId } = lead;
    this.branches ??= new Map();
    let branch = this.branches.get(lookupId);
    if (!branch) this.branches.set(lookupId, (branch = new Branch<Id>(this, makeLookup(lead))));
    return branch;
  }

  private enlist(
    entry: IndexEntry<Id>,
    also: readonly Cover[],
    unproved: Unproved,
    covers: readonly Cover[],
  ): void {
    const place: EntryPlace<Id> = { entry, unproved, home: this, at: 0, also };
    entry.places = append(entry.places, place);
    this.relist(place, covers);
  }

  private relist(place: EntryPlace<Id>, covers: readonly Cover[]): void {
    place.home = this;
    place.at = this.list.length;
    this.list = append(this.list, place);
    this.counted(1);
    if (!this.divided && this.depth < DEEPEST) this.sieveAt(place.at, place, covers);
  }

  /** Adds a filter to the sieve, by the covers that are not used on the way to this node. */
  private sieveAt(at: number, { also, unproved }: EntryPlace<Id>, covers: readonly Cover[]): void {
    const all = also.length === 0 ? covers : [...covers, ...also];
    const untold = this.parent ? all.filter((cover) => !this.usesOne(cover)) : all;
    (this.sieve ??= new Sieve()).add(at, untold, unproved);
  }

  /** Takes a place out of its list. */
  leave(place: EntryPlace<Id>): void {
    const at = place.at as number;
    const last = this.list.pop() as EntryPlace<Id>;
    this.sieve?.remove(at);
    if (last !== place) {
      this.sieve?.move(last.at as number, at);
      this.list[at] = last;
      last.at = at;
    }
    this.counted(-1);
    this.dropIfEmpty();
  }

  /** Removes a key, which had this many places. */
  release({ lookup }: Branch<Id>, key: LeadKey, places: number): void {
    lookup.delete(key);
    if (lookup.size === 0) this.branches?.delete(lookup.id);
    if (places > 0) this.counted(-places);
    this.dropIfEmpty();
  }

  /** Removes empty branches, so that filters that come and go leave nothing. */
  private dropIfEmpty(): void {
    if (this.list.length > 0 || (this.branches?.size ?? 0) > 0) return;
    this.divided = false;
    this.branches = undefined;
    this.sieve = undefined;
    this.parent?.owner.release(this.parent, this.key as LeadKey, 0);
  }

  private counted(change: number): void {
    this.count += change;
    for (let { parent } = this as IndexNode<Id>; parent; { parent } = parent.owner)
      parent.owner.count += change;
  }
}

/**
 * Adds an item. A short list is copied, because adding to it would reserve room for sixteen more, which would be most
 * of the memory of an index.
 */
function append<Item>(list: Item[] | undefined, item: Item): Item[] {
  if (list === undefined) return [item];
  if (list.length < MOST_SIEVED) return [...list, item];
  list.push(item);
  return list;
}

function gatherBy<Id>(lookup: Lookup<Posting<Id>>, { run, visit }: Gathering<Id>): void {
  run.spend(1);
  try {
    const reached = run.reach(run.data, lookup.path);
    if (reached !== undefined) lookup.visit(reached, run, visit);
  } catch (error) {
    // A filter that must read unreadable data does not match, so nothing below this node has to be found.
    if (error instanceof StepsUsedUp) throw error;
  }
}
