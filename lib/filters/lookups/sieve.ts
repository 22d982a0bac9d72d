import type { FieldPath } from '../field-path.js';
import type { MatchRun } from '../match-run.js';
import { StepsUsedUp } from '../steps.js';
import { type Cover, IF_READABLE, type Unproved } from './lead.js';
import { isExactAsDouble, placeAmongDates, placeAmongNumbers } from './order-number.js';
import { bestCover } from './rank.js';
import { HEAD, KINDS, LEAD, movedBit, OTHERS, SieveLeads, signatureOf } from './sieve-leads.js';

/** Most filters of one sieve: each has a bit in the lower half of a number. */
export const MOST_SIEVED = 16;
const ALL = 2 ** MOST_SIEVED - 1;
/** Most leads of a cover that a sieve uses. */
const MOST_LEADS = 8;
/** Longest text that is searched for a part, in units; for a longer one every filter is checked. */
const LONGEST_SEARCHED = 256;

/** Replaces a value that can't be read. It is not a scalar. */
const UNREADABLE = {};

/**
 * Rules out filters without reading their memory: most events meet filters that have not been checked for long, and
 * everything that belongs to one would be a cache miss.
 *
 * It tries two covers of each filter, the second only if the first is met. It reads a path once for all its leads.
 */
export class Sieve extends SieveLeads {
  /** Filters that have no first cover, or no second one: any data passes them. */
  private noFirst = 0;
  private noSecond = 0;
  /** Filters that their two covers prove completely, if they are met exactly. */
  private provable = 0;
  /** Those of the {@link provable} filters that are proved only for readable data. */
  private ifReadable = 0;
  /** Filters whose covers the current data meets inexactly. */
  private inexact = 0;

  /** Adds a filter. */
  add(position: number, covers: readonly Cover[], unproved: Unproved): void {
    const few = covers.filter(({ length }) => length <= MOST_LEADS);
    const first = bestCover(few);
    const second = first && bestCover(few.filter((cover) => cover[0]?.path !== first[0]?.path));
    const bit = 1 << position;
    let left = unproved;
    if (first) {
      left &= ~provedByAll(first);
      for (const lead of first) this.first = this.with(lead, position, this.first);
    } else this.noFirst |= bit;
    if (second) {
      left &= ~provedByAll(second);
      for (const lead of second) this.second = this.with(lead, position, this.second);
    } else this.noSecond |= bit;
    if ((left & ~IF_READABLE) === 0) this.provable |= bit;
    if (left === IF_READABLE) this.ifReadable |= bit;
  }

  /** Removes a filter. */
  remove(position: number): void {
    this.change(position, undefined);
  }

  /** Moves a filter to another, free position. */
  move(from: number, to: number): void {
    this.change(from, to);
  }

  /**
   * The lower bits are the positions of the filters that the data may match. The upper bits are those of them that it
   * certainly matches.
   *
   * @throws StepsUsedUp
   */
  passing(run: MatchRun): number {
    this.inexact = 0;
    let passing = this.noFirst | this.metBy(run, this.first, ALL);
    if (passing === 0) return 0;
    if (this.second.length > 0) passing &= this.noSecond | this.metBy(run, this.second, passing);
    let proved = passing & this.provable & ~this.inexact;
    if ((proved & this.ifReadable) !== 0 && !run.isReadable) proved &= ~this.ifReadable;
    return passing | (proved << MOST_SIEVED);
  }

  /**
   * The filters that have a matching lead.
   *
   * @param open the filters whose result is still needed
   */
  private metBy(run: MatchRun, groups: number[], open: number): number {
    let met = 0;
    let path = -1;
    let value: unknown;
    for (let at = 0; at < groups.length;) {
      const group = groups[at] as number;
      const from = at + HEAD;
      const to = from + (groups[at + 2] as number) * LEAD;
      if (((groups[at + 1] as number) & open) !== 0) {
        run.spend(2 + (to - from));
        if (path !== group >>> 4) {
          path = group >>> 4;
          value = readAt(run, this.paths[path] as FieldPath);
        }
        // The filters have to be checked if the value is not a scalar.
        if (typeof value === 'object' && value !== null) met |= this.inexactly(groups[at + 1] as number);
        else if (value !== undefined) met |= this.metIn(group & 15, value, groups, from, to, run);
      }
      at = to;
    }
    return met;
  }

  private metIn(
    how: number,
    value: unknown,
    groups: number[],
    from: number,
    to: number,
    run: MatchRun,
  ): number {
    const kind = how >>> 1;
    if (kind <= KINDS.part) {
      if (typeof value !== 'string') return 0;
      const text = (how & 1) === 1 ? run.fold(value) : value;
      if (kind === KINDS.text) return this.equalText(text, groups, from, to);
      return kind === KINDS.part
        ? this.containing(text, groups, from, to, run)
        : this.edged(text, kind === KINDS.end, groups, from, to);
    }
    if (kind === KINDS.other) return sameSignature(OTHERS.get(value), groups, from, to);
    const place = kind <= KINDS.number ? placeAmongNumbers(value, run) : placeAmongDates(value, run);
    if (place === undefined) return 0;
    return this.within(
      place,
      kind === KINDS.equal,
      kind > KINDS.number || isExactAsDouble(value),
      groups,
      from,
      to,
    );
  }

  /** Compares texts only where the signatures are equal. */
  private equalText(text: string, groups: number[], from: number, to: number): number {
    const { texts } = this;
    const signature = signatureOf(text, 0, text.length);
    let met = 0;
    for (let at = from; at < to; at += LEAD)
      if (groups[at + 1] === signature) {
        const lead = groups[at] as number;
        if (texts[lead >>> 4] === text) met |= 1 << (lead & 15);
      }
    return met;
  }

  private within(
    place: number,
    isOne: boolean,
    isExact: boolean,
    groups: number[],
    from: number,
    to: number,
  ): number {
    const { bounds } = this;
    let met = 0;
    for (let at = from; at < to; at += LEAD) {
      const lead = groups[at] as number;
      const low = bounds[lead >>> 4] as number;
      const high = bounds[(lead >>> 4) + 1] as number;
      if (!(low <= place && place <= high)) continue;
      met |= 1 << (lead & 15);
      if (!isExact || (!isOne && (low === place || place === high))) this.inexactly(1 << (lead & 15));
    }
    return met;
  }

  private edged(text: string, atEnd: boolean, groups: number[], from: number, to: number): number {
    const { texts } = this;
    let met = 0;
    for (let at = from; at < to; at += LEAD) {
      const signature = groups[at + 1] as number;
      const length = signature >>> 24;
      const start = atEnd ? text.length - length : 0;
      if (start < 0 || length > text.length || signatureOf(text, start, length) !== signature) continue;
      const lead = groups[at] as number;
      if (text.startsWith(texts[lead >>> 4] as string, start)) met |= 1 << (lead & 15);
    }
    return met;
  }

  private containing(text: string, groups: number[], from: number, to: number, run: MatchRun): number {
    const { texts } = this;
    const isSearched = text.length <= LONGEST_SEARCHED;
    if (isSearched) run.spend((text.length >>> 3) * ((to - from) / LEAD));
    let met = 0;
    for (let at = from; at < to; at += LEAD) {
      const lead = groups[at] as number;
      if (!isSearched) met |= this.inexactly(1 << (lead & 15));
      else if (text.includes(texts[lead >>> 4] as string)) met |= 1 << (lead & 15);
    }
    return met;
  }

  private inexactly(filters: number): number {
    this.inexact |= filters;
    return filters;
  }

  /** Gives the leads of a filter another position, or takes them out. */
  private change(position: number, to: number | undefined): void {
    this.changeLeads(position, to);
    this.noFirst = movedBit(this.noFirst, position, to);
    this.noSecond = movedBit(this.noSecond, position, to);
    this.provable = movedBit(this.provable, position, to);
    this.ifReadable = movedBit(this.ifReadable, position, to);
  }
}

/** @throws StepsUsedUp */
function readAt(run: MatchRun, path: FieldPath): unknown {
  try {
    return run.reach(run.data, path);
  } catch (error) {
    if (error instanceof StepsUsedUp) throw error;
    return UNREADABLE;
  }
}

function sameSignature(wanted: number | undefined, groups: number[], from: number, to: number): number {
  let met = 0;
  for (let at = from; at < to; at += LEAD)
    if (groups[at + 1] === wanted) met |= 1 << ((groups[at] as number) & 15);
  return met;
}

/** The conditions that every lead of a cover proves. */
function provedByAll(cover: Cover): Unproved {
  let proved: Unproved = -1;
  for (const { proof } of cover) proved &= proof.demands === 0 ? proof.proves : 0;
  return cover.length === 0 ? 0 : proved;
}
