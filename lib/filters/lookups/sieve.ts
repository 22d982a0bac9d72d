import type { FieldPath } from '../field-path.js';
import type { MatchRun } from '../match-run.js';
import { StepsUsedUp } from '../steps.js';
import type { Cover, Lead } from './lead.js';
import { placeAmongDates, placeAmongNumbers } from './order-number.js';
import { scalarOf } from './scalar-key.js';

/** Filters of one sieve: as many as a number has bits to work with. */
export const MOST_SIEVED = 16;
/** Units of a text that are looked through for a part of it; in a longer one every filter is worth asking. */
const LONGEST_SEARCHED = 256;
/** Numbers of one lead: whose it is, and two by its kind. */
const LEAD = 3;

/** How a lead is looked at. Numbers that a filter lists are intervals of one. */
const KINDS = ['value', 'start', 'end', 'part', 'number', 'date'] as const;
type Kind = (typeof KINDS)[number];

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
 */
export class Sieve {
  private readonly paths: FieldPath[] = [];
  private readonly texts: string[] = [];
  /** For each path and kind: which they are, how many leads follow, and so many times {@link LEAD} numbers. */
  private readonly numbers: number[] = [];
  /** Filters that pass whatever the data is, as bits. */
  private always = 0;

  /**
   * Puts a filter in.
   *
   * @param cover what data has to have for it; undefined for a filter that is to pass
   */
  add(position: number, cover: Cover | undefined): void {
    if (cover === undefined) this.always |= 1 << position;
    else
      for (const lead of cover) {
        const [kind, ...numbers] = this.numbersOf(lead);
        this.put(this.groupOf(lead, kind), [position, ...numbers]);
      }
  }

  /**
   * The positions of the filters that the data may match, as bits.
   *
   * @throws StepsUsedUp
   */
  passing(run: MatchRun): number {
    const { numbers } = this;
    let passing = this.always;
    for (let at = 0; at < numbers.length;) {
      const group = numbers[at] as number;
      const from = at + 2;
      const to = from + (numbers[at + 1] as number) * LEAD;
      run.spend(2 + (to - from));
      passing |= this.passingIn(group, from, to, run);
      at = to;
    }
    return passing;
  }

  private passingIn(group: number, from: number, to: number, run: MatchRun): number {
    try {
      const value = run.reach(run.data, this.paths[group >>> 4] as FieldPath);
      if (value === undefined) return 0;
      // Of what is no single value, the filters are asked.
      if (typeof value === 'object' && value !== null) return this.allOf(from, to);
      return this.passingValue(group & 15, value, from, to, run);
    } catch (error) {
      if (error instanceof StepsUsedUp) throw error;
      return this.allOf(from, to);
    }
  }

  private passingValue(how: number, value: unknown, from: number, to: number, run: MatchRun): number {
    const kind = KINDS[how >>> 1] as Kind;
    if (kind === 'number') return this.within(placeAmongNumbers(value, run), from, to);
    if (kind === 'date') return this.within(placeAmongDates(value, run), from, to);
    if (typeof value !== 'string') return kind === 'value' ? this.equalOther(OTHERS.get(value), from, to) : 0;
    const text = (how & 1) === 1 ? run.fold(value) : value;
    if (kind === 'value') return this.equalText(text, from, to);
    if (kind === 'part') return this.containing(text, from, to, run);
    return this.edged(text, kind === 'end', from, to);
  }

  /** Of two texts with the same signature, the one here is looked at. */
  private equalText(text: string, from: number, to: number): number {
    const { numbers, texts } = this;
    const signature = signatureOf(text);
    let passing = 0;
    for (let at = from; at < to; at += LEAD)
      if (numbers[at + 1] === signature && texts[numbers[at + 2] as number] === text)
        passing |= 1 << (numbers[at] as number);
    return passing;
  }

  private equalOther(wanted: number | undefined, from: number, to: number): number {
    const { numbers } = this;
    let passing = 0;
    for (let at = from; at < to; at += LEAD)
      if (numbers[at + 1] === wanted) passing |= 1 << (numbers[at] as number);
    return passing;
  }

  private within(place: number | undefined, from: number, to: number): number {
    const { numbers } = this;
    let passing = 0;
    if (place === undefined) return 0;
    for (let at = from; at < to; at += LEAD)
      if ((numbers[at + 1] as number) <= place && place <= (numbers[at + 2] as number))
        passing |= 1 << (numbers[at] as number);
    return passing;
  }

  private edged(text: string, atEnd: boolean, from: number, to: number): number {
    const { numbers, texts } = this;
    let passing = 0;
    for (let at = from; at < to; at += LEAD) {
      const edge = texts[numbers[at + 2] as number] as string;
      if (atEnd ? text.endsWith(edge) : text.startsWith(edge)) passing |= 1 << (numbers[at] as number);
    }
    return passing;
  }

  private containing(text: string, from: number, to: number, run: MatchRun): number {
    if (text.length > LONGEST_SEARCHED) return this.allOf(from, to);
    run.spend((text.length >>> 3) * ((to - from) / LEAD));
    const { numbers, texts } = this;
    let passing = 0;
    for (let at = from; at < to; at += LEAD)
      if (text.includes(texts[numbers[at + 2] as number] as string)) passing |= 1 << (numbers[at] as number);
    return passing;
  }

  private allOf(from: number, to: number): number {
    let all = 0;
    for (let at = from; at < to; at += LEAD) all |= 1 << (this.numbers[at] as number);
    return all;
  }

  private put(group: number, lead: readonly number[]): void {
    const { numbers } = this;
    for (let at = 0; at < numbers.length;) {
      const leads = numbers[at + 1] as number;
      const end = at + 2 + leads * LEAD;
      if (numbers[at] === group) {
        numbers[at + 1] = leads + 1;
        numbers.splice(end, 0, ...lead);
        return;
      }
      at = end;
    }
    numbers.push(group, 1, ...lead);
  }

  /** The kind of a lead and its two numbers. */
  private numbersOf({ kind, key }: Lead): [kind: Kind, first: number, second: number] {
    if (typeof key === 'object' && key !== null) return [kind, key.low, key.high];
    if (typeof key !== 'string') return ['value', OTHERS.get(key) as number, 0];
    const scalar = kind === 'value' ? scalarOf(key) : key;
    if (typeof scalar === 'number') return ['number', scalar, scalar];
    return [kind, signatureOf(scalar), this.texts.push(scalar) - 1];
  }

  /** One number for a path, a kind and whether case counts. */
  private groupOf({ path, ignoreCase }: Lead, kind: Kind): number {
    let at = this.paths.findIndex(({ pointer }) => pointer === path.pointer);
    if (at === -1) at = this.paths.push(path) - 1;
    return (at << 4) | (KINDS.indexOf(kind) << 1) | Number(ignoreCase);
  }
}

/** A number that most other texts do not have, from a few of its units. */
function signatureOf(text: string): number {
  const last = text.length - 1;
  if (last < 0) return 0;
  const near = (text.charCodeAt(last) << 16) ^ text.charCodeAt(Math.max(0, last - 1));
  const far = (text.charCodeAt(Math.max(0, last - 2)) << 16) ^ text.charCodeAt(last >>> 1);
  return Math.imul(near, 31) ^ far ^ last;
}
