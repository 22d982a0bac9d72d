interface Place<T> {
  readonly owner: T;
  rank: number;
  /** Owners get increasing numbers as they are put into rings. */
  turn: number;
  before: Place<T>;
  after: Place<T>;
}

/** The turn of the end of a ring: after those of all owners. */
const END_TURN = Infinity;

/**
 * Says whose turn it is: a ring for each rank, lower ranks first. Each operation takes constant time, however many are
 * in the rings.
 */
export class Turns<T> {
  private readonly places = new Map<T, Place<T>>();
  /** The ends of the rings. A ring is empty when its end is its own neighbour. */
  private readonly rings: Place<T>[];
  private lastTurn = 0;

  constructor(ranks: number) {
    this.rings = Array.from({ length: ranks }, (_, rank) => ringEnd<T>(rank));
  }

  /**
   * Puts an owner at the end of a ring. If it is already in this ring, it keeps its place; if it is in another one, it
   * leaves that.
   */
  add(owner: T, rank: number): void {
    const place = this.places.get(owner);
    if (place?.rank === rank) return;
    if (place) this.remove(owner);
    const end = this.ring(rank);
    const added: Place<T> = { owner, rank, turn: ++this.lastTurn, before: end.before, after: end };
    end.before.after = added;
    end.before = added;
    this.places.set(owner, added);
  }

  remove(owner: T): void {
    const place = this.places.get(owner);
    if (!place) return;
    this.places.delete(owner);
    place.before.after = place.after;
    place.after.before = place.before;
  }

  /** The first owner in the rings of these ranks, which are searched in the given order. */
  first(ranks: readonly number[]): T | undefined {
    for (const rank of ranks) {
      const end = this.ring(rank);
      if (end.after !== end) return end.after.owner;
    }
    return undefined;
  }

  /** The first owners in the rings of these ranks together, in the order in which they were put there. */
  firstOf(ranks: readonly number[], most: number): T[] {
    const heads = ranks.map((rank) => this.ring(rank).after);
    const found: T[] = [];
    while (found.length < most) {
      let first = 0;
      for (let at = 1; at < heads.length; at++) if (heads[at]!.turn < heads[first]!.turn) first = at;
      const place = heads[first];
      if (!place || place.turn === END_TURN) break;
      found.push(place.owner);
      heads[first] = place.after;
    }
    return found;
  }

  rankOf(owner: T): number | undefined {
    return this.places.get(owner)?.rank;
  }

  private ring(rank: number): Place<T> {
    const end = this.rings[rank];
    if (!end) throw new RangeError(`Rank ${rank} has no ring: there are ${this.rings.length}.`);
    return end;
  }
}

function ringEnd<T>(rank: number): Place<T> {
  const end = { owner: undefined as T, rank, turn: END_TURN } as Place<T>;
  end.before = end.after = end;
  return end;
}
