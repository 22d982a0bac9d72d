import type { FieldPath } from '../field-path.js';
import type { MatchRun } from '../match-run.js';
import type { Interval, LeadKey } from './lead.js';
import { eachCandidate, Lookup, type Visit } from './lookup.js';

/** Intervals in one piece: few enough to move, many enough that pieces are few. */
const LARGEST_PIECE = 128;

interface Item<Posting> {
  readonly low: number;
  readonly high: number;
  posting: Posting;
}

/** Some intervals in their order, and the highest end of them: a value above it is in none. */
interface Piece<Posting> {
  readonly items: Item<Posting>[];
  highest: number;
}

/** Reads where a value lies. */
export type ReadPlace = (value: unknown, run: MatchRun) => number | undefined;

/**
 * By where a number or a date lies. The intervals are kept by their beginnings, then their ends, in pieces: a value is in
 * none of a piece that begins behind it, nor in one whose ends are all before it.
 */
export class IntervalLookup<Posting> extends Lookup<Posting> {
  private readonly pieces: Piece<Posting>[] = [];
  private count = 0;

  constructor(
    id: string,
    path: FieldPath,
    private readonly readPlace: ReadPlace,
  ) {
    super(id, path);
  }

  get size(): number {
    return this.count;
  }

  get(key: LeadKey): Posting | undefined {
    return this.find(key as Interval)?.posting;
  }

  set(key: LeadKey, posting: Posting): void {
    const { low, high } = key as Interval;
    const known = this.find({ low, high });
    if (known) known.posting = posting;
    else this.insert({ low, high, posting });
  }

  delete(key: LeadKey): void {
    const at = this.pieceFor(key as Interval);
    const piece = this.pieces[at];
    if (!piece) return;
    const position = firstNotBefore(piece.items, key as Interval);
    const item = piece.items[position];
    if (!item || compare(item, key as Interval) !== 0) return;
    piece.items.splice(position, 1);
    this.count -= 1;
    if (piece.items.length === 0) this.pieces.splice(at, 1);
    else if (item.high === piece.highest) piece.highest = highestOf(piece.items);
  }

  override visit(reached: unknown, run: MatchRun, visit: Visit<Posting>): void {
    if (typeof reached !== 'object' || reached === null) return this.visitValue(reached, run, visit);
    const places: number[] = [];
    try {
      eachCandidate(reached, run, (value) => {
        const place = this.readPlace(value, run);
        if (place !== undefined) places.push(place);
      });
    } finally {
      // Values before an unreadable one count, as they do for a condition.
      if (places.length > 0) this.visitPlaces(places, run, visit);
    }
  }

  protected visitValue(value: unknown, run: MatchRun, visit: Visit<Posting>): void {
    const place = this.readPlace(value, run);
    if (place !== undefined) this.visitPlaces([place], run, visit);
  }

  private visitPlaces(places: number[], run: MatchRun, visit: Visit<Posting>): void {
    if (places.length > 1) places.sort((left, right) => left - right);
    const [first] = places as [number];
    const last = places.at(-1) as number;
    run.spend(places.length + (this.pieces.length >>> 4));
    for (const { items, highest } of this.pieces) {
      if ((items[0] as Item<Posting>).low > last) break;
      if (highest < first) continue;
      run.spend(1 + (items.length >>> 3) * (places.length === 1 ? 1 : 8));
      for (const item of items) {
        if (item.low > last) break;
        if (item.high >= first && (places.length === 1 || holdsOne(item, places))) visit(item.posting);
      }
    }
  }

  private find(interval: Interval): Item<Posting> | undefined {
    const piece = this.pieces[this.pieceFor(interval)];
    const item = piece?.items[firstNotBefore(piece.items, interval)];
    return item && compare(item, interval) === 0 ? item : undefined;
  }

  private insert(item: Item<Posting>): void {
    this.count += 1;
    const at = this.pieceFor(item);
    const piece = this.pieces[at];
    if (!piece) {
      this.pieces.push({ items: [item], highest: item.high });
      return;
    }
    piece.items.splice(firstNotBefore(piece.items, item), 0, item);
    piece.highest = Math.max(piece.highest, item.high);
    if (piece.items.length <= LARGEST_PIECE) return;
    const items = piece.items.splice(LARGEST_PIECE >>> 1);
    piece.highest = highestOf(piece.items);
    this.pieces.splice(at + 1, 0, { items, highest: highestOf(items) });
  }

  /** The piece that holds an interval, or is to hold it: the last one that does not begin behind it. */
  private pieceFor(interval: Interval): number {
    let from = 0;
    let to = this.pieces.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (compare((this.pieces[middle] as Piece<Posting>).items[0] as Interval, interval) <= 0)
        from = middle + 1;
      else to = middle;
    }
    return Math.max(0, from - 1);
  }
}

const compare = (left: Interval, right: Interval): number =>
  order(left.low, right.low) || order(left.high, right.high);

// A difference would be NaN for two infinities.
const order = (left: number, right: number): number => (left < right ? -1 : left > right ? 1 : 0);

function firstNotBefore(items: readonly Interval[], interval: Interval): number {
  let from = 0;
  let to = items.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compare(items[middle] as Interval, interval) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Whether one of the sorted places is within the interval. */
function holdsOne({ low, high }: Interval, places: readonly number[]): boolean {
  let from = 0;
  let to = places.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((places[middle] as number) < low) from = middle + 1;
    else to = middle;
  }
  const place = places[from];
  return place !== undefined && place <= high;
}

const highestOf = (items: readonly Interval[]): number =>
  items.reduce((highest, { high }) => Math.max(highest, high), -Infinity);
