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
 * Something that data may have and that leads to a filter. It says no more than "worth asking": the filter itself decides.
 */
export interface Lead {
  readonly kind: LookupKind;
  readonly path: FieldPath;
  /** Texts are compared in lower case. */
  readonly ignoreCase: boolean;
  readonly key: LeadKey;
  /** What else holds of the data if the filter matches by way of this lead: the other conditions of a branch of an `or`. */
  readonly also?: readonly Cover[];
}

/**
 * Leads of which data that matches has at least one. Without any, no data matches.
 */
export type Cover = readonly Lead[];

/** The same for every lead that one lookup serves. */
export const lookupIdOf = ({ kind, path, ignoreCase }: Lead): string =>
  `${kind}${ignoreCase ? '~' : ':'}${path.pointer}`;
