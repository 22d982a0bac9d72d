import type { Filter } from '../filter.js';
import type { MatchRun } from '../match-run.js';
import { StepsUsedUp } from '../steps.js';
import { coversOf } from './covers.js';
import { type Cover, type Lead, type LeadKey, lookupIdOf } from './lead.js';
import type { Lookup } from './lookup.js';
import { makeLookup } from './make-lookup.js';
import { bestCover, rankOfCover } from './rank.js';
import { MOST_SIEVED, Sieve } from './sieve.js';

/** Filters that are asked one by one before they are told apart: a loop of so few is the fastest way. */
const MOST_ASKED = { root: MOST_SIEVED, below: 8 };
/** Nodes below one another. */
const DEEPEST = 6;
/** Leads of a filter in a sieve. */
const MOST_LEADS_SIEVED = 8;

/** A filter in the index. */
export class IndexEntry<Id> {
  /** Where it is found: at each lead of a cover. */
  places: Place<Id>[] | undefined;
  /** The last gathering that found it, so that it is found once. */
  mark = 0;

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
}

/** One place of an entry: in the list of a node, or alone under a key of a lookup. */
interface Place<Id> {
  readonly entry: IndexEntry<Id>;
  home: IndexNode<Id> | Branch<Id>;
  /** The position in a node's list, or the key in a lookup. */
  at: number | LeadKey;
  /** What else has to hold for the filter to match by the way that leads here. */
  readonly also: readonly Cover[];
}

const NOTHING: readonly Cover[] = [];

type Posting<Id> = Place<Id> | IndexNode<Id>;

/** A lookup with the node that it belongs to. */
interface Branch<Id> {
  readonly owner: IndexNode<Id>;
  readonly lookup: Lookup<Posting<Id>>;
}

/** What gathers entries for one piece of data. */
export interface Gathering<Id> {
  readonly run: MatchRun;
  /** Differs from that of every other gathering. */
  readonly mark: number;
  /** Entries that were added later are none. */
  readonly now: number;
  readonly found: IndexEntry<Id>[];
}

/**
 * Some filters, and ways to those among them that data may match. Few are kept in a list. When there are more, each goes
 * under the leads of the cover that leads to the fewest; under one key there is a node again, whose filters share that
 * lead, and which tells them apart by others.
 */
export class IndexNode<Id> {
  /** Filters that are asked whenever the way leads here. */
  private list: Place<Id>[] = [];
  private branches: Map<string, Branch<Id>> | undefined;
  private divided = false;
  /** What the list of a root is sieved with; made anew when a filter was taken out. */
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

  /** Filters that are asked for whatever data comes here. */
  get scanned(): number {
    return this.list.length;
  }

  /** Whether any filter is told apart from the others by what it asks for. */
  get tellsApart(): boolean {
    return this.branches !== undefined;
  }

  /** Of a root that tells nothing apart, the filters that the data may match. @throws StepsUsedUp */
  sieved(run: MatchRun): IndexEntry<Id>[] {
    const { list } = this;
    if (!this.sieve) {
      this.sieve = new Sieve();
      for (const place of list) this.sieve.add(place.at as number, shortestOf(place));
    }
    const passing: IndexEntry<Id>[] = [];
    for (let left = this.sieve.passing(run); left !== 0; left &= left - 1)
      passing.push((list[31 - Math.clz32(left & -left)] as Place<Id>).entry);
    return passing;
  }

  add(entry: IndexEntry<Id>): void {
    this.insert(entry, NOTHING);
  }

  /** Takes an entry out of all nodes. */
  static remove<Id>(entry: IndexEntry<Id>): void {
    for (const place of entry.places ?? []) {
      const { home } = place;
      if (home instanceof IndexNode) home.unlist(place);
      else home.owner.release(home, place.at as LeadKey, 1);
    }
    entry.places = undefined;
  }

  /**
   * Tells the entries that the data may match.
   *
   * @throws StepsUsedUp
   */
  gather(to: Gathering<Id>): void {
    // Every path to this node leads to the same entries.
    if (this.mark === to.mark) return;
    this.mark = to.mark;
    if (!this.divided && this.depth === 0) for (const entry of this.sieved(to.run)) tell(entry, to);
    else for (const { entry } of this.list) tell(entry, to);
    if (this.branches === undefined) return;
    const visit = (posting: Posting<Id>): void => {
      if (posting instanceof IndexNode) posting.gather(to);
      else tell(posting.entry, to);
    };
    for (const { lookup } of this.branches.values()) {
      const { run } = to;
      run.spend(1);
      try {
        const reached = run.reach(run.data, lookup.path);
        if (reached === undefined) continue;
        lookup.visit(reached, run, visit);
      } catch (error) {
        // A filter that must read unreadable data does not match, so nothing below this node has to be found.
        if (error instanceof StepsUsedUp) throw error;
      }
    }
  }

  private insert(entry: IndexEntry<Id>, also: readonly Cover[], covers?: readonly Cover[]): void {
    if (!this.divided && !this.isFull) return this.enlist(entry, also);
    if (!this.divided) this.divide();
    this.direct(entry, also, covers);
  }

  private get isFull(): boolean {
    if (this.depth >= DEEPEST) return false;
    return this.list.length >= (this.depth === 0 ? MOST_ASKED.root : MOST_ASKED.below);
  }

  /** From now on filters are told apart: those that are here already, and all that come. */
  private divide(): void {
    this.divided = true;
    const places = this.list;
    this.list = [];
    this.sieve = undefined;
    for (const place of places) {
      const { entry } = place;
      entry.places = entry.places?.filter((each) => each !== place);
      this.counted(-1);
      this.direct(entry, place.also);
    }
  }

  /** Puts a filter where its best cover leads; into the list when it has none that is not used up by the way here. */
  private direct(
    entry: IndexEntry<Id>,
    also: readonly Cover[],
    covers: readonly Cover[] = coversOf(entry.filter.node),
  ): void {
    const cover = this.best(also.length === 0 ? covers : [...covers, ...also]);
    if (!cover) return this.enlist(entry, also);
    for (const lead of cover) this.put(entry, lead, lead.also ? [...also, ...lead.also] : also, covers);
  }

  private put(entry: IndexEntry<Id>, lead: Lead, also: readonly Cover[], covers: readonly Cover[]): void {
    const branch = this.branchFor(lead);
    const { lookup } = branch;
    const known = lookup.get(lead.key);
    if (known === undefined) {
      const place: Place<Id> = { entry, home: branch, at: lead.key, also };
      entry.places = append(entry.places, place);
      lookup.set(lead.key, place);
      this.counted(1);
      return;
    }
    if (known instanceof IndexNode) return known.insert(entry, also, covers);
    const node = new IndexNode<Id>(branch, lead.key);
    this.counted(-1);
    node.relist(known);
    lookup.set(lead.key, node);
    node.insert(entry, also, covers);
  }

  /** The cover that leads to the fewest filters: by its kind, then by what stands there already. */
  private best(covers: readonly Cover[]): Cover | undefined {
    let best: Cover | undefined;
    let bestRank = Infinity;
    let bestCount = Infinity;
    for (const cover of covers) {
      if (cover.some((lead) => this.isUsed(lookupIdOf(lead)))) continue;
      const rank = rankOfCover(cover);
      if (rank > bestRank) continue;
      const count = cover.reduce((sum, lead) => sum + 1 + this.countUnder(lead), 0);
      if (rank === bestRank && count >= bestCount) continue;
      [best, bestRank, bestCount] = [cover, rank, count];
    }
    return best;
  }

  private isUsed(lookupId: string): boolean {
    for (let { parent } = this as IndexNode<Id>; parent; { parent } = parent.owner)
      if (parent.lookup.id === lookupId) return true;
    return false;
  }

  private countUnder(lead: Lead): number {
    const posting = this.branches?.get(lookupIdOf(lead))?.lookup.get(lead.key);
    if (posting === undefined) return 0;
    return posting instanceof IndexNode ? posting.count : 1;
  }

  private branchFor(lead: Lead): Branch<Id> {
    const id = lookupIdOf(lead);
    this.branches ??= new Map();
    let branch = this.branches.get(id);
    if (!branch) this.branches.set(id, (branch = { owner: this, lookup: makeLookup(id, lead) }));
    return branch;
  }

  private enlist(entry: IndexEntry<Id>, also: readonly Cover[]): void {
    const place: Place<Id> = { entry, home: this, at: 0, also };
    entry.places = append(entry.places, place);
    this.relist(place);
  }

  private relist(place: Place<Id>): void {
    place.home = this;
    place.at = this.list.length;
    // The first event that comes here must not pay for all of them.
    if (this.depth === 0 && !this.divided) {
      if (place.at === 0) this.sieve = new Sieve();
      this.sieve?.add(place.at, shortestOf(place));
    }
    this.list = append(this.list, place);
    this.counted(1);
  }

  private unlist(place: Place<Id>): void {
    const last = this.list.pop() as Place<Id>;
    this.sieve = undefined;
    if (last !== place) {
      this.list[place.at as number] = last;
      last.at = place.at;
    }
    this.counted(-1);
    this.dropIfEmpty();
  }

  private release({ lookup }: Branch<Id>, key: LeadKey, places: number): void {
    lookup.delete(key);
    if (lookup.size === 0) this.branches?.delete(lookup.id);
    if (places > 0) this.counted(-places);
    this.dropIfEmpty();
  }

  /** What is empty goes, so that filters that come and go leave nothing. */
  private dropIfEmpty(): void {
    if (this.list.length > 0 || (this.branches?.size ?? 0) > 0) return;
    this.divided = false;
    this.branches = undefined;
    this.parent?.owner.release(this.parent, this.key as LeadKey, 0);
  }

  private counted(change: number): void {
    this.count += change;
    for (let { parent } = this as IndexNode<Id>; parent; { parent } = parent.owner)
      parent.owner.count += change;
  }
}

/** What data has to have for a filter, if that is said in few leads. */
const shortestOf = <Id>({ entry }: Place<Id>): Cover | undefined =>
  bestCover(coversOf(entry.filter.node).filter(({ length }) => length <= MOST_LEADS_SIEVED));

/** Adds one. A short list is copied: it would get room for sixteen more, which takes most of the memory of an index. */
function append<Item>(list: Item[] | undefined, item: Item): Item[] {
  if (list === undefined) return [item];
  if (list.length < MOST_ASKED.root) return [...list, item];
  list.push(item);
  return list;
}

function tell<Id>(entry: IndexEntry<Id>, to: Gathering<Id>): void {
  if (entry.mark === to.mark) return;
  entry.mark = to.mark;
  if (entry.since <= to.now) to.found.push(entry);
}
