import type { FieldPath } from '../field-path.js';

/** What of the values at a path a lookup goes by: the value, how a text begins or ends, a part of it, or where it lies. */
export type LookupKind = 'value' | 'start' | 'end' | 'part' | 'number' | 'date';

/** Values from `low` to `high`, both included: numbers, or milliseconds since the epoch. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Where a filter is found: by a text, a part of one, another scalar, or an interval. */
export type LeadKey = string | boolean | null | Interval;

/**
 * Something that data may have and that leads to a filter. It says no more than "worth asking", unless all that the filter
 * asks for is proved on the way.
 */
export interface Lead {
  /** The same for every lead that one lookup serves. */
  readonly lookupId: string;
  readonly kind: LookupKind;
  readonly path: FieldPath;
  /** Texts are compared in lower case. */
  readonly ignoreCase: boolean;
  readonly key: LeadKey;
  /** What else holds of the data if the filter matches by way of this lead: the other conditions of a branch of an `or`. */
  readonly also?: readonly Cover[];
  /** What is left to prove after an exact hit: see `Unproved`. */
  readonly proof: Proof;
}

/**
 * Leads of which data that matches has at least one. Without any, no data matches.
 */
export type Cover = readonly Lead[];

/**
 * What of a filter is not proved, a bit for each condition. Look-ups that prove all of it answer for the filter, and it need
 * not be asked: asking takes a dozen visits to far places in memory.
 */
export type Unproved = number;

/** How the hit of a lead changes what is left to prove. */
export interface Proof {
  /** Proved by it: its condition, and the `or` of whose branch it is. */
  readonly proves: Unproved;
  /** To be proved instead of that `or`: the conditions of the branch. */
  readonly demands: Unproved;
}

/** A condition that no lookup proves. */
export const NEVER_PROVED: Unproved = 2 ** 30;
/**
 * Left by a filter with an `or`, which is not asked branch by branch when it is proved. One whose branches come before would
 * not match if they met data that cannot be read: so it holds only for data that can be.
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

/** What is left after an exact hit of a lead. */
export const leftAfter = (left: Unproved, { proves, demands }: Proof): Unproved =>
  (left | demands) & ~(proves & ~NEVER_PROVED);

const KINDS: readonly LookupKind[] = ['value', 'start', 'end', 'part', 'number', 'date'];

/** See {@link Lead.lookupId}; made once for a path, since leads are compared by it very often. */
export function lookupIdOf(kind: LookupKind, path: FieldPath, ignoreCase: boolean): string {
  const ids = (path.lookupIds ??= []);
  const at = KINDS.indexOf(kind) * 2 + Number(ignoreCase);
  return (ids[at] ??= `${kind}${ignoreCase ? '~' : ':'}${path.pointer}`);
}
