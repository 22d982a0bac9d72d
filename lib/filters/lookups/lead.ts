import type { FieldPath } from '../field-path.js';

/**
 * The part of a value that a lookup uses: the value, the start, end or a part of a text, or its position in an order.
 */
export type LookupKind = 'value' | 'start' | 'end' | 'part' | 'number' | 'date';

/** Values from `low` to `high`, both included: numbers, or milliseconds since the epoch. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The key of a filter in a lookup: a text, a part of one, another scalar, or an interval. */
export type LeadKey = string | boolean | null | Interval;

/**
 * A property of data that leads to a filter. The filter then has to be checked, unless the look-ups have proved all its
 * conditions.
 */
export interface Lead {
  /** The same for every lead that one lookup serves. */
  readonly lookupId: string;
  readonly kind: LookupKind;
  readonly path: FieldPath;
  /** Texts are compared in lower case. */
  readonly ignoreCase: boolean;
  readonly key: LeadKey;
  /**
   * What else holds of the data if the filter matches through this lead: the other conditions of a branch of an `or`.
   */
  readonly also?: readonly Cover[];
  /** What remains to be proved after an exact hit: see `Unproved`. */
  readonly proof: Proof;
}

/**
 * Matching data has at least one of these leads. If there are none, no data matches.
 */
export type Cover = readonly Lead[];

/**
 * The unproved conditions of a filter, a bit for each. If look-ups prove all of them, the filter matches without a
 * check, which would take a dozen cache misses.
 */
export type Unproved = number;

/** How the hit of a lead changes what is left to prove. */
export interface Proof {
  /** What it proves: its condition, and the `or` whose branch it belongs to. */
  readonly proves: Unproved;
  /** What has to be proved instead of that `or`: the conditions of the branch. */
  readonly demands: Unproved;
}

/** A condition that no lookup proves. */
export const NEVER_PROVED: Unproved = 2 ** 30;
/**
 * Left to prove for a filter with an `or`: the data must be readable. A check evaluates the branches in order, and the
 * filter doesn't match if a branch before the proved one meets unreadable data.
 */
export const IF_READABLE: Unproved = 2 ** 29;
/** Conditions of one filter that can be proved. */
const MOST_PROVED = 29;

/** Gives each condition of a filter its bit. */
export class ConditionBits {
  private used = 0;

  /** The bit of the next condition; {@link NEVER_PROVED} for those beyond the 29 that can be proved. */
  next(): Unproved {
    return this.used < MOST_PROVED ? 2 ** this.used++ : NEVER_PROVED;
  }
}

/** What an exact hit of a lead leaves. */
export const leftAfter = (left: Unproved, { proves, demands }: Proof): Unproved =>
  (left | demands) & ~(proves & ~NEVER_PROVED);

const KINDS: readonly LookupKind[] = ['value', 'start', 'end', 'part', 'number', 'date'];

/** See {@link Lead.lookupId}. Made once a path, because leads are often compared by it. */
export function lookupIdOf(kind: LookupKind, path: FieldPath, ignoreCase: boolean): string {
  const ids = (path.lookupIds ??= []);
  const at = KINDS.indexOf(kind) * 2 + Number(ignoreCase);
  return (ids[at] ??= `${kind}${ignoreCase ? '~' : ':'}${path.pointer}`);
}
