import type { FieldPath } from '../field-path.js';
import type { Interval, Lead } from './lead.js';
import { scalarOf } from './scalar-key.js';

/**
 * Numbers before the leads of a group: its path and kind, the filters that have leads in it, and how many leads follow.
 */
export const HEAD = 3;
/** Numbers of a lead: the filter with the place of its text or bounds, and a signature. */
export const LEAD = 2;

/** How a lead is compared. A whole text is a `text`, a number is `equal`, and null, true and false are `other`. */
export const KINDS = { text: 0, start: 1, end: 2, part: 3, other: 4, equal: 5, number: 6, date: 7 } as const;
type Kind = keyof typeof KINDS;

/** Signatures of null, true and false. */
export const OTHERS = new Map<unknown, number>([
  [null, 1],
  [true, 2],
  [false, 3],
]);

/** An empty list, shared by all sieves that need none of their own. */
const NO_GROUPS: number[] = [];

/**
 * Leads of some filters as numbers, all in one list, so that they are near each other in memory. For each path and kind
 * there is a group: {@link HEAD} numbers, and {@link LEAD} for each lead. All of them are small integers, which are the
 * fastest.
 */
export abstract class SieveLeads {
  /** The leads of the first covers, and of the second ones. */
  protected first = NO_GROUPS;
  protected second = NO_GROUPS;
  protected paths: (FieldPath | undefined)[] = [];
  protected texts: (string | undefined)[] = [];
  /** The ends of intervals, two by two; NaN where there is none. */
  protected bounds: number[] = NO_GROUPS;

  /**
   * The groups with one more lead. Each list is created with its exact length: a growing list gets room for sixteen
   * more.
   */
  protected with(lead: Lead, position: number, groups: number[]): number[] {
    const [kind, place, signature] = this.numbersOf(lead);
    const group = this.groupOf(lead, kind);
    const where = position | (place << 4);
    let behindPath = groups.length;
    for (let at = 0; at < groups.length;) {
      const count = groups[at + 2] as number;
      const end = at + HEAD + count * LEAD;
      if (groups[at] === group) {
        const changed = groups.toSpliced(end, 0, where, signature);
        changed[at + 1] = (groups[at + 1] as number) | (1 << position);
        changed[at + 2] = count + 1;
        return changed;
      }
      if ((groups[at] as number) >>> 4 === group >>> 4) behindPath = end;
      at = end;
    }
    return groups.toSpliced(behindPath, 0, group, 1 << position, 1, where, signature);
  }

  /** The kind of a lead, the place of its text or bounds, and its signature. */
  private numbersOf({ kind, key }: Lead): [kind: Kind, place: number, signature: number] {
    if (typeof key === 'object' && key !== null) return [kind as Kind, this.keepBounds(key), 0];
    if (typeof key !== 'string') return ['other', 0, OTHERS.get(key) as number];
    const scalar = kind === 'value' ? scalarOf(key) : key;
    if (typeof scalar === 'number') return ['equal', this.keepBounds({ low: scalar, high: scalar }), 0];
    return [kind === 'value' ? 'text' : kind, this.keepText(scalar), signatureOf(scalar, 0, scalar.length)];
  }

  private keepText(text: string): number {
    const free = this.texts.indexOf(undefined);
    if (free === -1) {
      this.texts = [...this.texts, text];
      return this.texts.length - 1;
    }
    this.texts[free] = text;
    return free;
  }

  private keepBounds({ low, high }: Interval): number {
    const free = this.bounds.findIndex(Number.isNaN);
    if (free === -1) {
      this.bounds = [...this.bounds, low, high];
      return this.bounds.length - 2;
    }
    this.bounds[free] = low;
    this.bounds[free + 1] = high;
    return free;
  }

  private forget(group: number, place: number): void {
    const kind = (group & 15) >>> 1;
    if (kind <= KINDS.part) this.texts[place] = undefined;
    else if (kind !== KINDS.other) this.bounds.fill(Number.NaN, place, place + 2);
  }

  /** One number for path, kind and case. */
  private groupOf({ path, ignoreCase }: Lead, kind: Kind): number {
    let at = this.paths.findIndex((known) => known?.pointer === path.pointer);
    if (at === -1) at = this.paths.indexOf(undefined);
    if (at === -1) {
      at = this.paths.length;
      this.paths = [...this.paths, path];
    }
    this.paths[at] = path;
    return (at << 4) | (KINDS[kind] << 1) | Number(ignoreCase);
  }

  /** Gives the leads of a filter another position, or takes them out. */
  protected changeLeads(position: number, to: number | undefined): void {
    this.first = this.changed(this.first, position, to);
    this.second = this.changed(this.second, position, to);
    const used = new Set([...pathsOf(this.first), ...pathsOf(this.second)]);
    for (const at of this.paths.keys()) if (!used.has(at)) this.paths[at] = undefined;
  }

  private changed(groups: number[], position: number, to: number | undefined): number[] {
    const changed: number[] = [];
    for (let at = 0; at < groups.length;) {
      const [group, filters, count] = groups.slice(at, at + HEAD) as [number, number, number];
      const end = at + HEAD + count * LEAD;
      const left = movedBit(filters, position, to);
      if (left === filters) changed.push(...groups.slice(at, end));
      else {
        const leads: number[] = [];
        for (let lead = at + HEAD; lead < end; lead += LEAD) {
          const [where, signature] = groups.slice(lead, lead + LEAD) as [number, number];
          if ((where & 15) !== position) leads.push(where, signature);
          else if (to !== undefined) leads.push(where - position + to, signature);
          else this.forget(group, where >>> 4);
        }
        if (leads.length > 0) changed.push(group, left, leads.length / LEAD, ...leads);
      }
      at = end;
    }
    return changed;
  }
}

function* pathsOf(groups: readonly number[]): Generator<number> {
  for (let at = 0; at < groups.length; at += HEAD + (groups[at + 2] as number) * LEAD)
    yield (groups[at] as number) >>> 4;
}

/** The filters with the bit of one at another position, or without it. */
export function movedBit(filters: number, position: number, to: number | undefined): number {
  const bit = (filters >>> position) & 1;
  return (filters & ~(1 << position)) | (to === undefined ? 0 : bit << to);
}

/** A small integer that differs for most texts: their length, and two of their units combined. */
export function signatureOf(text: string, start: number, length: number): number {
  if (length === 0) return 0;
  const units = Math.imul(text.charCodeAt(start + length - 1), 31) ^ text.charCodeAt(start + (length >>> 1));
  return ((length & 63) << 24) | (units & 0xffffff);
}
