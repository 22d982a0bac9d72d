import { IGNORE_CASE } from '../../../../filters/operator-names.js';
import type { FilterOperator } from '../../../../filters/filter.types.js';

interface Operator {
  /** What it asks. */
  readonly says: string;
  /** JSON of a value that it takes; `#{…}` is what its author replaces, `#{1:…}` where that is a number. */
  readonly sample: string;
}

/** The operators of the language: a new one is not forgotten here, since it would not compile. */
export const OPERATOR_HELP: Readonly<Record<FilterOperator | typeof IGNORE_CASE, Operator>> = {
  eq: { says: 'equal to a value', sample: '"#{value}"' },
  ne: { says: 'there, and not equal to a value', sample: '"#{value}"' },
  gt: { says: 'greater than a number or date', sample: '#{1:100}' },
  gte: { says: 'at least a number or date', sample: '#{1:100}' },
  lt: { says: 'less than a number or date', sample: '#{1:100}' },
  lte: { says: 'at most a number or date', sample: '#{1:100}' },
  between: { says: 'from one bound to another, both included', sample: '[#{1:10}, #{2:20}]' },
  in: { says: 'one of several values', sample: '["#{a}", "#{b}"]' },
  nin: { says: 'there, and none of several values', sample: '["#{a}", "#{b}"]' },
  contains: { says: 'a text with a part, or a list with a value', sample: '"#{part}"' },
  startsWith: { says: 'a text that begins so', sample: '"#{start}"' },
  endsWith: { says: 'a text that ends so', sample: '"#{end}"' },
  like: { says: 'a text of this form; * stands for anything', sample: '"#{A*}"' },
  all: { says: 'a list with each of several values', sample: '["#{a}", "#{b}"]' },
  size: { says: 'a list of so many elements', sample: '#{1:1}' },
  exists: { says: 'whether the field is there', sample: '#{true}' },
  any: { says: 'a list with an element that passes a filter', sample: '{ #{} }' },
  not: { says: 'there, and these operators do not hold', sample: '{ #{} }' },
  [IGNORE_CASE]: { says: 'upper and lower case count alike, beside another operator', sample: '#{true}' },
};

/** How filters are combined. */
export const LOGIC_HELP: Readonly<Record<'and' | 'or' | 'not', Operator>> = {
  and: { says: 'all of several filters', sample: '[{ #{} }]' },
  or: { says: 'at least one of several filters', sample: '[{ #{} }]' },
  not: { says: 'a filter that does not hold', sample: '{ #{} }' },
};
