/** Something that can be kept in a {@link Room}. */
export interface Lodger {
  /** How many bytes it takes now. Each visit may change that. */
  readonly bytes: number;
  dispose(): void;
}

interface Place<T> {
  readonly who: T;
  bytes: number;
  visitedAt: number;
}

/** The share of the room for newcomers: lodgers that have not been visited again. */
const NEWCOMERS_SHARE = 0.1;
/**
 * When the room is full, one in this many newcomers settles immediately, so that settled lodgers which are no longer
 * visited eventually make room.
 */
const SETTLES_AT_ONCE = 16;
/**
 * A newcomer counts as visited again only if more than this many visits have come after its first one. Before that, all
 * its visits count as one burst. Consecutive visits to the same lodger count as one.
 */
const BURST = 8;

/**
 * Room for a number of bytes, and the lodgers kept in it. Keeping the latest lodgers would be useless if more of them
 * take turns than there is room for: each would be gone when its turn comes. So settled lodgers stay, the least
 * recently visited leaving first, and newcomers share a tenth of the room until they are visited again.
 */
export class Room<T extends Lodger> {
  private readonly settled = new Map<number, Place<T>>();
  private readonly newcomers = new Map<number, Place<T>>();
  private settledBytes = 0;
  private newcomerBytes = 0;
  private arrivals = 0;
  private visits = 0;
  private lastVisited: number | undefined;
  private left: number[] = [];

  constructor(private readonly bytes: number) {}

  get(number: number): T | undefined {
    return (this.settled.get(number) ?? this.newcomers.get(number))?.who;
  }

  /** Call it when a visit has ended. Keeps the lodger, and removes lodgers, perhaps this one, until the rest fits. */
  keep(number: number, who: T): void {
    if (this.lastVisited !== number) this.visits++;
    this.lastVisited = number;
    const known = this.take(number);
    const { bytes } = who;
    const place = { who, bytes, visitedAt: this.visits };
    if (known === undefined ? this.settlesAtOnce(bytes) : known.settles) {
      this.settled.set(number, place);
      this.settledBytes += bytes;
    } else {
      // Within a burst, the time of the first visit counts.
      this.newcomers.set(number, known ? { ...place, visitedAt: known.visitedAt } : place);
      this.newcomerBytes += bytes;
    }
    while (this.settledBytes + this.newcomerBytes > this.bytes) this.evict();
  }

  /** Disposes of the lodger with this number, whether it was kept or not. */
  drop(number: number, who: T): void {
    this.take(number);
    this.dispose(number, who);
  }

  /** The used share of the room, from 0 to 1. */
  get fullness(): number {
    return (this.settledBytes + this.newcomerBytes) / this.bytes;
  }

  /** The numbers of lodgers that have left, at most `most`. Each is reported once. */
  takeLeft(most: number): number[] {
    return this.left.length === 0 ? this.left : this.left.splice(0, most);
  }

  private settlesAtOnce(bytes: number): boolean {
    if (this.settledBytes + this.newcomerBytes + bytes <= this.bytes) return true;
    return ++this.arrivals % SETTLES_AT_ONCE === 0;
  }

  /** Removes a lodger from its map. */
  private take(number: number): { settles: boolean; visitedAt: number } | undefined {
    const settled = this.settled.get(number);
    if (settled) {
      this.settled.delete(number);
      this.settledBytes -= settled.bytes;
      return { settles: true, visitedAt: settled.visitedAt };
    }
    const newcomer = this.newcomers.get(number);
    if (newcomer === undefined) return undefined;
    this.newcomers.delete(number);
    this.newcomerBytes -= newcomer.bytes;
    return { settles: this.visits - newcomer.visitedAt > BURST, visitedAt: newcomer.visitedAt };
  }

  private evict(): void {
    const isCrowded = this.newcomerBytes > this.bytes * NEWCOMERS_SHARE || this.settled.size === 0;
    // The first entry of a map is its oldest.
    for (const [number, { who }] of isCrowded ? this.newcomers : this.settled) return this.drop(number, who);
  }

  private dispose(number: number, who: T): void {
    who.dispose();
    this.left.push(number);
  }
}
