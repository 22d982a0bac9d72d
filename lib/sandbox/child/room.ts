/** What takes room. */
export interface Lodger {
  /** Bytes it takes now; may change with each visit. */
  readonly bytes: number;
  dispose(): void;
}

interface Place<T> {
  readonly who: T;
  bytes: number;
  visitedAt: number;
}

/** Share of the room for those of which nobody knows yet whether they are visited again. */
const NEWCOMERS_SHARE = 0.1;
/** One newcomer in so many settles at once, so that those who are visited no more make place in time. */
const SETTLES_AT_ONCE = 16;
/** Visits of others between two visits of one, from which they are two and not parts of one burst. */
const BURST = 8;

/**
 * Room for a number of bytes, and who is kept in it. With less room than visitors, keeping the latest would keep nobody who
 * comes again: visitors who take turns would each have left when their turn comes. So who has settled stays, the
 * least recently visited to go first, and newcomers share a tenth of the room until they are visited again.
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

  /** A visit has ended: keeps the visitor if there is room, and makes room. */
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

  /** Sends away whoever has this number, kept or not. */
  drop(number: number, who: T): void {
    this.take(number);
    this.dispose(number, who);
  }

  /** Numbers of those who have left, at most so many; each is told once. */
  takeLeft(most: number): number[] {
    return this.left.length === 0 ? this.left : this.left.splice(0, most);
  }

  private settlesAtOnce(bytes: number): boolean {
    if (this.settledBytes + this.newcomerBytes + bytes <= this.bytes) return true;
    return ++this.arrivals % SETTLES_AT_ONCE === 0;
  }

  /** Takes somebody out of the list. */
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
