import type { FieldPath } from '../field-path.js';
import type { MatchRun } from '../match-run.js';
import { StepsUsedUp } from '../steps.js';
import { type Cover, IF_READABLE, type Lead, type Unproved } from './lead.js';
import { isExactAsDouble, placeAmongDates, placeAmongNumbers } from './order-number.js';
import { bestCover } from './rank.js';
import { scalarOf } from './scalar-key.js';

/** Filters of one sieve: with two covers each, as many as a number has bits to work with. */
export const MOST_SIEVED = 16;
/** Leads of a cover in a sieve. */
const MOST_LEADS = 8;
/** Units of a text that are looked through for a part of it; in a longer one every filter is worth asking. */
const LONGEST_SEARCHED = 256;
/** Numbers of one lead: the bit of its cover, and two by its kind. */
const LEAD = 3;

/** How a lead is looked at: a number that a filter lists is `equal`. */
const KINDS = ['value', 'start', 'end', 'part', 'equal', 'number', 'date'] as const;
type Kind = (typeof KINDS)[number];

/** Stands where the place of a text would be. */
const NO_TEXT = -1;

/** Values that are no texts and no numbers, as numbers that are no signatures. */
const OTHERS = new Map<unknown, number>([
  [null, 2 ** 40],
  [true, 2 ** 40 + 1],
  [false, 2 ** 40 + 2],
]);

/**
 * Tells some filters apart without touching anything of theirs. What data has to have for each is kept as numbers, all of
 * them in one list: most events meet filters that nobody has asked for long, and whatever belongs to one has to come from
 * far away in memory.
 *
 * Of each filter it looks at two covers, which have a bit each: the lower sixteen and the upper sixteen of a number.
 */
export class Sieve {
  private paths: readonly FieldPath[] = [];
  private texts: (string | undefined)[] = [];
  /** For each path and kind: which they are, how many leads follow, and so many times {@link LEAD} numbers. */
  private numbers: number[] = [];
  /** Covers that are met whatever the data is: those that filters do not have. */
  private always = 0;
  /** Filters of which the two covers prove all, where they are met exactly. */
  private provable = 0;
  /** Those among them of which that holds only for data that can be read. */
  private ifReadable = 0;
  /** Of the data that is looked at: covers that it meets, and filters that are met in a way that proves nothing. */
  private met = 0;
  private inexact = 0;

  /** Puts a filter in. */
  add(position: number, covers: readonly Cover[], unproved: Unproved): void {
    const few = covers.filter(({ length }) => length <= MOST_LEADS);
    const first = bestCover(few);
    const other = first && bestCover(few.filter((cover) => cover[0]?.path !== first[0]?.path));
    let left = unproved;
    for (const [cover, bit] of [
      [first, position],
      [other, position + MOST_SIEVED],
    ] as const) {
      if (cover === undefined) this.always |= 1 << bit;
      else {
        left &= ~provedByAll(cover);
        for (const lead of cover) this.put(lead, bit);
      }
    }
    if ((left & ~IF_READABLE) === 0) this.provable |= 1 << position;
    if (left === IF_READABLE) this.ifReadable |= 1 << position;
  }

  /** Takes a filter out. */
  remove(position: number): void {
    this.change(position, undefined);
  }

  /** Gives a filter another position, at which there is none. */
  move(from: number, to: number): void {
    this.change(from, to);
  }

  /**
   * The positions of the filters that the data may match, as the lower bits, and of those among them that it certainly
   * matches, as the upper ones.
   *
   * @throws StepsUsedUp
   */
  passing(run: MatchRun): number {
    const { numbers } = this;
    this.met = this.always;
    this.inexact = 0;
    for (let at = 0; at < numbers.length;) {
      const group = numbers[at] as number;
      const from = at + 2;
      const to = from + (numbers[at + 1] as number) * LEAD;
      run.spend(2 + (to - from));
      this.meet(group, from, to, run);
      at = to;
    }
    const passing = this.met & (this.met >>> MOST_SIEVED) & 0xffff;
    let proved = passing & this.provable & ~this.inexact;
    if ((proved & this.ifReadable) !== 0 && !run.isReadable) proved &= ~this.ifReadable;
    return passing | (proved << MOST_SIEVED);
  }

  private meet(group: number, from: number, to: number, run: MatchRun): void {
    try {
      const value = run.reach(run.data, this.paths[group >>> 4] as FieldPath);
      if (value === undefined) return;
      // Of what is no single value, the filters are asked.
      if (typeof value === 'object' && value !== null) this.meetAll(from, to);
      else this.meetValue(group & 15, value, from, to, run);
    } catch (error) {
      if (error instanceof StepsUsedUp) throw error;
      this.meetAll(from, to);
    }
  }

  private meetValue(how: number, value: unknown, from: number, to: number, run: MatchRun): void {
    const kind = KINDS[how >>> 1] as Kind;
    if (kind === 'number')
      return this.within(placeAmongNumbers(value, run), isExactAsDouble(value), from, to);
    if (kind === 'date') return this.within(placeAmongDates(value, run), true, from, to);
    if (kind === 'equal') return this.equal(placeAmongNumbers(value, run), isExactAsDouble(value), from, to);
    if (typeof value !== 'string') {
      if (kind === 'value') this.equal(OTHERS.get(value), true, from, to);
      return;
    }
    const text = (how & 1) === 1 ? run.fold(value) : value;
    if (kind === 'value') this.equalText(text, from, to);
    else if (kind === 'part') this.containing(text, from, to, run);
    else this.edged(text, kind === 'end', from, to);
  }

  /** Of two texts with the same signature, the one here is looked at. */
  private equalText(text: string, from: number, to: number): void {
    const { numbers, texts } = this;
    const signature = signatureOf(text);
    for (let at = from; at < to; at += LEAD)
      if (numbers[at + 1] === signature && texts[numbers[at + 2] as number] === text) this.meetOne(at, true);
  }

  private equal(wanted: number | undefined, isExact: boolean, from: number, to: number): void {
    const { numbers } = this;
    for (let at = from; at < to; at += LEAD) if (numbers[at + 1] === wanted) this.meetOne(at, isExact);
  }

  private within(place: number | undefined, isExact: boolean, from: number, to: number): void {
    const { numbers } = this;
    if (place === undefined) return;
    for (let at = from; at < to; at += LEAD) {
      const low = numbers[at + 1] as number;
      const high = numbers[at + 2] as number;
      if (low <= place && place <= high) this.meetOne(at, isExact && low < place && place < high);
    }
  }

  private edged(text: string, atEnd: boolean, from: number, to: number): void {
    const { numbers, texts } = this;
    for (let at = from; at < to; at += LEAD) {
      const edge = texts[numbers[at + 2] as number] as string;
      if (atEnd ? text.endsWith(edge) : text.startsWith(edge)) this.meetOne(at, true);
    }
  }

  private containing(text: string, from: number, to: number, run: MatchRun): void {
    if (text.length > LONGEST_SEARCHED) return this.meetAll(from, to);
    run.spend((text.length >>> 3) * ((to - from) / LEAD));
    const { numbers, texts } = this;
    for (let at = from; at < to; at += LEAD)
      if (text.includes(texts[numbers[at + 2] as number] as string)) this.meetOne(at, true);
  }

  private meetAll(from: number, to: number): void {
    for (let at = from; at < to; at += LEAD) this.meetOne(at, false);
  }

  private meetOne(at: number, isExact: boolean): void {
    const bit = this.numbers[at] as number;
    this.met |= 1 << bit;
    if (!isExact) this.inexact |= 1 << (bit & (MOST_SIEVED - 1));
  }

  /** Gives the leads of a filter another position, or takes them out. */
  private change(position: number, to: number | undefined): void {
    const { numbers } = this;
    for (let at = 0; at < numbers.length;) {
      const first = at + 2;
      let end = first + (numbers[at + 1] as number) * LEAD;
      for (let lead = first; lead < end;) {
        const bit = numbers[lead] as number;
        if ((bit & (MOST_SIEVED - 1)) !== position) lead += LEAD;
        else if (to !== undefined) {
          numbers[lead] = bit - position + to;
          lead += LEAD;
        } else {
          if (hasText(numbers[at] as number)) this.forget(numbers[lead + 2] as number);
          numbers.splice(lead, LEAD);
          numbers[at + 1] = (numbers[at + 1] as number) - 1;
          end -= LEAD;
        }
      }
      if (end > first) at = end;
      else numbers.splice(at, 2);
    }
    const both = 1 | (1 << MOST_SIEVED);
    if (to !== undefined) {
      this.always |= ((this.always >>> position) & both) << to;
      this.provable |= ((this.provable >>> position) & 1) << to;
      this.ifReadable |= ((this.ifReadable >>> position) & 1) << to;
    }
    this.always &= ~(both << position);
    this.provable &= ~(1 << position);
    this.ifReadable &= ~(1 << position);
  }

  private put(lead: Lead, bit: number): void {
    const [kind, first, second] = this.numbersOf(lead);
    const group = this.groupOf(lead, kind);
    // Each list is made anew, of its length: one that grows gets room for sixteen more.
    const { numbers } = this;
    for (let at = 0; at < numbers.length;) {
      const leads = numbers[at + 1] as number;
      const end = at + 2 + leads * LEAD;
      if (numbers[at] === group) {
        numbers[at + 1] = leads + 1;
        this.numbers = numbers.toSpliced(end, 0, bit, first, second);
        return;
      }
      at = end;
    }
    this.numbers = [...numbers, group, 1, bit, first, second];
  }

  /** The kind of a lead and its two numbers. */
  private numbersOf({ kind, key }: Lead): [kind: Kind, first: number, second: number] {
    if (typeof key === 'object' && key !== null) return [kind, key.low, key.high];
    if (typeof key !== 'string') return ['value', OTHERS.get(key) as number, NO_TEXT];
    const scalar = kind === 'value' ? scalarOf(key) : key;
    if (typeof scalar === 'number') return ['equal', scalar, scalar];
    return [kind, signatureOf(scalar), this.keep(scalar)];
  }

  private keep(text: string): number {
    const free = this.texts.indexOf(undefined);
    if (free === -1) {
      this.texts = [...this.texts, text];
      return this.texts.length - 1;
    }
    this.texts[free] = text;
    return free;
  }

  private forget(place: number): void {
    if (place !== NO_TEXT) this.texts[place] = undefined;
  }

  /** One number for a path, a kind and whether case counts. */
  private groupOf({ path, ignoreCase }: Lead, kind: Kind): number {
    let at = this.paths.findIndex(({ pointer }) => pointer === path.pointer);
    if (at === -1) {
      at = this.paths.length;
      this.paths = [...this.paths, path];
    }
    return (at << 4) | (KINDS.indexOf(kind) << 1) | Number(ignoreCase);
  }
}

/** What of a filter every lead of a cover proves. */
function provedByAll(cover: Cover): Unproved {
  let proved: Unproved = -1;
  for (const { proof } of cover) proved &= proof.demands === 0 ? proof.proves : 0;
  return cover.length === 0 ? 0 : proved;
}

/** Whether the second number of the leads in a group is the place of a text, but for {@link NO_TEXT}. */
const hasText = (group: number): boolean => (group & 15) >>> 1 < KINDS.indexOf('equal');

/** A number that most other texts do not have, from a few of its units. */
function signatureOf(text: string): number {
  const last = text.length - 1;
  if (last < 0) return 0;
  const near = (text.charCodeAt(last) << 16) ^ text.charCodeAt(Math.max(0, last - 1));
  const far = (text.charCodeAt(Math.max(0, last - 2)) << 16) ^ text.charCodeAt(last >>> 1);
  return Math.imul(near, 31) ^ far ^ last;
}
