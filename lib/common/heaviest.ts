/** Groups for each doubling of the weight: above {@link EXACT} the heaviest is known to an eighth. */
const STEPS = 8;
/** Below this weight each has a group of its own. */
const EXACT = 16;

/**
 * Who has most, out of any number, in constant time: exact for weights below 16, and to an eighth above. Weights are whole
 * numbers; who has 0 is forgotten.
 */
export class Heaviest<T> {
  private readonly weights = new Map<T, number>();
  private readonly groups: (Set<T> | undefined)[] = [];
  private top = 0;

  weightOf(owner: T): number {
    return this.weights.get(owner) ?? 0;
  }

  /** Adds to a weight, or takes from it. */
  add(owner: T, change: number): void {
    const before = this.weightOf(owner);
    const after = Math.max(0, before + change);
    if (before > 0) this.leave(owner, groupOf(before));
    if (after > 0) this.join(owner, groupOf(after));
    if (after > 0) this.weights.set(owner, after);
    else this.weights.delete(owner);
  }

  /** Nobody has more, but for an eighth; `undefined` when nobody has anything. */
  get(): T | undefined {
    for (; this.top > 0; this.top--) {
      for (const owner of this.groups[this.top] ?? []) return owner;
    }
    return undefined;
  }

  private join(owner: T, group: number): void {
    (this.groups[group] ??= new Set()).add(owner);
    this.top = Math.max(this.top, group);
  }

  private leave(owner: T, group: number): void {
    const members = this.groups[group];
    members?.delete(owner);
    if (members?.size === 0) this.groups[group] = undefined;
  }
}

/** Never more than 424 for a safe integer, which bounds the way down to the next group that has members. */
const groupOf = (weight: number): number => (weight < EXACT ? weight : Math.floor(Math.log2(weight) * STEPS));
