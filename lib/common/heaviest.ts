/**
 * How many groups there are for each doubling of the weight: above {@link EXACT} the heaviest is known to one eighth.
 */
const STEPS = 8;
/** Each weight below this one has a group of its own. */
const EXACT = 16;
/**
 * The groups are dropped after this many changes without a call of `get`: a number for each owner, plus a fixed number.
 */
const IDLE_CHANGES_EACH = 4;
const IDLE_CHANGES = 64;

/** An owner with its weight: a whole number that only {@link Heaviest.add} changes. */
export interface Weighted {
  weight: number;
}

/**
 * Finds the owner with the largest weight among any number of owners: exact for weights below 16, and to one eighth
 * above. Each operation takes constant time on average.
 *
 * Only a full queue calls {@link get}. So the first call sorts the owners into groups, and the groups are dropped when
 * many weights have changed since the last call. Without groups, changing a weight is just an addition.
 */
export class Heaviest<T extends Weighted> {
  private groups: (Set<T> | undefined)[] | undefined;
  private readonly places = new Map<T, number>();
  private top = 0;
  private changesLeft = 0;

  /** @param all all owners whose weight is not 0, and maybe others */
  constructor(private readonly all: () => Iterable<T>) {}

  /** Adds to a weight or subtracts from it. */
  add(owner: T, change: number): void {
    owner.weight = Math.max(0, owner.weight + change);
    if (this.groups) this.place(this.groups, owner);
  }

  /** An owner that no other exceeds by more than one eighth; `undefined` when all weights are 0. */
  get(): T | undefined {
    const groups = (this.groups ??= this.sorted());
    this.changesLeft = IDLE_CHANGES_EACH * this.places.size + IDLE_CHANGES;
    for (; this.top > 0; this.top--) {
      for (const owner of groups[this.top] ?? []) return owner;
    }
    return undefined;
  }

  private sorted(): (Set<T> | undefined)[] {
    const groups: (Set<T> | undefined)[] = [];
    this.changesLeft = Infinity;
    for (const owner of this.all()) this.place(groups, owner);
    return groups;
  }

  private place(groups: (Set<T> | undefined)[], owner: T): void {
    if (--this.changesLeft <= 0) return this.giveUp();
    const before = this.places.get(owner) ?? 0;
    const after = groupOf(owner.weight);
    if (before === after) return;
    groups[before]?.delete(owner);
    if (after === 0) {
      this.places.delete(owner);
      return;
    }
    (groups[after] ??= new Set()).add(owner);
    this.places.set(owner, after);
    this.top = Math.max(this.top, after);
  }

  private giveUp(): void {
    this.groups = undefined;
    this.places.clear();
    this.top = 0;
  }
}

/**
 * 0 for weight 0. Never more than 424 for a safe integer, which bounds the search for the next group that has members.
 */
const groupOf = (weight: number): number => (weight < EXACT ? weight : Math.floor(Math.log2(weight) * STEPS));
