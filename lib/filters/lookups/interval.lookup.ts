import type { FieldPath } from '../field-path.js';
import type { MatchRun } from '../match-run.js';
import type { Interval, LeadKey } from './lead.js';
import { eachCandidate, Lookup, type Visit } from './lookup.js';

/** Most intervals in one piece. Fewer would make more pieces to search, more would make an insertion slower. */
const LARGEST_PIECE = 128;

/**
 * Some intervals in their order, and the highest end of them: a value above it is in none. Beginnings, ends and
 * postings are in separate lists, because an object for each interval would be far away in memory.
 */
interface Piece<Posting> {
  readonly lows: number[];
  readonly highs: number[];
  readonly postings: Posting[];
  highest: number;
}

/** Reads the position of a value. */
export type ReadPlace = (value: unknown, run: MatchRun) => number | undefined;

/**
 * Finds filters by the position of a number or a date. Intervals are sorted by beginning, then by end, in pieces. A
 * piece is skipped if it begins after the value, or if all its ends are before the value.
 */
export class IntervalLookup<Posting> extends Lookup<Posting> {
  private readonly pieces: Piece<Posting>[] = [];
  private count = 0;

  constructor(
    id: string,
    path: FieldPath,
    private readonly readPlace: ReadPlace,
    private readonly isExact: (value: unknown) => boolean,
  ) {
    super(id, path);
  }

  get size(): number {
    return this.count;
  }

  get(key: LeadKey): Posting | undefined {
    const piece = this.pieces[this.pieceFor(key as Interval)];
    const at = piece ? find(piece, key as Interval) : -1;
    return at < 0 ? undefined : piece?.postings[at];
  }

  set(key: LeadKey, posting: Posting): void {
    const at = this.pieceFor(key as Interval);
    const piece = this.pieces[at];
    const position = piece ? find(piece, key as Interval) : -1;
    if (piece && position >= 0) piece.postings[position] = posting;
    else this.insert(at, key as Interval, posting);
  }

  delete(key: LeadKey): void {
    const at = this.pieceFor(key as Interval);
    const piece = this.pieces[at];
    const position = piece ? find(piece, key as Interval) : -1;
    if (!piece || position < 0) return;
    const { lows, highs, postings } = piece;
    const high = highs[position];
    for (const list of [lows, highs, postings]) list.splice(position, 1);
    this.count -= 1;
    if (postings.length === 0) this.pieces.splice(at, 1);
    else if (high === piece.highest) piece.highest = highestOf(highs);
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
      if (places.length > 0) this.visitPlaces(places, run, (posting) => visit(posting, false), false);
    }
  }

  protected visitValue(value: unknown, run: MatchRun, visit: Visit<Posting>): void {
    const place = this.readPlace(value, run);
    if (place !== undefined) this.visitPlaces([place], run, visit, this.isExact(value));
  }

  /** @param isExact whether a place strictly between two bounds proves that the value is between them */
  private visitPlaces(places: number[], run: MatchRun, visit: Visit<Posting>, isExact: boolean): void {
    if (places.length > 1) places.sort((left, right) => left - right);
    const [first] = places as [number];
    const last = places.at(-1) as number;
    run.spend(places.length + (this.pieces.length >>> 4));
    for (const { lows, highs, postings, highest } of this.pieces) {
      if ((lows[0] as number) > last) break;
      if (highest < first) continue;
      run.spend(1 + (lows.length >>> 3) * (places.length === 1 ? 1 : 8));
      for (let at = 0; at < lows.length; at += 1) {
        const low = lows[at] as number;
        if (low > last) break;
        const high = highs[at] as number;
        if (high >= first && (places.length === 1 || holdsOne(low, high, places)))
          visit(postings[at] as Posting, isExact && low < first && first < high);
      }
    }
  }

  private insert(at: number, { low, high }: Interval, posting: Posting): void {
    this.count += 1;
    const piece = this.pieces[at];
    if (!piece) {
      this.pieces.push({ lows: [low], highs: [high], postings: [posting], highest: high });
      return;
    }
    const position = firstNotBefore(piece, { low, high });
    piece.lows.splice(position, 0, low);
    piece.highs.splice(position, 0, high);
    piece.postings.splice(position, 0, posting);
    piece.highest = Math.max(piece.highest, high);
    if (piece.lows.length <= LARGEST_PIECE) return;
    const half = LARGEST_PIECE >>> 1;
    const highs = piece.highs.splice(half);
    piece.highest = highestOf(piece.highs);
    this.pieces.splice(at + 1, 0, {
      lows: piece.lows.splice(half),
      highs,
      postings: piece.postings.splice(half),
      highest: highestOf(highs),
    });
  }

  /** The piece that holds an interval or will hold it: the last one that does not begin after it. */
  private pieceFor(interval: Interval): number {
    let from = 0;
    let to = this.pieces.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (compareAt(this.pieces[middle] as Piece<Posting>, 0, interval) <= 0) from = middle + 1;
      else to = middle;
    }
    return Math.max(0, from - 1);
  }
}

type Places = Pick<Piece<unknown>, 'lows' | 'highs'>;

const compareAt = ({ lows, highs }: Places, at: number, { low, high }: Interval): number =>
  order(lows[at] as number, low) || order(highs[at] as number, high);

// A difference would be NaN for two infinities.
const order = (left: number, right: number): number => (left < right ? -1 : left > right ? 1 : 0);

function firstNotBefore(piece: Places, interval: Interval): number {
  let from = 0;
  let to = piece.lows.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compareAt(piece, middle, interval) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The position of an interval, or -1. */
function find(piece: Places, interval: Interval): number {
  const at = firstNotBefore(piece, interval);
  return at < piece.lows.length && compareAt(piece, at, interval) === 0 ? at : -1;
}

/** Whether one of the sorted places is within the interval. */
function holdsOne(low: number, high: number, places: readonly number[]): boolean {
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

const highestOf = (highs: readonly number[]): number => Math.max(...highs);
