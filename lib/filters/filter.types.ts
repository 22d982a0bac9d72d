import type { JsonValue } from '../common/json.types.js';

/** A value other than an object or a list. */
export type JsonScalar = string | number | boolean | null;

/**
 * Why a part of a filter is refused.
 *
 * - `type`: an object, or a non-empty list of objects, was needed there.
 * - `operator`: there is no such operator.
 * - `operand`: the operator's value is of the wrong kind.
 * - `path`: the name is not a field path.
 * - `limit`: one of the {@link FILTER_LIMITS} is passed.
 *
 * @publicApi
 */
export type FilterIssueCode = 'type' | 'operator' | 'operand' | 'path' | 'limit';

/**
 * One problem of a filter.
 *
 * @publicApi
 */
export interface FilterIssue {
  /** The place as its author wrote it, for example `filters.or[1].amount.gtt`. */
  path: string;
  /** What kind of problem it is, for programs. */
  code: FilterIssueCode;
  /** What is wrong and what to write instead. */
  message: string;
}

/**
 * The operators of the language; `ignoreCase` is a modifier beside them.
 *
 * @publicApi
 */
export type FilterOperator =
  | 'eq'
  | 'ne'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'between'
  | 'in'
  | 'nin'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'like'
  | 'all'
  | 'size'
  | 'exists'
  | 'any'
  | 'not';

/**
 * How one operator applies to the data.
 *
 * @publicApi
 */
export interface ConditionExplanation {
  /** Where it stands in the filter, for example `filters.or[1].amount.gt`. */
  place: string;
  /** The field path as its author wrote it, for example `amount`. */
  path: string;
  /** The operator; a bare value is `eq`, a bare list is `in`. */
  operator: FilterOperator;
  /** The operator's value in the filter. */
  expected: JsonValue;
  /** What the data holds there, shortened when large; absent when the field is missing. */
  actual?: JsonValue;
  /** True when the data has no such field. */
  missing: boolean;
  /** Whether the operator holds, together with the operators beside it on the same element of a list. */
  matched: boolean;
  /** The verdict as a sentence. */
  reason: string;
}

/**
 * How a group applies to the data.
 *
 * @publicApi
 */
export interface GroupExplanation {
  /** Where it stands in the filter, for example `filters.or`. */
  place: string;
  operator: 'and' | 'or' | 'not';
  /** Whether the group holds. */
  matched: boolean;
  /** The verdict as a sentence. */
  reason: string;
}

/**
 * Why a filter matches some data or does not.
 *
 * @publicApi
 */
export interface FilterExplanation {
  /** The answer of `matchFilter` for the same filter and data. */
  matched: boolean;
  /** True if the filter needs too many steps on this data: it is neither a match nor a miss. Otherwise left out. */
  undecided?: true;
  /** The verdict on the whole in one sentence. */
  summary: string;
  /** Every operator of the filter in its author's order, those within groups included. */
  conditions: ConditionExplanation[];
  /** Every `and`, `or` and `not` in its author's order. */
  groups: GroupExplanation[];
}
